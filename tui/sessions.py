"""`bidiscope sessions`, and the study of recordings by a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from tui import library
from tui.core.recordings import COLUMNS, Facts, Listing, cell, matching, ordered, widths
from tui.core.text import safe
from tui.outcome import Outcome

PATIENCE_S = 5.0
KINDNESS = 10
"""nice(2): a session that goes on meanwhile comes first."""


def run(folder: Path | None, sort: str, words: str, *, quick: bool, as_json: bool) -> int:
    """Print the table, or JSON.

    Raises:
        JournalError: The folder cannot be read.
    """
    own = library.default_folder()
    folder = folder or own
    memory = library.Memory()
    listings = [] if folder == own and not own.exists() else library.scan(folder)
    listings = [memory.recall(each) for each in listings]
    if not quick:
        listings = [*map(_studied, listings)]
        memory.keep(listings)
    listings = ordered(matching(listings, words), sort)
    if as_json:
        print(orjson.dumps([*map(_row, listings)], option=orjson.OPT_INDENT_2).decode())
    elif listings:
        print("\n".join(_table(listings)))
    else:
        print(f"No recordings in {safe(str(folder))}.", file=sys.stderr)
    return Outcome.OK


def _studied(listing: Listing) -> Listing:
    if listing.facts.studied:
        return listing
    return replace(listing, facts=library.study(listing.path))


def _table(listings: Sequence[Listing]) -> Iterator[str]:
    """Aligned columns, the file's name last."""
    names = list(COLUMNS)
    rows = [[COLUMNS[name].title for name in names]]
    rows += [[cell(name, each) for name in names] for each in listings]
    wide = widths(listings, names)
    for row in rows:
        cells = (
            f"{text:>{width}}" if COLUMNS[name].right else f"{text:<{width}}"
            for name, text, width in zip(names, row, wide, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _row(listing: Listing) -> dict[str, Any]:
    facts = asdict(listing.facts)
    problem = facts.pop("problem")
    del facts["studied"]
    row = {"file": str(listing.path), "form": listing.form, "size_bytes": listing.size_bytes}
    return {**row, "live": listing.live, **facts, "problem": problem}


class Study:
    """Reads recordings whole in another process; their facts come as they are found."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._listings = {str(each.path): each for each in listings}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui", "sessions", "--study"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __iter__(self) -> Iterator[Listing]:
        """Blocks until one is studied; ends early after `stop`."""
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None and told is not None
        for path, listing in self._listings.items():
            with suppress(OSError, ValueError):
                asked.write(orjson.dumps(os.fsencode(path).hex()) + b"\n")
                asked.flush()
                yield replace(listing, facts=Facts(**orjson.loads(told.readline())))

    def stop(self) -> None:
        """Give it up."""
        self._process.kill()
        self._process.wait(PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class Shelf:
    """A folder of recordings for the sessions browser."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._memory = library.Memory()

    def scan(self, known: Mapping[Path, Listing]) -> list[Listing]:
        """What is there, with what is remembered; a folder that is not there yet is empty.

        Raises:
            JournalError: It cannot be read.
        """
        listings = library.scan(self.folder, known) if self.folder.exists() else []
        return [each if each.facts.studied else self._memory.recall(each) for each in listings]

    def study(self, listings: Iterable[Listing]) -> Study:
        """Begin to read these whole, in another process."""
        return Study(listings)

    def keep(self, listings: Iterable[Listing]) -> None:
        """Remember what was found."""
        self._memory.keep(listings)

    def delete(self, path: Path) -> None:
        """For good."""
        library.delete(path)

    def rename(self, path: Path, name: str) -> Path:
        """In its folder."""
        return library.rename(path, name)


def study_those_asked() -> int:
    """Answer each path on standard input with its facts, one JSON line each."""
    if hasattr(os, "nice"):
        os.nice(KINDNESS)
    for line in sys.stdin.buffer:
        path = Path(os.fsdecode(bytes.fromhex(orjson.loads(line))))
        facts = library.study(path)
        print(orjson.dumps(asdict(facts)).decode(), flush=True)
    return Outcome.OK
