"""The inspector's lines: one view of a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.core import diff_lines, json_tree
from tui.core.json_tree import JsonTree, Line
from tui.line_view import LineView, fit

UNSEEN_WIDTH = 80
"""What lines are made for while the pane is hidden."""


class Lines(Protocol):
    """What the body shows."""

    def __len__(self) -> int: ...

    def line(self, at: int) -> Line:
        """One line in pieces, safe for a terminal."""
        ...


class Still:
    """Lines that are there already; below them there may be a picture."""

    def __init__(self, lines: Sequence[Line], picture: Sequence[Strip] = ()) -> None:
        self._lines = lines
        self._picture = picture

    def __len__(self) -> int:
        return len(self._lines) + len(self._picture)

    def line(self, at: int) -> Line:
        """One of the lines."""
        return self._lines[at]

    def strip(self, at: int) -> Strip | None:
        """A line of the picture; None for another line."""
        return self._picture[at - len(self._lines)] if at >= len(self._lines) else None


class InspectorBody(LineView):
    """The lines of one view of a record."""

    DEFAULT_CSS = """
    InspectorBody {
        & > .inspector-body--key { color: $bd-family-client; }
        & > .inspector-body--text { color: $foreground; }
        & > .inspector-body--number { color: $bd-received; }
        & > .inspector-body--word { color: $bd-family-events; }
        & > .inspector-body--chip { color: $bd-family-server-content; text-style: bold; }
        & > .inspector-body--dim { color: $bd-family-metadata; }
        & > .inspector-body--unknown { color: $bd-unknown; text-style: bold; }
        & > .inspector-body--added { color: $success; }
        & > .inspector-body--removed { color: $error; }
        & > .inspector-body--changed { color: $warning; }
        & > .inspector-body--wave { color: $bd-family-server-content; }
        & > .inspector-body--heard { color: $bd-speech; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"inspector-body--{piece}"
        for piece in (*json_tree.PIECES, *diff_lines.PIECES.values(), "wave", "heard")
    }

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self) -> None:
        super().__init__()
        self._make: Callable[[int], Lines] = lambda width: JsonTree.remark("")
        self.lines: Lines = self._make(0)

    @property
    def line_count(self) -> int:
        """How many lines the view has."""
        return len(self.lines)

    @property
    def json_tree(self) -> JsonTree | None:
        """The tree, if that is the view."""
        return self.lines if isinstance(self.lines, JsonTree) else None

    def show(self, make: Callable[[int], Lines]) -> None:
        """Show other lines, made for a width, from the first."""
        self._make = make
        self.move_cursor(0)
        self.remake()

    def remake(self) -> None:
        """Make the lines anew; the cursor stays."""
        self.lines = self._make(self.text_width or UNSEEN_WIDTH)
        self.redraw()
        self.post_message(self.Moved())

    def watch_cursor(self, before: int, after: int) -> None:
        """Say so."""
        super().watch_cursor(before, after)
        self.post_message(self.Moved())

    def draw(self, line: int, width: int) -> Strip:
        """One line."""
        if isinstance(self.lines, Still) and (strip := self.lines.strip(line)) is not None:
            return strip
        style = self.get_component_rich_style
        segments = (
            Segment(text, style(f"inspector-body--{piece}", partial=True))
            for text, piece in self.lines.line(line)
        )
        return Strip(fit(segments, width))

    def on_resize(self, event: events.Resize) -> None:
        """Text and bytes are laid out for a width; a tree stays as it is open."""
        if self.json_tree is None:
            self.remake()

    def text(self, line: int) -> str:
        """One line as it reads."""
        if isinstance(self.lines, Still) and (strip := self.lines.strip(line)) is not None:
            return strip.text
        return "".join(text for text, _ in self.lines.line(line))

    def activate(self) -> None:
        """A double click opens or closes."""
        if not self.open():
            self.close()

    def open(self) -> bool:
        """Show what is below the line; returns False when there is nothing to show."""
        if self.json_tree is None or not self.json_tree.open(self.cursor):
            return False
        self.redraw()
        return True

    def close(self) -> bool:
        """Hide what is below the line; returns False when nothing is shown."""
        if self.json_tree is None or not self.json_tree.close(self.cursor):
            return False
        self.redraw()
        return True

    def to_parent(self) -> None:
        """Put the cursor on the line that this one is below."""
        if self.json_tree is not None:
            self.move_cursor(self.json_tree.parent(self.cursor))
