"""The list of recordings: one a line, in columns as wide as there is room."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from tui.core.recordings import COLUMNS, LIVE, Listing, cell
from tui.line_view import LineView, fit

MARK, ASCENDING, DESCENDING = "●", "▴", "▾"
_FIXED = {"length": 7, "turns": 6, "end": 12, "findings": 11, "size": 9}
_DATE, _SHORT_DATE = 16, 11
_YEAR = len("2026-")


def fitting(width: int) -> dict[str, int]:
    """The columns that a list of that width has room for, and their cells."""
    cells = {"date": _DATE if width >= 90 else _SHORT_DATE, "model": 0, **_FIXED}
    rest = width - 2 - sum(cells.values()) - len(cells)
    if rest < 40:
        return {**cells, "model": max(8, rest)}
    model = 24 if rest < 90 else 32
    return {**cells, "model": model, "name": rest - model - 1}


class SessionList(LineView):
    """Recordings in the order given, some of them marked."""

    DEFAULT_CSS = """
    SessionList {
        & > .session-list--title { color: $bd-family-metadata; text-style: bold; }
        & > .session-list--dim { color: $bd-family-metadata; }
        & > .session-list--live { color: $bd-speech; text-style: bold; }
        & > .session-list--bad { color: $bd-unknown; }
        & > .session-list--model { color: $bd-received; }
        & > .session-list--mark { color: $bd-sent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"session-list--{name}" for name in ("title", "dim", "live", "bad", "model", "mark")
    }

    @dataclass
    class Highlighted(Message):
        """The cursor is on this recording; None when there is none."""

        listing: Listing | None

    @dataclass
    class Opened(Message):
        """This recording was double-clicked."""

        listing: Listing

    def __init__(self) -> None:
        super().__init__(id="session-list")
        self._listings: Sequence[Listing] = ()
        self._marked: Collection[Path] = ()

    @property
    def line_count(self) -> int:
        """A line for each."""
        return len(self._listings)

    @property
    def chosen(self) -> Listing | None:
        """The one under the cursor."""
        return self._listings[self.cursor] if self._listings else None

    def show(self, listings: Sequence[Listing], marked: Collection[Path]) -> None:
        """Other recordings, or other facts of them; the cursor stays on its own, or at the top."""
        if self._listings == listings and self._marked == marked:
            return
        path, before = self.chosen.path if self.chosen and self.cursor else None, self.cursor
        self._listings, self._marked = listings, marked
        at = (nth for nth, listing in enumerate(listings) if listing.path == path)
        self.redraw()
        self.move_cursor(next(at, before))
        self.post_message(self.Highlighted(self.chosen))

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which one it is."""
        super().watch_cursor(before, after)
        self.post_message(self.Highlighted(self.chosen))

    def activate(self) -> None:
        """Open it."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def draw(self, line: int, width: int) -> Strip:
        """One recording."""
        listing = self._listings[line]
        mark = MARK if listing.path in self._marked else " "
        segments = [Segment(f"{mark} ", self._style("mark")), *self._cells(listing, width)]
        return Strip(fit(segments, width))

    def _cells(self, listing: Listing, width: int) -> Iterator[Segment]:
        for name, cells in fitting(width).items():
            text = cell(name, listing)
            if name == "date" and cells == _SHORT_DATE and len(text) > cells:
                text = text[_YEAR:]
            yield from _aligned(text, cells, self._of(name, text, listing), COLUMNS[name].right)

    def _of(self, name: str, text: str, listing: Listing) -> Style | None:
        """How a cell looks: what is wrong stands out."""
        if text in ("…", "n/a", "-"):
            return self._style("dim")
        if name == "model":
            return self._style("model")
        if name == "end" and text == LIVE:
            return self._style("live")
        bad = (name == "end" and not text.startswith("1000")) or (
            name == "findings" and bool(listing.facts.findings and listing.facts.findings["error"])
        )
        return self._style("bad") if bad else None

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"session-list--{name}", partial=True)


def titles(width: int, by: str, *, backwards: bool) -> str:
    """The line above the list; the column that it is sorted by has an arrow."""
    arrow = ASCENDING if backwards else DESCENDING
    words = (
        (COLUMNS[name].title + (arrow if name == by else ""), cells, COLUMNS[name].right)
        for name, cells in fitting(width).items()
    )
    aligned = (f"{text:>{cells}}" if right else f"{text:<{cells}}" for text, cells, right in words)
    return "  " + " ".join(aligned)


def _aligned(text: str, cells: int, style: Style | None, right: bool) -> Iterator[Segment]:
    fitted = "".join(segment.text for segment in fit([Segment(text)], cells))
    yield Segment(f"{fitted.rstrip():>{cells}}" if right else fitted, style)
    yield Segment(" ")
