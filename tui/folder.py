"""The files of a folder, for a person who looks for one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tui.core.attachment import size_words

MOST = 5000
"""No more entries are looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder."""

    name: str
    folder: bool
    size: str = ""
    """Of a file, in words."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder: folders first, or why it cannot be seen."""

    path: Path
    entries: tuple[Entry, ...] = ()
    problem: str = ""
    """A sentence; there may be entries nevertheless."""


def listing(path: Path) -> Listing:
    """What is in a folder; hidden entries too, last. Blocks as long as the disk does."""
    entries: list[Entry] = []
    problem = ""
    try:
        with os.scandir(path) as found:
            for each in found:
                if len(entries) == MOST:
                    problem = f"Only {MOST:,} entries are shown: type the name's beginning."
                    break
                entries.append(_entry(each))
    except OSError as error:
        problem = f"{path} cannot be looked into: {error.strerror or error}."
    entries.sort(key=lambda each: (each.name.startswith("."), not each.folder, each.name.lower()))
    return Listing(path, tuple(entries), problem)


def _entry(found: os.DirEntry[str]) -> Entry:
    try:
        if found.is_dir():
            return Entry(found.name, folder=True)
        return Entry(found.name, folder=False, size=size_words(found.stat().st_size))
    except OSError:  # a link that leads nowhere
        return Entry(found.name, folder=False)
