"""The sound of the model along the clock: which answer was heard when, and where it is recorded."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tui.core import media, playback
from tui.core.frame import Event
from tui.core.lanes import Span, Spans
from tui.core.levels import Peaks, Samples, peaks
from tui.core.playback import CAPTIONS, SILENCE_DB

MOST_ANSWERS = 8
"""So many answers in one cell of a picture are looked at."""


@dataclass(slots=True)
class Answer:
    """The audio of one turn: the records that it came in, and how far each of them goes."""

    turn: int
    """Its number, or a caption's above `CAPTIONS`."""
    rows: array[int] = field(default_factory=lambda: array("Q"))
    ends_s: array[float] = field(default_factory=lambda: array("d"))
    peaks: Peaks = field(default_factory=Peaks)
    """Along the seconds of the answer."""
    flushed_s: float = 0.0
    """So much of it was heard when it was flushed; of a caption, so much was played or dropped."""

    @property
    def received_s(self) -> float:
        """Seconds that have come."""
        return self.ends_s[-1] if self.ends_s else 0.0

    def received_by(self, row: int) -> float:
        """Seconds that had come with a record."""
        count = bisect_right(self.rows, row)
        return self.ends_s[count - 1] if count else 0.0

    def piece(self, offset_s: float) -> Piece | None:
        """The record that holds a moment of the answer; None where there is none."""
        index = bisect_right(self.ends_s, offset_s)
        if index >= len(self.rows):
            return None
        begins_s = self.ends_s[index - 1] if index else 0.0
        return Piece(self.rows[index], offset_s - begins_s)


class Piece(NamedTuple):
    """A moment of recorded audio: its record, and seconds into its samples."""

    row: int
    offset_s: float


class Playing(NamedTuple):
    """An answer, heard from a moment of it on, for as long as a span says."""

    span: Span
    answer: Answer
    from_s: float

    def offset_s(self, time_s: float) -> float:
        """Where in the answer it is at a time of the clock."""
        return self.from_s + time_s - self.span.start_s


