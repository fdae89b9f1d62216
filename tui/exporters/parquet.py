"""Rows as Parquet files, by DuckDB (the extra `parquet`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from tui.core.fleet import SESSIONS, TURNS, Column, Row
from tui.core.journal import JournalError

MISSING = "Parquet needs DuckDB (25 MB): pip install 'bidiscope[parquet]'."


_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def turns_path(path: Path) -> Path:
    """Where the table of turns goes, beside the one of sessions: ``fleet.turns.parquet``."""
    return path.with_name(f"{path.stem}.turns{path.suffix}")


def check() -> None:
    """See whether Parquet can be written.

    Raises:
        JournalError: The extra is not installed.
    """
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        raise JournalError(MISSING) from error


def write(path: Path, sessions: Iterable[Row], turns: Iterable[Row]) -> None:
    """Write both tables, or neither; files of those names are replaced.

    Raises:
        JournalError: The extra is not installed, or the files cannot be written.
    """
    check()
    import duckdb

    targets = (path, turns_path(path))
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".bidiscope-") as folder:
            drafts = [Path(folder) / target.name for target in targets]
            _write(drafts[0], SESSIONS, sessions)
            _write(drafts[1], TURNS, turns)
            for draft, target in zip(drafts, targets, strict=True):
                draft.chmod(0o600)
                draft.replace(target)
    except (OSError, duckdb.Error) as error:
        words = error.strerror if isinstance(error, OSError) else error
        raise JournalError(f"Cannot write {path}: {words}. Choose another place.") from error


def _write(path: Path, columns: Sequence[Column[Any]], rows: Iterable[Row]) -> None:
    """Through JSON lines, which DuckDB reads by the million with the types that it is told."""
    import duckdb

    lines = path.with_suffix(".jsonl")
    with lines.open("wb") as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    types = {column.name: column.type for column in columns}
    with duckdb.connect(config=_OFFLINE) as database:
        table = database.read_json(str(lines), columns=types, format="newline_delimited")
        table.write_parquet(str(path), compression="zstd")
