"""Filters saved by name: ``filters.toml`` in the user's config folder."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui.core.journal import JournalError
from tui.core.places import config_folder
from tui.core.text import safe

NAME = re.compile(r"[\w-]{1,40}", re.ASCII)
LARGEST_BYTES = 1 << 18


@dataclass(frozen=True)
class SavedFilters:
    """Queries by name, and what was wrong with the file that had them."""

    queries: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    """A sentence; empty when nothing was."""


def place(environ: Mapping[str, str] = os.environ) -> Path:
    """The file they are in."""
    return config_folder(environ) / "filters.toml"


def load(environ: Mapping[str, str] = os.environ) -> SavedFilters:
    """What is saved; a file that cannot be understood is a problem, and saves nothing."""
    path = place(environ)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return SavedFilters()
    except OSError as error:
        return SavedFilters(problem=f"The saved filters cannot be read from {path}: {_why(error)}.")
    try:
        if len(data) > LARGEST_BYTES:
            raise ValueError("it is too large")
        queries = tomllib.loads(data.decode()).get("filters", {})
        wrong = [name for name, query in queries.items() if not _is_filter(name, query)]
    except (ValueError, AttributeError, RecursionError) as error:
        return SavedFilters(problem=safe(f"The saved filters in {path} are no TOML: {error}."))
    if wrong:
        problem = f'In {path} the filter {wrong[0]} is no name = "query".'
        kept = {name: query for name, query in queries.items() if name not in wrong}
        return SavedFilters(kept, safe(problem))
    return SavedFilters(queries)


def save(name: str, query: str, environ: Mapping[str, str] = os.environ) -> SavedFilters:
    """Save a query by a name, or forget the name where the query is empty; returns all of them.

    Raises:
        JournalError: The name is none, the file is one that we cannot understand, or it cannot be
            written; one sentence.
    """
    if NAME.fullmatch(name) is None:
        raise JournalError(f"{safe(name)} is no name: use letters, digits, - and _.")
    before = load(environ)
    if before.problem:
        raise JournalError(f"{before.problem} Mend or remove it first.")
    queries = {**before.queries, name: query}
    if not query:
        del queries[name]
    _write(place(environ), queries)
    return SavedFilters(queries)


def _write(path: Path, queries: Mapping[str, str]) -> None:
    """All at once, for its owner alone."""
    lines = [f"{name} = {_quoted(query)}" for name, query in sorted(queries.items())]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(["[filters]", *lines, ""]))
        draft.replace(path)
    except OSError as error:
        raise JournalError(f"The filter cannot be saved to {path}: {_why(error)}.") from error


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes, and one more character that it wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_filter(name: str, query: object) -> bool:
    return NAME.fullmatch(name) is not None and isinstance(query, str)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
