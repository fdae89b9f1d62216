"""What a dialogue wants done: messages to send, work to do elsewhere, the end of the connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tui.core.fault import Fault
from tui.emulator.session.scene import Scene
from tui.emulator.terms.profiles import Timbre

_FORM = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
"""The real service's JSON is pretty, too."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message, as a binary frame unless ``text``."""

    payload: bytes
    text: bool = False

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Send:
        """The message as the real service writes it."""
        return cls(orjson.dumps(message, option=_FORM))


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
class Dismiss:
    """The answer that was to be found is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Arm:
    """From now on the fault stands between the dialogue and the client."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Drop:
    """Reset the TCP connection, without a close frame; the session is over."""


@dataclass(frozen=True, slots=True)
class Pongs:
    """From now on answer pings so late."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault has come about: tell whoever watches."""

    fault: Fault


Effect = Send | Speak | Transcribe | Consult | Dismiss | Close | Arm | Drop | Pongs | Happened
