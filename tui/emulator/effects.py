"""What a dialogue wants done: messages to send, work to do elsewhere, the end of the connection."""

from __future__ import annotations

from dataclasses import dataclass

from tui.emulator.profiles import Timbre


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message, as a binary frame unless ``text``."""

    payload: bytes
    text: bool = False


@dataclass(frozen=True, slots=True)
class Speak:
    """Turn the clause into speech, and hand that to `Dialogue.spoken` with this effect."""

    answer: int
    clause: str
    timbre: Timbre


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection; the session is over."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Turn the sound (16 kHz, s16le, mono) into words, and tell them to `Dialogue.understood`."""

    pcm: bytes


Effect = Send | Speak | Transcribe | Close
