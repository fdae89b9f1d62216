"""A folder's recordings in words: what is known of each, how they are sorted and searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tui.core.frame import Event, Record
from tui.core.row_text import size_text
from tui.core.text import safe

UNKNOWN = "n/a"
LIVE, CUT_OFF = "live", "cut off"

SEVERITIES = ("error", "warn", "note")
"""Of findings that are counted, the gravest first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording says of itself; None and empty are not known."""

    started_s: float | None = None
    """Unix time of its beginning."""
    model: str = ""
    length_s: float | None = None
    end: str = ""
    """How its last connection ended, or `CUT_OFF`."""
    reason: str = ""
    """What was said at that."""
    turns: int | None = None
    messages: int | None = None
    findings: Mapping[str, int] | None = None
    """How many of each of `SEVERITIES`."""
    problem: str = ""
    """Why it cannot be read, in a sentence."""
    studied: bool = False
    """Whether all of it was read for this."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A recording in a folder."""

    path: Path
    form: str
    """bidiscope, HAR, JSON Lines; packed or not."""
    size_bytes: int
    modified_ns: int
    live: bool
    """Whether it is being written."""
    facts: Facts

    @property
    def key(self) -> tuple[str, int, int]:
        """Changes when the file does."""
        return str(self.path), self.size_bytes, self.modified_ns


def ended(record: Record | None) -> tuple[str, str]:
    """How a recording ended, by its last record, and what was said at that."""
    if not isinstance(record, Event) or record.name != "connection.closed":
        return CUT_OFF, ""
    code, by = record.detail.get("code"), str(record.detail.get("by", ""))
    said = str(record.detail.get("message") or record.detail.get("reason") or "")
    words = [str(code) if isinstance(code, int) else "closed", by]
    return " ".join(filter(None, words)), said


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a list of recordings tells."""

    title: str
    text: Callable[[Listing], str]
    rank: Callable[[Listing], Any]
    """What it is sorted by, the most interesting last."""
    right: bool = False


def _when(listing: Listing) -> str:
    started_s = listing.facts.started_s
    if started_s is None:
        return UNKNOWN
    try:
        return f"{datetime.fromtimestamp(started_s):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return UNKNOWN


def _length(listing: Listing) -> str:
    length_s = listing.facts.length_s
    if length_s is None or not 0 <= length_s < 1e7:
        return UNKNOWN
    seconds = round(length_s)
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _count(count: int | None, studied: bool) -> str:
    if count is None:
        return UNKNOWN if studied else "…"
    return f"{count:,}"


def _turns(listing: Listing) -> str:
    return _count(listing.facts.turns, listing.facts.studied)


def _findings(listing: Listing) -> str:
    """``2E 1W``; a dash when there are none."""
    found = listing.facts.findings
    if found is None:
        return _count(None, listing.facts.studied)
    counts = (f"{found[name]}{name[0].upper()}" for name in SEVERITIES if found.get(name))
    return " ".join(counts) or "-"


def _gravity(listing: Listing) -> tuple[int, ...]:
    found = listing.facts.findings or {}
    return tuple(found.get(name, 0) for name in SEVERITIES)


def _end(listing: Listing) -> str:
    if listing.live:
        return LIVE
    return "unreadable" if listing.facts.problem else listing.facts.end or UNKNOWN


COLUMNS: Mapping[str, Column] = {
    "date": Column("Date", _when, lambda each: each.facts.started_s or each.modified_ns / 1e9),
    "model": Column(
        "Model", lambda each: each.facts.model or UNKNOWN, lambda each: each.facts.model
    ),
    "length": Column("Length", _length, lambda each: each.facts.length_s or 0.0, right=True),
    "turns": Column("Turns", _turns, lambda each: each.facts.turns or 0, right=True),
    "end": Column("End", _end, _end),
    "findings": Column("Findings", _findings, _gravity),
    "size": Column(
        "Size", lambda each: size_text(each.size_bytes), lambda each: each.size_bytes, right=True
    ),
    "name": Column("File", lambda each: each.path.name, lambda each: each.path.name.casefold()),
}
"""By the name that one sorts by, in the order in which they are shown."""

WORDS = frozenset(("model", "end", "name"))
"""Columns that are sorted from A to Z; the others from the most to the least."""


def cell(name: str, listing: Listing) -> str:
    """What a column says; safe for a terminal."""
    return safe(COLUMNS[name].text(listing))


def ordered(listings: Iterable[Listing], by: str, *, backwards: bool = False) -> list[Listing]:
    """The recordings by a column; equal ones from the newest on."""
    newest = sorted(listings, key=COLUMNS["date"].rank, reverse=True)
    return sorted(newest, key=COLUMNS[by].rank, reverse=(by not in WORDS) is not backwards)


def matching(listings: Iterable[Listing], words: str) -> list[Listing]:
    """Those that say all the words, in any column and any case."""
    wanted = words.casefold().split()
    return [each for each in listings if all(word in _said(each) for word in wanted)]


def _said(listing: Listing) -> str:
    cells = [cell(name, listing) for name in COLUMNS]
    return "\n".join([*cells, listing.form, listing.facts.reason]).casefold()


def widths(listings: Sequence[Listing], names: Sequence[str]) -> list[int]:
    """Cells that the columns need."""
    return [
        max([len(COLUMNS[name].title), *(len(cell(name, each)) for each in listings)])
        for name in names
    ]
