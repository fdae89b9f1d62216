"""The list of tapped sessions: one a line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from tui.core.tapped import Tapped
from tui.core.text import safe
from tui.line_view import LineView, fit

COLUMNS = (("began", 8), ("lasts", 8), ("messages", 9), ("turns", 5))
"""Those of numbers, and their cells."""
MODEL = 28


class TappedList(LineView):
    """Sessions in the order in which they began."""

    DEFAULT_CSS = """
    TappedList {
        & > .tapped-list--model { color: $bd-received; }
        & > .tapped-list--live { color: $bd-speech; text-style: bold; }
        & > .tapped-list--bad { color: $bd-unknown; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"tapped-list--{name}" for name in ("model", "live", "bad")
    }

    @dataclass
    class Opened(Message):
        """This session was double-clicked; its number counts from 0."""

        session: int

    def __init__(self) -> None:
        super().__init__(id="tapped-list")
        self._sessions: Sequence[Tapped] = ()

    @property
    def line_count(self) -> int:
        """A line for each."""
        return len(self._sessions)

    def show(self, sessions: Sequence[Tapped]) -> None:
        """What is known of them now; at the last one the cursor goes on to what is new."""
        before, follows = self._sessions, self.cursor >= self.line_count - 1
        self._sessions = sessions
        changed = (
            line
            for line, session in enumerate(sessions)
            if line >= len(before) or session != before[line]
        )
        self.redraw_lines(changed)
        if follows and len(sessions) > len(before):
            self.move_cursor(len(sessions) - 1)

    def activate(self) -> None:
        """Open it."""
        if self._sessions:
            self.post_message(self.Opened(self.cursor))

    def draw(self, line: int, width: int) -> Strip:
        """One session."""
        return Strip(fit(self._segments(self._sessions[line], width), width))

    def _segments(self, session: Tapped, width: int) -> Iterator[Segment]:
        began = time.strftime("%H:%M:%S", time.localtime(session.began_s))
        numbers = (began, session.clock, f"{session.messages:,}", f"{session.turns}")
        for text, (_, cells) in zip(numbers, COLUMNS, strict=True):
            yield Segment(f"{text:>{cells}}  ")
        model = fit([Segment(safe(session.model))], _model_cells(width))
        yield from Segment.apply_style(model, self._style("model"))
        look = "live" if not session.over else "" if session.healthy else "bad"
        yield Segment(f"  {safe(session.end)}", self._style(look) if look else None)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"tapped-list--{name}", partial=True)


def titles(width: int) -> str:
    """The line above the list."""
    numbers = "".join(f"{name:>{cells}}  " for name, cells in COLUMNS)
    return f"{numbers}{'model':<{_model_cells(width)}}  state"


def _model_cells(width: int) -> int:
    return MODEL if width >= 100 else 20
