"""The play head of a recording: where it stands by a clock on the wall, and where it is sent."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Final

from tui.core.log import SessionLog

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
SOUND_SPEED: Final = 1.0
"""The only one at which sound is heard."""


@dataclass(frozen=True, slots=True)
class PlayHead:
    """A position in seconds of the journal, at rest or moving. Changes give another one.

    ``now_s`` of the methods is any clock on the wall that never goes back.
    """

    end_s: float
    """Where the recording is over."""
    at_s: float = 0.0
    """Where it stood at ``since_s``, or stands."""
    since_s: float | None = None
    """When it began to move from there, which may be still to come; None at rest."""
    speed: float = SOUND_SPEED

    @property
    def playing(self) -> bool:
        """Whether it moves."""
        return self.since_s is not None

    def position_s(self, now_s: float) -> float:
        """Where it is, the end at most."""
        if self.since_s is None:
            return self.at_s
        return min(self.end_s, self.at_s + max(0.0, now_s - self.since_s) * self.speed)

    def over(self, now_s: float) -> bool:
        """Whether it has come to the end."""
        return self.position_s(now_s) >= self.end_s

    def play(self, now_s: float) -> PlayHead:
        """Move from here; from the beginning where it is over."""
        at_s = 0.0 if self.over(now_s) else self.position_s(now_s)
        return replace(self, at_s=at_s, since_s=now_s)

    def pause(self, now_s: float) -> PlayHead:
        """Stay here."""
        return replace(self, at_s=self.position_s(now_s), since_s=None)

    def seek(self, position_s: float, now_s: float) -> PlayHead:
        """Go there, moving on or at rest as before."""
        at_s = min(max(0.0, position_s), self.end_s)
        return replace(self, at_s=at_s, since_s=None if self.since_s is None else now_s)

    def turn_to(self, speed: float, now_s: float) -> PlayHead:
        """Go on from here at another speed, `SPEEDS` at both ends at most."""
        since_s = None if self.since_s is None else now_s
        speed = min(max(SPEEDS[0], speed), SPEEDS[-1])
        return replace(self, at_s=self.position_s(now_s), since_s=since_s, speed=speed)

    def faster(self, step: int) -> float:
        """The next of `SPEEDS` above (1) or below (-1) its own."""
        if step > 0:
            return next((speed for speed in SPEEDS if speed > self.speed), SPEEDS[-1])
        return next((speed for speed in reversed(SPEEDS) if speed < self.speed), SPEEDS[0])


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of a recording: the last record that counts (-1 before the first), and the time."""

    row: int
    time_s: float


class NoPlaceError(ValueError):
    """There is no such place; the message says what there is, in a sentence."""


_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)\s*s?", re.ASCII)
_TURN = re.compile(r"(?:turn|t)\s*(\d+)", re.ASCII | re.IGNORECASE)
_MESSAGE = re.compile(r"#\s*(\d+)", re.ASCII)
_LONGEST_NUMBER = 12


def at_time(log: SessionLog, time_s: float) -> Place:
    """All that had happened by then."""
    return Place(bisect_right(log.mono_s, time_s) - 1, time_s)


def at_row(log: SessionLog, row: int) -> Place:
    """Right after a record, or the nearest there is."""
    row = max(0, min(row, len(log) - 1))
    return Place(row, log.mono_s[row]) if len(log) else Place(-1, 0.0)


def at_turn(log: SessionLog, number: int) -> Place:
    """Where a turn begins.

    Raises:
        NoPlaceError: There is no such turn.
    """
    turns = log.session.turns
    if not 0 < number <= len(turns):
        there = f"turns 1 to {len(turns)}" if turns else "no turns"
        raise NoPlaceError(f"There is no turn {number}: this recording has {there}.")
    return at_row(log, bisect_left(log.mono_s, turns[number - 1].started_s))


def turn_beside(log: SessionLog, time_s: float, step: int) -> Place | None:
    """Where the next turn or passage begins (``step`` 1), or the one before (-1), if one does."""
    starts_s = [each.started_s for each in log.session.said]
    index = bisect_right(starts_s, time_s) if step > 0 else bisect_left(starts_s, time_s) - 1
    if not 0 <= index < len(starts_s):
        return None
    return at_row(log, bisect_left(log.mono_s, starts_s[index]))


def find(log: SessionLog, words: str) -> Place:
    """The place that a person names: ``1:20``, ``turn 3``, ``#412`` (the message's number).

    Raises:
        NoPlaceError: There is none, or the words name none.
    """
    words = words.strip()
    if any(len(digits) > _LONGEST_NUMBER for digits in re.findall(r"\d+", words)):
        raise NoPlaceError("That number is too long: no recording goes so far.")
    if found := _TURN.fullmatch(words):
        return at_turn(log, int(found[1]))
    if found := _MESSAGE.fullmatch(words):
        return _at_message(log, int(found[1]))
    if found := _TIME.fullmatch(words):
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return _at_clock(log, hours * 3600 + minutes * 60 + seconds)
    raise NoPlaceError("Say a time (1:20), a turn (turn 3) or a message (#412).")


def _at_clock(log: SessionLog, time_s: float) -> Place:
    end_s = log.mono_s[-1] if len(log) else 0.0
    if time_s > end_s:
        raise NoPlaceError(f"The recording ends at {clock(end_s)}.")
    return at_time(log, time_s)


def _at_message(log: SessionLog, number: int) -> Place:
    row = bisect_left(log.seqs, number)
    if row < len(log) and log.seqs[row] == number:
        return at_row(log, row)
    last = log.seqs[-1] if len(log) else 0
    raise NoPlaceError(f"There is no message #{number}: the last one is #{last}.")


def clock(seconds: float) -> str:
    """``1:20.5``, from an hour on ``1:02:03.4``."""
    tenths = round(min(max(0.0, seconds), 3.6e7) * 10)
    minutes, tenth = divmod(tenths, 600)
    hours, minute = divmod(minutes, 60)
    second = f"{tenth // 10:02}.{tenth % 10}"
    return f"{hours}:{minute:02}:{second}" if hours else f"{minute}:{second}"
