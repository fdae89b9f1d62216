"""What a client's message moves a recorded session on by: a message of a kind, or sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tui.core import media
from tui.core.wire import Fact

SOUND = "sound"

COUNTED = frozenset(
    {
        "setup",
        "clientContent",
        "realtimeInput.text",
        "realtimeInput.activityStart",
        "realtimeInput.activityEnd",
        "realtimeInput.audioStreamEnd",
        "toolResponse",
    }
)
"""Kinds that a server may answer; pictures and context updates it only takes note of."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a message says."""

    kind: str
    """One of `COUNTED`, or `SOUND`."""
    amount: float
    """Function responses of a `toolResponse`, seconds of sound, else 1."""
    value: Any


def inputs(facts: Iterable[Fact]) -> Iterator[Input]:
    """All that count in a client's message."""
    for fact in facts:
        if fact.kind == "toolResponse":
            yield Input(fact.kind, max(1, len(responses(fact.value))), fact.value)
        elif fact.kind in COUNTED:
            yield Input(fact.kind, 1, fact.value)
        elif fact.kind == "realtimeInput.audio":
            yield _sound([fact.value])
        elif fact.kind == "realtimeInput.mediaChunks" and isinstance(fact.value, list):
            blobs = [each for each in fact.value if _is_sound(each)]
            if blobs:
                yield _sound(blobs)


def responses(value: Any) -> list[dict[str, Any]]:
    """The function responses of a `toolResponse`."""
    given = value.get("functionResponses") if isinstance(value, dict) else None
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _is_sound(blob: Any) -> bool:
    mime_type = blob.get("mimeType") if isinstance(blob, dict) else None
    return isinstance(mime_type, str) and mime_type.startswith("audio/")


def _sound(blobs: Iterable[Any]) -> Input:
    seconds = (
        media.audio_seconds(blob, media.INPUT_RATE_HZ) for blob in blobs if isinstance(blob, dict)
    )
    return Input(SOUND, sum(seconds), None)