class SoundTrack:
    """Answers as they were played, by the journal's `playback` events.

    A recording that has none (another program's, or one without a speaker) is laid out at arrival:
    each answer begins with its first record, or where the one before it ends. `known` tells which.
    """

    def __init__(self) -> None:
        self.known = False
        """The journal says when answers were heard."""
        self._answers: dict[int, Answer] = {}
        """By turn."""
        self._in_order: list[Answer] = []
        self._layouts = {True: _Layout(), False: _Layout()}
        """As played, and as arrived."""

    @property
    def spans(self) -> Spans:
        """When an answer was heard."""
        return self._layouts[self.known].spans

    def at(self, time_s: float) -> Playing | None:
        """What is heard at a time."""
        return self.over(time_s, math.nextafter(time_s, math.inf))

    def over(self, start_s: float, end_s: float) -> Playing | None:
        """The first answer that is heard somewhere between two times."""
        return self._layouts[self.known].over(start_s, end_s)

    def peak_db(self, start_s: float, end_s: float) -> float:
        """The highest peak that was heard between two times."""
        highest_db = SILENCE_DB
        for _ in range(MOST_ANSWERS):
            playing = self.over(start_s, end_s)
            if playing is None:
                break
            first_s, last_s = max(start_s, playing.span.start_s), min(end_s, playing.span.end_s)
            peak_db = playing.answer.peaks.peak_db(
                playing.offset_s(first_s), playing.offset_s(last_s)
            )
            highest_db, start_s = max(highest_db, peak_db), playing.span.end_s
        return highest_db

    def receive(self, blob: Mapping[str, Any], turn: int, row: int, now_s: float) -> None:
        """Audio of a turn has come."""
        answer = self._answers.get(turn)
        if answer is None:
            answer = self._answers[turn] = Answer(turn)
            self._in_order.append(answer)
        seconds = media.audio_seconds(blob, media.OUTPUT_RATE_HZ)
        answer.ends_s.append(answer.received_s + seconds)
        answer.rows.append(row)
        arrived = self._layouts[False]
        if not arrived.has(answer):
            arrived.begin(answer, 0.0, max(now_s, arrived.end_s), row)
        for layout in self._layouts.values():
            layout.grow(answer)

    def hear(self, row: int, sound: Samples, rate_hz: int) -> None:
        """Add the levels of audio that was received with a record."""
        number = bisect_right(self._in_order, row, key=lambda answer: answer.rows[0])
        answer = self._in_order[number - 1] if number else None
        index = bisect_left(answer.rows, row) if answer else 0
        if answer is not None and index < len(answer.rows) and answer.rows[index] == row:
            begins_s = answer.ends_s[index - 1] if index else 0.0
            answer.peaks.add(begins_s, peaks(sound, rate_hz))

    def interrupt(self, now_s: float) -> None:
        """What has not been heard by then never will be."""
        self._layouts[False].end_last(now_s)

    def happen(self, event: Event, row: int, now_s: float) -> None:
        """Take a `playback` or `replay` event in."""
        number, heard_s = playback.number(event.detail), event.detail.get("heard_s")
        answer = self._answers.get(number)
        if answer is None:
            return
        played = self._layouts[True]
        name, _, what = event.name.partition(".")
        if what == "started":
            self.known = True
            again = name == "replay"
            from_s = answer.flushed_s if again or number > CAPTIONS else 0.0
            played.begin(answer, from_s, now_s, row, name if again else "")
            played.grow(answer)
        elif what in ("flushed", "drained"):
            played.end(answer, now_s)
            if number > CAPTIONS:  # more of it may come, and be played by itself
                received_s = event.detail.get("received_s")
                answer.flushed_s += received_s if isinstance(received_s, (int, float)) else 0.0
            elif what == "flushed" and name == "playback" and isinstance(heard_s, (int, float)):
                answer.flushed_s = float(heard_s)


class _Layout:
    """Answers along the clock."""

    def __init__(self) -> None:
        self.spans = Spans()
        self._playings: list[Playing] = []
        """By the index of their spans."""
        self._latest: dict[int, Playing] = {}
        """By turn."""
        self._over: set[int] = set()
        """The turns whose last playing has ended, whatever of them still comes."""

    @property
    def end_s(self) -> float:
        """When the last answer is over."""
        return self._playings[-1].span.end_s if self._playings else 0.0

    def over(self, start_s: float, end_s: float) -> Playing | None:
        """The first that is heard somewhere between two times."""
        span = self.spans.over(start_s, end_s)
        return None if span is None else self._playings[span.index]

    def has(self, answer: Answer) -> bool:
        """Whether it is there."""
        return answer.turn in self._latest

    def begin(self, answer: Answer, from_s: float, now_s: float, row: int, look: str = "") -> None:
        """It begins to be heard."""
        self.end_last(now_s)
        span = self.spans.begin(now_s, row, playback.name(answer.turn), look)
        self._playings.append(Playing(span, answer, from_s))
        self._latest[answer.turn] = self._playings[-1]
        self._over.discard(answer.turn)

    def grow(self, answer: Answer) -> None:
        """It will be heard for as long as there is of it, if nothing happens."""
        playing = self._latest.get(answer.turn)
        if playing is not None and answer.turn not in self._over:
            end_s = playing.span.start_s + answer.received_s - playing.from_s
            self.spans.end(playing.span, end_s)

    def end(self, answer: Answer, now_s: float) -> None:
        """It is not heard any more."""
        if playing := self._latest.get(answer.turn):
            self._over.add(answer.turn)
            self.spans.end(playing.span, now_s)

    def end_last(self, now_s: float) -> None:
        """What is still heard ends, and what was to come will not."""
        if self._playings and self._playings[-1].span.end_s > now_s:
            self.end(self._playings[-1].answer, now_s)
