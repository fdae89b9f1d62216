"""The latency pane: a bar a turn, from the end of input to the first sample that was heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.core import latency
from tui.core.latency import PARTS, Marks, Measure
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.statistics import is_timed
from tui.core.text import safe
from tui.line_view import LineView, fit

BLOCKS: Final = dict(zip(PARTS, "░▒▚▓█", strict=True))
"""What a part is drawn with, so that it is told without colours."""
SLOW_S: Final = 1.0
"""From here on people notice that they wait."""
UNSETTLED: Final = 4
"""So many turns, the last ones, may still change."""

_NUMBER, _TOTAL = 4, 8


class LatencyTurns(LineView):
    """A line a turn that has an answer."""

    DEFAULT_CSS = """
    LatencyTurns {
        & > .latency-turns--detect { color: $bd-family-metadata; }
        & > .latency-turns--wait { color: $bd-sent; }
        & > .latency-turns--tool { color: $bd-family-events; }
        & > .latency-turns--think { color: $bd-thought; }
        & > .latency-turns--play { color: $bd-received; }
        & > .latency-turns--dim { color: $bd-family-metadata; }
        & > .latency-turns--slow { color: $text-warning; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"latency-turns--{name}" for name in (*PARTS, "dim", "slow")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "To the first byte", id="latency.choose"),
    ]

    @dataclass
    class Entered(Message):
        """The turn under the cursor was asked for."""

        marks: Marks

    @dataclass
    class Rested(Message):
        """The cursor is on this turn."""

        marks: Marks

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[Marks] = []
        self._scale_s = 1.0
        """What a bar is long."""

    @property
    def line_count(self) -> int:
        """How many turns are listed."""
        return len(self.marks)

    def show(self, marks: list[Marks]) -> None:
        """List other turns; the cursor stays on the last one if it is there."""
        rides = self.cursor >= self.line_count - 1
        self.marks, self._scale_s = marks, _scale_s(marks)
        self.redraw()
        if rides:
            self.action_cursor_end()
        self._rest()

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which turn it is."""
        super().watch_cursor(before, after)
        self._rest()

    def _rest(self) -> None:
        if self.marks:
            self.post_message(self.Rested(self.marks[self.cursor]))

    def action_choose(self) -> None:
        """Ask for the turn under the cursor."""
        if self.marks:
            self.post_message(self.Entered(self.marks[self.cursor]))

    def activate(self) -> None:
        """A double click does the same."""
        self.action_choose()

    def draw(self, line: int, width: int) -> Strip:
        """Number, latency, bar, and in words what it is made of."""
        marks = self.marks[line]
        total_s = _total_s(marks)
        slow = total_s is not None and total_s >= SLOW_S
        cells = min(60, max(8, (width - _NUMBER - _TOTAL) // 3))
        segments = [
            Segment(f"{marks.number:>{_NUMBER - 1}} ", self._style("dim")),
            Segment(
                f"{latency.text(total_s):>{_TOTAL - 1}} ", self._style("slow") if slow else None
            ),
            *fit(self._bar(marks, cells), cells),
            Segment(f" {safe(marks.anchor)}{_target(marks)}", self._style("dim")),
            *self._words(marks),
        ]
        return Strip(fit(segments, width))

    def _bar(self, marks: Marks, cells: int) -> Iterator[Segment]:
        """Its parts in proportion; an arrow where it is longer than the bar."""
        parts, begun_s, drawn = marks.parts, _begun_s(marks), 0
        for part in parts:
            until = min(cells, round((part.end_s - begun_s) / self._scale_s * cells))
            if until > drawn:
                yield Segment(BLOCKS[part.name] * (until - drawn), self._style(part.name))
                drawn = until
        if parts and parts[-1].end_s - begun_s > self._scale_s * (1 + 0.5 / cells):
            yield Segment("…")

    def _words(self, marks: Marks) -> Iterator[Segment]:
        for part in marks.parts:
            text = f" {BLOCKS[part.name]} {latency.text(part.lasted_s)}"
            yield Segment(text, self._style(part.name))
        if marks.stop is not None:
            yield Segment(" ✂")
        if marks.gaps or marks.underruns:
            yield Segment(" ⚠", self._style("slow"))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"latency-turns--{name}", partial=True)


class Latency(Vertical):
    """Percentiles and what else is measured, then the turns."""

    DEFAULT_CSS = """
    Latency {
        & > #latency-head { height: auto; max-height: 6; padding: 0 1; }
        & > #latency-legend { height: 1; padding: 0 1; }
        & > #latency-turn { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
        & > LatencyTurns { height: 1fr; }
    }
    """
    ALLOW_MAXIMIZE = True

    @dataclass
    class Chosen(Message):
        """A person wants to see this record of the log: the first byte of an answer."""

        row: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._log = SessionLog(lambda offset, size: b"")
        self._session = Session()
        self._marks: list[Marks] = []
        self._legend = Static(_LEGEND, id="latency-legend")
        self._turns = LatencyTurns()
        self._said = "No answer yet."
        self._head = Static(self._said, id="latency-head", markup=False)
        self._turn = Static(id="latency-turn")

    def compose(self) -> ComposeResult:
        """Head, lines, and the chosen one in words."""
        yield self._head
        yield self._legend
        yield self._turns
        yield self._turn

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the lines, which the keys are for."""
        self._turns.focus(scroll_visible)
        return self

    def show(self, log: SessionLog, session: Session) -> None:
        """Show what is measured in a session of the log, at its end or at any record."""
        if not is_timed(log):
            self._say("The recording has no times, so there are no latencies.")
            return
        fresh = session is self._session and log is self._log
        self._log, self._session = log, session
        settled = self._marks[:-UNSETTLED] if fresh else []
        turns = session.turns[settled[-1].number if settled else 0 :]
        marks = settled + [each for turn in turns if (each := latency.marks(turn)) is not None]
        if marks != self._marks:
            self._marks = marks
            self._turns.show(marks)
        if session.continuous:
            self._say(_continuous(session))
        else:
            self._say(_head(latency.measures(session)) if marks else "No answer yet.")
        self._legend.display = bool(marks) or not session.continuous

    def on_latency_turns_entered(self, event: LatencyTurns.Entered) -> None:
        """Find the record."""
        event.stop()
        self.post_message(self.Chosen(latency.first_byte_row(self._log, event.marks)))

    def on_latency_turns_rested(self, event: LatencyTurns.Rested) -> None:
        """Say what the line has no room for."""
        event.stop()
        self._turn.update(Content(_words(event.marks)))

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._head.update(Content(words))


