"""The recordings in a folder: found, looked at, studied, renamed and deleted.

What `study` found is kept in the data folder by path, size and time of change.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from tui.core.frame import Record
from tui.core.glance import Glancer
from tui.core.journal import JournalError
from tui.core.lint.linter import Linter, lint
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.places import data_folder
from tui.core.recording import BLOCK_BYTES, read_line, start_time_s
from tui.core.recordings import CUT_OFF, SEVERITIES, Facts, Listing, ended
from tui.core.session import Session
from tui.importers.opening import form, open_log

LIVE_S = 10.0
"""A file that was written to so recently is taken to be written still."""

GROWING = ("bidiscope", "JSON Lines")
"""Forms that are written line by line."""

TAIL_BYTES = 512 << 10
"""At the end of a recording, where its last record is looked for: a picture is 80 kB."""

MOST_NAME_BYTES = 200


def default_folder() -> Path:
    """Where sessions are recorded to unless --record says otherwise."""
    return data_folder() / "recordings"


def scan(folder: Path, known: Mapping[Path, Listing] | None = None) -> list[Listing]:
    """The recordings in a folder, those below it left out; blocks for the first bytes of each.

    Links to files are listed, links to folders are not followed. What is in ``known`` and has not
    changed since is not looked at again.

    Raises:
        JournalError: The folder cannot be read.
    """
    known = known or {}
    try:
        paths = list(folder.iterdir())
    except OSError as error:
        raise JournalError(f"Cannot list {folder}: {error.strerror}.") from error
    listed = (_listing(path, known) for path in paths)
    return [each for each in listed if each is not None]


def _listing(path: Path, known: Mapping[Path, Listing]) -> Listing | None:
    try:
        status = path.stat()
    except OSError:  # it went meanwhile, or is a link to nowhere
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    recent = time.time() - status.st_mtime < LIVE_S
    before = known.get(path)
    if before and before.key == (str(path), status.st_size, status.st_mtime_ns):
        return replace(before, live=before.live and recent)
    kind = form(path)
    if not kind:
        return None
    facts = _glance(path) if kind == "bidiscope" else Facts()
    live = recent and kind in GROWING and facts.end in ("", CUT_OFF)
    return Listing(path, kind, status.st_size, status.st_mtime_ns, live, facts)


def _glance(path: Path) -> Facts:
    """What the first line and the last ones of a recording of ours say."""
    try:
        with path.open("rb") as file:
            header = read_line(file.readline(BLOCK_BYTES))
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read(TAIL_BYTES)
    except (OSError, JournalError) as error:
        return Facts(problem=str(error))
    if not isinstance(header, dict):
        return Facts(problem="It has no header.")
    last = _last_record(tail)
    end, reason = ended(last) if last else ("", "")
    return Facts(
        started_s=start_time_s(header) or None,
        model=str(header.get("model", "")),
        length_s=last.mono_s if last else None,
        end=end,
        reason=reason,
    )


def _last_record(tail: bytes) -> Record | None:
    read = Glancer().read
    for line in reversed(tail.splitlines()):
        with suppress(JournalError):
            record = read(line)
            if not isinstance(record, dict):
                return record
    return None


def study(path: Path) -> Facts:
    """What all of a recording says; blocks for as long as it takes to read it."""
    try:
        log = open_log(path)
    except JournalError as error:
        return Facts(problem=str(error), studied=True)
    try:
        return _facts(log)
    finally:
        log.close()


def _facts(log: SessionLog) -> Facts:
    header, session = log.header, log.session
    last = log.glance(len(log) - 1) if len(log) else None
    end, reason = ended(last)
    timed = header.get("timed") is not False
    return Facts(
        started_s=start_time_s(header) or None if timed else None,
        model=str(header.get("model", "")) or _model(session),
        length_s=session.now_s if timed else None,
        end=end if "imported" not in header else "",
        reason=reason,
        turns=len(session.turns),
        messages=len(log) - log.directions.count(b"e"),
        findings=_findings(log),
        studied=True,
    )


def _findings(log: SessionLog) -> Mapping[str, int]:
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    return {name: linter.findings.count(Severity[name.upper()]) for name in SEVERITIES}


def _model(session: Session) -> str:
    return session.connection.model if session.connection else ""


class Memory:
    """What was found by studying, in a file of the data folder."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_folder() / "sessions.json"
        self._facts: dict[str, dict[str, Any]] = {}
        with suppress(OSError, ValueError, TypeError):
            stored = orjson.loads(self._path.read_bytes())
            if stored["version"] == version("bidiscope"):
                self._facts = dict(stored["facts"])

    def recall(self, listing: Listing) -> Listing:
        """The recording with what is remembered of it."""
        with suppress(KeyError, TypeError):
            return replace(listing, facts=Facts(**self._facts[_key(listing)]))
        return listing

    def keep(self, listings: Iterable[Listing]) -> None:
        """Remember these, and forget what is said of files that are gone or have changed."""
        kept = {_key(each): asdict(each.facts) for each in listings if each.facts.studied}
        facts = {key: each for key, each in (self._facts | kept).items() if _is_current(key)}
        if facts == self._facts:
            return
        self._facts = facts
        with suppress(OSError):  # it is only a help
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
                file.write(orjson.dumps({"version": version("bidiscope"), "facts": facts}))
            Path(file.name).replace(self._path)


def _key(listing: Listing) -> str:
    path, size, modified_ns = listing.key
    return f"{size} {modified_ns} {path}"


def _is_current(key: str) -> bool:
    size, modified_ns, path = key.split(" ", 2)
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return False
    return (status.st_size, status.st_mtime_ns) == (int(size), int(modified_ns))


def delete(path: Path) -> None:
    """Remove a recording for good; of a link only the link.

    Raises:
        JournalError: It cannot be.
    """
    try:
        path.unlink()
    except OSError as error:
        raise JournalError(f"Cannot delete {path.name}: {error.strerror}.") from error


def rename(path: Path, name: str) -> Path:
    """Give a recording another name in its folder; returns where it is now.

    Raises:
        JournalError: The name is none that is safe, or is taken.
    """
    name = name.strip()
    if path.suffix and not name.endswith(path.suffix):
        name += path.suffix
    if not _is_safe(name):
        raise JournalError(
            f"{name} is no name for a file: use letters, digits, spaces and . - _ , at most "
            f"{MOST_NAME_BYTES} bytes, no dot at the beginning."
        )
    target = path.with_name(name)
    try:
        if os.path.lexists(target):
            raise JournalError(f"There is a {name} already: choose another name.")
        path.rename(target)
    except OSError as error:
        raise JournalError(f"Cannot rename {path.name}: {error.strerror}.") from error
    return target


def _is_safe(name: str) -> bool:
    plain = name.isprintable() and not set(name) & set('/\\:*?"<>|')
    return plain and not name.startswith(".") and 0 < len(name.encode()) <= MOST_NAME_BYTES
