"""When the server heard speech, by its own word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui.core import media
from tui.core.frame import Frame
from tui.core.log import SessionLog
from tui.core.utterances import Utterances
from tui.core.values import dict_of

_SOUND = "realtimeInput.audio"
_ACTIVITY = "voiceActivity"
_KINDS = frozenset({"setup", _SOUND, _ACTIVITY})


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of speech on the journal's clock: when its audio was sent."""

    begin_s: float | None
    """None where the server told of its end alone."""
    end_s: float | None
    """None while it goes on."""
    decided_s: float | None
    """When the server said that it had ended."""


def server_speech(log: SessionLog) -> list[Speech]:
    """All `voiceActivity` of a log, placed by its `audioOffset`, else when the message came.

    Where the person tells when they speak (push-to-talk), the server only repeats that: it is left
    out.
    """
    return [*_stretches(log)]


def _stretches(log: SessionLog) -> Iterator[Speech]:
    utterances, begun_s, talks, manual = Utterances(), None, False, False
    for row in range(len(log)):
        if _KINDS.isdisjoint(log.kinds(row)):
            continue
        record = log.glance(row)
        assert isinstance(record, Frame)
        now_s = record.mono_s
        for fact in record.facts:
            value = dict_of(fact.value)
            if fact.kind == "setup":
                utterances.connect()
                listening = dict_of(value.get("realtimeInputConfig"))
                detection = dict_of(listening.get("automaticActivityDetection"))
                manual = detection.get("disabled") is True
            elif fact.kind == _SOUND:
                utterances.sent(now_s, media.audio_seconds(value, media.INPUT_RATE_HZ))
            elif manual:
                continue
            elif value.get("type") == "ACTIVITY_START":
                begun_s, talks = utterances.placed(value, now_s), True
            elif value.get("type") == "ACTIVITY_END":
                yield Speech(begun_s, utterances.placed(value, now_s), now_s)
                begun_s, talks = None, False
    if talks:
        yield Speech(begun_s, None, None)