_LEGEND: Final = Content("  ").join(
    Content.styled(f"{BLOCKS[name]} {name}", color)
    for name, color in {
        "detect": "$bd-family-metadata",
        "wait": "$bd-sent",
        "tool": "$bd-family-events",
        "think": "$bd-thought",
        "play": "$bd-received",
    }.items()
)
_OTHERS: Final = {
    "connect": "connect",
    "ping": "ping",
    "tool": "tool",
    "switch": "switch",
    "interruption": "interrupted",
    "silence": "silent",
}


def _head(measures: dict[str, Measure]) -> str:
    """Percentiles of the latency, and the medians of what else was measured."""
    sound, first_byte = (_percentiles(measures[key]) for key in ("sound", "first_byte"))
    others = (
        f"{word} {latency.text(measures[key].percentile_s(50))} ({len(measures[key].values_s)})"
        for key, word in _OTHERS.items()
        if measures[key].values_s
    )
    return f"p50/p95 (n): sound {sound} · 1st byte {first_byte}\n{' · '.join(others)}"


def _continuous(session: Session) -> str:
    """What is measured where there are no turns, and so no bars."""
    measures, connection = latency.measures(session), session.connection
    keys = [key for key in latency.CONTINUOUS if measures[key].values_s]
    about = f"No turns, so no bars: {connection.task if connection else ''} goes on."
    lines = [f"{measures[key].name}: {_percentiles(measures[key])}" for key in keys]
    return "\n".join([f"{about} p50/p95 (n):", *(lines or ["nothing could be measured yet"])])


def _percentiles(measure: Measure) -> str:
    if not measure.values_s:
        return latency.NOT_KNOWN
    p50, p95 = (latency.text(measure.percentile_s(percent)) for percent in (50, 95))
    return f"{p50}/{p95} ({len(measure.values_s)})"


def _total_s(marks: Marks) -> float | None:
    return marks.to_first_byte_s if marks.to_sound_s is None else marks.to_sound_s


def _target(marks: Marks) -> str:
    """What the latency was measured to."""
    if marks.ended_s is None:
        return ""
    return " → sound" if marks.to_sound_s is not None else " → first byte"


def _begun_s(marks: Marks) -> float:
    return marks.first_byte_s if marks.ended_s is None else marks.ended_s


def _scale_s(marks: list[Marks]) -> float:
    """A bar's length: nearly all turns fit, and an outlier does not make the others small."""
    lengths_s = [each.parts[-1].end_s - _begun_s(each) for each in marks if each.parts]
    longest_s = latency.percentile(lengths_s, 95) or 0.0
    return max(0.1, longest_s)


def _words(marks: Marks) -> str:
    """All of a turn in words; safe for a terminal."""
    parts = ", ".join(f"{part.name} {latency.text(part.lasted_s)}" for part in marks.parts)
    if marks.ended_s is None:
        said = [f"Turn {marks.number} n/a: {safe(marks.anchor)}"]
    else:
        said = [f"Turn {marks.number} from {safe(marks.anchor)}{_target(marks)}"]
    said += [parts] if parts else []
    if (stop := marks.stop) is not None:
        confirmed = "not confirmed" if stop.confirmed_s is None else latency.text(stop.confirm_s)
        by = safe(stop.anchor) or "nobody known"
        said.append(
            f"interrupted by {by}: {confirmed}, silent after {latency.text(stop.silence_s)}"
        )
    said.append(f"gaps {marks.gaps} ({latency.text(marks.gap_s)})")
    underruns = latency.NOT_KNOWN if marks.underruns is None else marks.underruns
    return f"{'; '.join(said)}, underruns {underruns}"
