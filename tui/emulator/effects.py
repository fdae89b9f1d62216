"""What a dialogue wants done: messages to send, work to do elsewhere, the end of the connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tui.emulator.profiles import Timbre
from tui.emulator.scene import Scene


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message, as a binary frame."""

    payload: bytes

    @classmethod
    def message(cls, message: Mapping[str, Any]) -> Send:
        """The message in JSON as the service writes it: indented, with a newline at the end."""
        return cls(orjson.dumps(message, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


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


@dataclass(frozen=True, slots=True)
class Consult:
    """Find the answer to the scene, and hand its steps to `Dialogue.consulted` with this effect.

    A later one takes its place: the answer before was interrupted.
    """

    answer: int
    scene: Scene


@dataclass(frozen=True, slots=True)
class Inject:
    """Set off the fault with this spec, here and now."""

    spec: str


Effect = Send | Speak | Transcribe | Consult | Inject | Close
