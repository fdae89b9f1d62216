"""The line of a recording's time machine, and where a person says where to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui.core.text import safe
from tui.core.transport import Transport

GAP: Final = "  "
LEAST_BAR_CELLS: Final = 8
_SIGNS: Final = {"PLAYING": "▶", "PAUSED": "║", "END": "■"}
_STATE_CELLS: Final = len("▶ PLAYING")


class Field(NamedTuple):
    """One thing that the line says. The highest rank gives way first."""

    rank: int
    look: str
    text: str


def fields(transport: Transport) -> Iterator[Field]:
    """What there is to say, the bar left out, from left to right."""
    look = "playing" if transport.playing else "resting"
    state = f"{_SIGNS[transport.state]} {transport.state}"
    yield Field(0, look, f"{state:<{_STATE_CELLS}}")
    yield Field(1, "text", transport.clock)
    yield Field(2, "text", f"{transport.speed:g}x")
    if transport.turns:
        yield Field(3, "text", f"turn {transport.turn} of {transport.turns}")
    yield Field(4, "note", safe(transport.sound))
    yield Field(5, "note", f"{transport.row + 1:,} of {transport.rows:,} messages")


class TransportLine(Widget):
    """State, position, speed, turn, sound and message, and a bar that a click goes along."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transport--{name}" for name in ("playing", "resting", "text", "note", "done", "rest")
    }
    DEFAULT_CSS = """
    TransportLine {
        height: 1;
        & > .transport--playing { color: $text-success; text-style: bold reverse; }
        & > .transport--resting { color: $text-warning; text-style: bold; }
        & > .transport--note { color: $text-muted; }
        & > .transport--done { color: $primary; }
        & > .transport--rest { color: $text-muted; }
    }
    """

    @dataclass
    class Sought(Message):
        """A person has clicked on the bar."""

        share: float
        """Of the recording, 0..1."""

    transport: reactive[Transport] = reactive(Transport())
    """What it says."""

    def __init__(self) -> None:
        super().__init__()
        self._bar_at = (0, 0)
        """Where the bar was drawn: its first cell, and its width."""

    def show(self, transport: Transport) -> None:
        """Bring the line up to date."""
        self.transport = transport

    def on_click(self, event: events.Click) -> None:
        """Go to where the bar was clicked."""
        offset = event.get_content_offset(self)
        first, width = self._bar_at
        if offset is not None and width and first <= offset.x < first + width:
            self.post_message(self.Sought((offset.x - first) / width))

    def render_line(self, y: int) -> Strip:
        """The fields that there is room for, and a bar in what is left."""
        width = self.size.width
        shown = list(fields(self.transport))
        while len(shown) > 1 and _cells(shown) + LEAST_BAR_CELLS > width:
            shown.remove(max(shown))
        room = width - _cells(shown)
        segments: list[Segment] = []
        for field in shown:
            segments.append(Segment(field.text, self._style(field.look)))
            segments.append(Segment(GAP))
            if field.rank == 1 and room >= LEAST_BAR_CELLS:
                self._bar_at = (sum(cell_len(each.text) for each in segments), room - len(GAP))
                segments += [*self._bar(room - len(GAP)), Segment(GAP)]
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _bar(self, cells: int) -> Iterator[Segment]:
        done = min(cells - 1, int(self.transport.share * cells))
        yield Segment("━" * done + "●", self._style("done"))
        yield Segment("─" * (cells - done - 1), self._style("rest"))

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"transport--{part}")


def _cells(shown: list[Field]) -> int:
    return sum(cell_len(field.text) + len(GAP) for field in shown)


class GoTo(Input):
    """One line for a place; not there until it is asked for."""

    DEFAULT_CSS = """
    GoTo { display: none; padding: 0 1; }
    GoTo.-asked { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="goto.leave", show=False)
    ]

    @dataclass
    class Named(Message):
        """A person has said where to go."""

        words: str

    @dataclass
    class Left(Message):
        """It is not there any more."""

    def __init__(self) -> None:
        super().__init__(placeholder="go to: 1:20, turn 3, #412", compact=True)

    def ask(self) -> None:
        """Be there, empty, and take the keys."""
        self.value = ""
        self.add_class("-asked")
        self.focus()

    def action_leave(self) -> None:
        """Be gone."""
        self.remove_class("-asked")
        self.post_message(self.Left())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say it, and be gone."""
        event.stop()
        self.post_message(self.Named(event.value))
        self.action_leave()
