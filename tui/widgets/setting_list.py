"""The fields of a configuration: one a line, under their groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from tui.core.configuration.availability import LIVE
from tui.core.configuration.draft import Row
from tui.core.text import safe
from tui.line_view import LineView, fit

LABEL, NARROW_LABEL = 22, 20
WAY = 16
"""Cells of what it takes to change a field; on narrow terminals a word is left of it."""
MOST_VALUE = 90
"""Cells of a value; on wide terminals the rest stays empty."""
CHANGED = "●"


class SettingList(LineView):
    """Rows of a draft; the cursor passes over the groups."""

    DEFAULT_CSS = """
    SettingList {
        & > .setting-list--group { color: $bd-family-server-content; text-style: bold; }
        & > .setting-list--label { color: $foreground; }
        & > .setting-list--value { color: $bd-received; }
        & > .setting-list--dim { color: $bd-family-metadata; }
        & > .setting-list--changed { color: $bd-sent; text-style: bold; }
        & > .setting-list--refused { color: $bd-unknown; }
        & > .setting-list--live { color: $bd-speech; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"setting-list--{name}"
        for name in ("group", "label", "value", "dim", "changed", "refused", "live")
    }

    @dataclass
    class Highlighted(Message):
        """The cursor is on this row; None when there is none."""

        row: Row | None

    @dataclass
    class Opened(Message):
        """This row was double-clicked."""

        row: Row

    def __init__(self) -> None:
        super().__init__(id="setting-list")
        self._lines: list[Row | str] = []

    @property
    def line_count(self) -> int:
        """A line for each row, and for each group."""
        return len(self._lines)

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        line = self._lines[self.cursor] if self._lines else ""
        return line if isinstance(line, Row) else None

    def show(self, rows: Iterable[Row]) -> None:
        """Other rows, or the same with other values; the cursor stays on its field."""
        name = self.row.field.name if self.row else ""
        self._lines = []
        group = ""
        for row in rows:
            if row.field.group != group:
                group = row.field.group
                self._lines.append(group)
            self._lines.append(row)
        self.redraw()
        at = (n for n, each in enumerate(self._lines) if name and _name(each) == name)
        self.move_cursor(next(at, 1))
        if self.cursor == 1:
            self.reveal(0)
        self.post_message(self.Highlighted(self.row))

    def action_cursor_by(self, lines: int) -> None:
        """Up or down, over a group."""
        before = self.cursor
        super().action_cursor_by(lines)
        if self.row is None:
            super().action_cursor_by(lines)
        if self.row is None:
            self.move_cursor(before)

    def action_cursor_home(self) -> None:
        """To the first field, with its group in view."""
        super().action_cursor_home()
        self.move_cursor(1)

    def action_group(self, step: int) -> None:
        """To the first field of the next group, or of this one and the one before."""
        line = self.cursor + (step if step > 0 else -2)
        while 0 <= line < len(self._lines):
            if isinstance(self._lines[line], str):
                self.reveal(line)
                self.move_cursor(line + 1)
                return
            line += step

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which one it is."""
        super().watch_cursor(before, after)
        self.post_message(self.Highlighted(self.row))

    def activate(self) -> None:
        """Change it."""
        if self.row is not None:
            self.post_message(self.Opened(self.row))

    def draw(self, line: int, width: int) -> Strip:
        """One field, or the name of a group."""
        row = self._lines[line]
        if isinstance(row, str):
            return Strip(fit([Segment(f" {row}", self._style("group"))], width))
        label, way = (LABEL, WAY) if width >= 90 else (NARROW_LABEL, len("reconnect") + 1)
        said = row.change if width >= 90 else row.change.rpartition(" ")[2]
        mark = Segment(f" {CHANGED if row.changed else ' '} ", self._style("changed"))
        name = Segment(row.field.label, self._style("dim" if row.reason else "label"))
        tail = Segment(said.ljust(way), self._style("live" if row.change == LIVE else "dim"))
        middle = fit(self._value(row), min(MOST_VALUE, max(8, width - label - way - 5)))
        return Strip([mark, *fit([name], label), *middle, Segment("  "), tail])

    def _value(self, row: Row) -> list[Segment]:
        value = safe(row.value)
        refused = bool(row.reason) and row.changed
        style = self._style(
            "changed" if row.changed else "dim" if row.reason or not value else "value"
        )
        note = row.reason or row.source
        pieces = [Segment(value or "–", style), Segment(f"  {safe(note)}", self._style("dim"))]
        if refused:
            pieces[1] = Segment(f"  {safe(note)}", self._style("refused"))
        return pieces

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"setting-list--{name}", partial=True)


def _name(line: Row | str) -> str:
    return line.field.name if isinstance(line, Row) else ""
