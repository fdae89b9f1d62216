"""How long people wait: a turn's marks and the parts between them, a session's measures.

All of it is read off a `Session`, so it is there live, after any record of a replay, and at the end
of a recording. What has no mark is None, and the turn says why (`tui.core.anchoring`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from tui.core.log import SessionLog
from tui.core.row_text import duration
from tui.core.session import Session
from tui.core.turn import Turn

DETECT, WAIT, TOOL, THINK, PLAY = "detect", "wait", "tool", "think", "play"
PARTS: Final = {
    DETECT: "end of speech until the server says so, or is told",
    WAIT: "until the first byte",
    TOOL: "a tool call, until it is answered",
    THINK: "from the first byte to the first of the answer itself, tools left out",
    PLAY: "until its first sample is played",
}
"""What a turn's latency splits into, in the order of time."""

METHOD: Final = "nearest rank"
"""Of percentiles: every one is a value that was measured."""

NOT_KNOWN: Final = "n/a"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a turn, in seconds of the journal's clock."""

    name: str
    begin_s: float
    end_s: float

    @property
    def lasted_s(self) -> float:
        """Its length."""
        return self.end_s - self.begin_s


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened when in a turn that has an answer, on the journal's clock."""

    number: int
    anchor: str
    """What ``ended_s`` is known by, else why it is not."""
    ended_s: float | None
    """The end of the person's input."""
    decided_s: float | None
    first_byte_s: float
    """The first frame with content of any kind."""
    first_answer_s: float | None
    """The first audio, words of it, or text."""
    first_played_s: float | None
    tools: tuple[Part, ...]
    """Calls that were answered; several at a time are one part."""
    stop: Stop | None
    gaps: int
    gap_s: float
    underruns: int | None

    @property
    def to_first_byte_s(self) -> float | None:
        """End of input to first byte."""
        return _between(self.ended_s, self.first_byte_s)

    @property
    def to_sound_s(self) -> float | None:
        """End of input to the first sample that was played."""
        return _between(self.ended_s, self.first_played_s)

    @property
    def parts(self) -> tuple[Part, ...]:
        """From the end of input, or the first byte where that is not known, to the sound."""
        parts: list[Part] = []
        if self.ended_s is not None:
            decided_s = self.ended_s if self.decided_s is None else self.decided_s
            parts += Part(DETECT, self.ended_s, decided_s), Part(WAIT, decided_s, self.first_byte_s)
        if self.first_answer_s is not None:
            parts += _around(self.tools, self.first_byte_s, self.first_answer_s)
            if self.first_played_s is not None:
                parts.append(Part(PLAY, self.first_answer_s, self.first_played_s))
        return tuple(part for part in parts if part.lasted_s > 0)


@dataclass(frozen=True, slots=True)
class Stop:
    """An interruption: the wish, the server's `interrupted`, and the speaker's silence."""

    anchor: str
    """What the wish is known by; empty when it is not."""
    asked_s: float | None
    confirmed_s: float | None
    silenced_s: float | None

    @property
    def confirm_s(self) -> float | None:
        """Wish to `interrupted`."""
        return _between(self.asked_s, self.confirmed_s)

    @property
    def silence_s(self) -> float | None:
        """Wish to silence; a key silences before its wish is journalled, which is no time."""
        asked_to_silence_s = _between(self.asked_s, self.silenced_s)
        return None if asked_to_silence_s is None else max(0.0, asked_to_silence_s)


@dataclass(frozen=True, slots=True)
class Measure:
    """All values of one thing, in seconds, in the order of time."""

    name: str
    values_s: tuple[float, ...]

    def percentile_s(self, percent: int) -> float | None:
        """By `METHOD`; None of nothing."""
        return percentile(self.values_s, percent)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that so many percent of them do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, ceil(percent / 100 * len(values)) - 1)]


def text(seconds: float | None) -> str:
    """``412 ms``, ``1.20 s``, or that it is not known."""
    return NOT_KNOWN if seconds is None else duration(seconds)


