"""One function call in full: its arguments and its answers."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from tui.core import json_tree, media
from tui.core.json_tree import JsonTree
from tui.line_view import LineView, fit

UNSEEN_WIDTH: Final = 80
"""What lines are made for while the pane is hidden."""
INDENT: Final = 12
"""Cells that the wrapped lines of a long string leave."""


class CallDetail(LineView):
    """Arguments and answers of a call, as JSON that opens and closes."""

    DEFAULT_CSS = """
    CallDetail {
        & > .call-detail--key { color: $bd-family-client; }
        & > .call-detail--text { color: $foreground; }
        & > .call-detail--number { color: $bd-received; }
        & > .call-detail--word { color: $bd-family-events; }
        & > .call-detail--chip { color: $bd-family-server-content; text-style: bold; }
        & > .call-detail--dim { color: $bd-family-metadata; }
        & > .call-detail--unknown { color: $bd-unknown; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"call-detail--{name}" for name in json_tree.PIECES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "open", "Open", id="call.open"),
        Binding("left", "close", "Fold", id="call.close", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._value: dict[str, Any] = {}
        self._tree = JsonTree.remark("")

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._tree) if self._value else 0

    def show(self, value: dict[str, Any]) -> None:
        """Show another object, or what the same one has become."""
        if value != self._value:
            self._value = value
            self._make()
            self.move_cursor(0)

    def _make(self) -> None:
        wrap = max(20, (self.text_width or UNSEEN_WIDTH) - INDENT)
        self._tree = JsonTree(self._value, rate_hz=media.OUTPUT_RATE_HZ, wrap=wrap)
        self.redraw()

    def action_open(self) -> None:
        """Show what is below the line; close it again where it is open."""
        if self._tree.open(self.cursor) or self._tree.close(self.cursor):
            self.redraw()

    def action_close(self) -> None:
        """Hide what is below the line, or go to what it is below."""
        if self._tree.close(self.cursor):
            self.redraw()
        else:
            self.move_cursor(self._tree.parent(self.cursor))

    def activate(self) -> None:
        """A double click opens and closes."""
        self.action_open()

    def on_resize(self, event: events.Resize) -> None:
        """Long strings are wrapped for a width."""
        if self._value:
            self._make()

    def draw(self, line: int, width: int) -> Strip:
        """One line."""
        segments = [
            Segment(text, self.get_component_rich_style(f"call-detail--{piece}", partial=True))
            for text, piece in self._tree.line(line)
        ]
        return Strip(fit(segments, width))
