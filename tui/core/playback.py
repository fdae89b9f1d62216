"""What a speaker is doing, as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SILENCE_DB = -90.0
"""The floor of every level in dBFS; digital silence is shown as this."""

AUDITION = -1_000_000_000
"""The number under which captured sound is played that is no answer; those of replays are turns'
below zero, too."""

CAPTIONS = 1_000_000
"""Captions of a session without turns are played under their number above this."""


def name(number: int) -> str:
    """What is played under a number."""
    number = abs(number)
    return f"caption {number - CAPTIONS}" if number > CAPTIONS else f"turn {number}"


def key(number: int) -> dict[str, int]:
    """How a journal's event names it."""
    number = abs(number)
    return {"caption": number - CAPTIONS} if number > CAPTIONS else {"turn": number}


def number(detail: Mapping[str, Any]) -> int:
    """The number that an event is about; 0 where it names none."""
    turn, caption = detail.get("turn"), detail.get("caption")
    if isinstance(caption, int):
        return CAPTIONS + caption
    return turn if isinstance(turn, int) else 0


@dataclass(frozen=True, slots=True)
class Playback:
    """A snapshot of the speaker. "Heard" counts samples that the device has really played."""

    answer: int = 0
    """Number of the answer that is played, else waits to be, else came last; 0 before the first."""
    received_s: float = 0.0
    """Seconds of that answer which have arrived."""
    heard_s: float = 0.0
    """Seconds of that answer which have left the device."""
    playing: bool = False
    """Samples of an answer are leaving the device now."""
    idle: bool = True
    """Nothing is playing and nothing waits to be played: what could be heard has been."""
    level_db: float = SILENCE_DB
    """RMS of the block last played, dBFS."""
    peak_db: float = SILENCE_DB
    """Highest sample of the block last played, dBFS."""
    underruns: int = 0
    """How often an unfinished answer ran dry since the speaker was opened."""
    device: str = ""
    """The device's name, or the folder that WAV files go to."""
    problem: str = ""
    """Why there is no sound, in one sentence with the way out; empty when there is."""