def marks(turn: Turn) -> Marks | None:
    """The turn's marks; None before it has an answer."""
    if turn.first_content_s is None:
        return None
    answered = (
        Part(TOOL, call.asked_s, call.answered_s)
        for call in turn.calls
        if call.answered_s is not None
    )
    return Marks(
        turn.number,
        turn.anchor,
        turn.ended_s,
        turn.decided_s,
        turn.first_content_s,
        turn.first_answer_s,
        turn.first_played_s,
        tuple(_merged(sorted(answered, key=lambda part: part.begin_s))),
        _stop(turn),
        turn.gaps,
        turn.gap_s,
        turn.underruns,
    )


def all_marks(session: Session) -> list[Marks]:
    """The marks of all turns that have an answer."""
    return [each for turn in session.turns if (each := marks(turn)) is not None]


def measures(session: Session) -> dict[str, Measure]:
    """What there are percentiles of, by a short name; a measure may have no value."""
    turns = all_marks(session)
    stops = [turn.stop for turn in turns if turn.stop is not None]
    calls = [call for turn in session.turns for call in turn.calls]
    opened = [each for each in session.opened if each.open_s is not None]
    switched = [after for before, after in pairwise(opened) if before.modality != after.modality]
    values: dict[str, list[float | None]] = {
        "sound": [turn.to_sound_s for turn in turns],
        "first_byte": [turn.to_first_byte_s for turn in turns],
        "detection": [_between(turn.ended_s, turn.decided_s) for turn in turns],
        "tool": [_between(call.asked_s, call.answered_s) for call in calls],
        "interruption": [stop.confirm_s for stop in stops],
        "silence": [stop.silence_s for stop in stops],
        "connect": [_between(each.opening_s, each.open_s) for each in opened],
        "switch": [_between(each.opening_s, each.open_s) for each in switched],
        "ping": [rtt_ms / 1000 for rtt_ms in session.pings_ms],
        "spoken": [each.spoken_s for each in session.captions.passages],
        "settle": [each.settle_s for each in session.captions.passages],
        "lag": [each.lag_s for each in session.captions.passages],
        "interpreted": [each.interpreted_s for each in session.captions.passages],
    }
    return {
        key: Measure(NAMES[key], tuple(each for each in values[key] if each is not None))
        for key in NAMES
    }


NAMES: Final = {
    "sound": "end of input to first played sample",
    "first_byte": "end of input to first byte",
    "detection": "end of speech to the server's decision",
    "tool": "tool round trip",
    "interruption": "wish to interrupt to `interrupted`",
    "silence": "wish to interrupt to silence",
    "connect": "opening to setupComplete",
    "switch": "modality switch: opening to setupComplete",
    "ping": "ping round trip",
    "spoken": "beginning of speech to its first words",
    "settle": "end of speech to its final words",
    "lag": "first words to those of their translation",
    "interpreted": "beginning of speech to translation played",
}
CONTINUOUS: Final = ("spoken", "settle", "lag", "interpreted")
"""Those that are measured where there are no turns."""


def first_byte_row(log: SessionLog, marks: Marks) -> int:
    """The row of the log that brought the first byte."""
    row = bisect_left(log.mono_s, marks.first_byte_s)
    while row < len(log) - 1 and log.directions[row] != ord("r"):
        row += 1
    return row


def _stop(turn: Turn) -> Stop | None:
    if turn.interrupted_s is None and turn.stop_asked_s is None:
        return None
    return Stop(turn.stop_anchor, turn.stop_asked_s, turn.interrupted_s, turn.silenced_s)


def _between(begin_s: float | None, end_s: float | None) -> float | None:
    return None if begin_s is None or end_s is None else end_s - begin_s


def _merged(parts: Sequence[Part]) -> Iterator[Part]:
    """Parts that overlap as one; they come in the order of their beginnings."""
    last: Part | None = None
    for part in parts:
        if last is not None and part.begin_s <= last.end_s:
            last = Part(last.name, last.begin_s, max(last.end_s, part.end_s))
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last


def _around(tools: Sequence[Part], begin_s: float, end_s: float) -> Iterator[Part]:
    """The tools between two times, and thought around them."""
    at_s = begin_s
    for tool in tools:
        first_s, last_s = max(at_s, tool.begin_s), min(end_s, tool.end_s)
        if first_s < last_s:
            yield Part(THINK, at_s, first_s)
            yield Part(TOOL, first_s, last_s)
            at_s = last_s
    yield Part(THINK, at_s, end_s)
