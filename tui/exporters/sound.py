"""The sound in messages, and whose answer it belongs to."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.core import media
from tui.core.captions import Caption
from tui.core.frame import Direction, Frame
from tui.core.playback import CAPTIONS, name
from tui.core.turn import Turn
from tui.exporters.material import Material

USER_KINDS = ("realtimeInput.audio", "realtimeInput.mediaChunks")
MODEL_KIND = "serverContent.modelTurn.audio"


@dataclass(frozen=True, slots=True)
class Chunk:
    """PCM of one message: signed 16 bit, little-endian, mono."""

    mono_s: float
    rate_hz: int
    pcm: bytes

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.pcm) / media.BYTES_PER_SAMPLE / self.rate_hz


@dataclass
class Answers:
    """Which rows hold the model's sound, and which turn or caption each is of."""

    rows: array[int] = field(default_factory=lambda: array("I"))
    owners: list[Turn | Caption] = field(default_factory=list)
    """Turns and captions as they were at the end; one for each row."""
    names: list[str] = field(default_factory=list)
    """Theirs, fit for files."""


def answers(material: Material) -> Answers:
    """Go through the session as it went: only its order tells whose an answer is."""
    found = Answers()
    rows = frozenset(material.of_kind(MODEL_KIND))
    for row, _, session in material.replay():
        number = session.sounding if row in rows else 0
        owner = session.captions.caption(number - CAPTIONS) or session.conversation.turn(number)
        if owner is not None:
            kind, _, count = name(number).partition(" ")
            found.rows.append(row)
            found.owners.append(owner)
            found.names.append(f"{kind}-{count:0>4}")
    return found


def start_s(material: Material, turn: Turn | Caption, end_s: float) -> float:
    """When an answer was first heard: as journalled, else as soon as what came before was over."""
    if turn.first_played_s is not None:
        return turn.first_played_s - material.start_s
    return max(end_s, (turn.first_content_s or 0.0) - material.start_s)


class Sounds:
    """Takes the sound out of messages; what is no PCM is counted, not guessed at."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._unread = 0

    def of(self, row: int) -> Iterator[Chunk]:
        """All PCM of one message."""
        record = self._material.log.record(row)
        if isinstance(record, Frame):
            sent = record.direction is Direction.SEND
            default_hz = media.INPUT_RATE_HZ if sent else media.OUTPUT_RATE_HZ
            for blob in _blobs(record):
                chunk = _chunk(blob, record.mono_s, default_hz)
                if chunk is not None:
                    yield chunk
                else:
                    self._unread += 1

    def note(self) -> None:
        """Say what could not be read, if anything."""
        if self._unread:
            self._material.notes.append(
                f"{self._unread:,} messages of sound are not PCM or not base64: left out."
            )


def _blobs(frame: Frame) -> Iterator[dict[str, Any]]:
    for fact in frame.facts:
        if fact.kind in (*USER_KINDS, MODEL_KIND):
            values = fact.value if isinstance(fact.value, list) else [fact.value]
            yield from (each for each in values if isinstance(each, dict) and _is_sound(each))


def _is_sound(blob: dict[str, Any]) -> bool:
    return str(blob.get("mimeType", "")).lower().startswith("audio/")


def _chunk(blob: dict[str, Any], mono_s: float, default_hz: int) -> Chunk | None:
    if not media.is_pcm(blob):
        return None
    try:
        pcm = media.data_bytes(blob)
    except ValueError:
        return None
    whole = pcm[: len(pcm) // media.BYTES_PER_SAMPLE * media.BYTES_PER_SAMPLE]
    return Chunk(mono_s, media.pcm_rate_hz(str(blob.get("mimeType", "")), default_hz), whole)
