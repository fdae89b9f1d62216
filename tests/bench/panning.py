"""An app that pans through the timeline of an hour: ``panning ours|empty``.

Every picture is another window, at four zooms in turn; the empty one draws as many blank lines.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from array import array
from collections.abc import Iterator

from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label

from tui import theming
from tui.core.frame import BINARY, Direction, Event, Frame, Record
from tui.core.log import SessionLog
from tui.core.timeline import Timeline
from tui.widgets.timeline import TimelineView

FPS = 15
READY = "panning"
HOUR_S = 3600
TURN_S = 20
LANES = 10
_ZOOMS = 4


def hour() -> Timeline:
    """180 turns, a microphone that is always open, a picture a second."""
    timeline, dice = Timeline(), random.Random(1)
    for row, record in enumerate(_records()):
        timeline.take(record, row)
        if isinstance(record, Frame) and b"inlineData" in record.payload:
            loudness = dice.randrange(300, 20_000)
            timeline.sound.hear(row, array("h", [loudness, -loudness] * 12_000), 24_000)
    for second in range(HOUR_S):
        timeline.microphone.add(second, bytes(dice.randrange(20, 88) for _ in range(50)))
    return timeline


def _records() -> Iterator[Record]:
    seqs = itertools.count(1)

    def frame(at_s: float, direction: Direction, **message: object) -> Frame:
        return Frame(next(seqs), at_s, at_s, direction, BINARY, json.dumps(message).encode())

    def came(at_s: float, **message: object) -> Frame:
        return frame(at_s, Direction.RECEIVE, **message)

    opening = {"model": "gemini-3.8-live", "host": "localhost"}
    yield Event(next(seqs), 0.0, 0.0, "connection.opening", opening)
    picture = {"mimeType": "image/jpeg", "data": ""}
    audio = {"mimeType": "audio/pcm;rate=24000", "data": "A" * 64_000}
    for turn, start_s in enumerate(range(0, HOUR_S, TURN_S), 1):
        for second in range(TURN_S):
            yield frame(start_s + second / 10, Direction.SEND, realtimeInput={"video": picture})
        yield came(start_s + 2, voiceActivity={"type": "ACTIVITY_START"})
        yield came(start_s + 5, serverContent={"inputTranscription": {"text": "And what then?"}})
        yield came(start_s + 5.1, voiceActivity={"type": "ACTIVITY_END"})
        for second in range(8):
            part = {"inlineData": audio}
            yield came(start_s + 6 + second / 4, serverContent={"modelTurn": {"parts": [part]}})
            if not second:
                yield Event(next(seqs), 0.0, 0.0, "playback.started", {"turn": turn})
        call = {"id": str(turn), "name": "look_up", "args": {}}
        yield came(start_s + 9, toolCall={"functionCalls": [call]})
        if turn % 15 == 0:
            yield came(start_s + 10, serverContent={"interrupted": True})
        yield came(start_s + 14, serverContent={"generationComplete": True})
        yield came(start_s + 15, serverContent={"turnComplete": True})


class Empty(Widget):
    """As many lines of nothing, drawn as often."""

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width, self.rich_style)


class Panning(App[None]):
    """The widget, and a timer that shows another window of it."""

    CSS = f"TimelineView, Empty {{ height: {LANES + 2}; }}"

    def __init__(self, which: str) -> None:
        super().__init__()
        self._view = TimelineView() if which == "ours" else None
        self._empty = Empty()
        self._ticks = itertools.count()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self._view or self._empty
        yield Label(READY)

    def on_mount(self) -> None:
        if self._view is not None:
            self._view.attach(SessionLog(lambda offset, size: b""), hour(), live=False)
            self._view.show(HOUR_S)
        self.set_interval(1 / FPS, self._tick)

    def _tick(self) -> None:
        tick = next(self._ticks)
        if self._view is None:
            self._empty.refresh()
        elif tick % FPS == 0:
            zoom = tick // FPS % _ZOOMS
            self._view.action_all()
            for _ in range(3 * zoom):
                self._view.action_zoom(2.0)
        else:
            self._view.go_to(tick * 977 % HOUR_S)
            self._view.action_page(1)


if __name__ == "__main__":
    Panning(sys.argv[1]).run()
