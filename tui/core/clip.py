"""Media that a message holds, and the sound of one message or of a run of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tui.core import media, wire
from tui.core.frame import Direction, Frame

MOST_MEDIA = 100
"""So many media of one message are offered; real ones hold one or two."""
MOST_VALUES = 100_000
"""So many values of a message are looked at for media."""
MOST_S = 600.0
"""A longer run is cut here."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A Blob and where it stands, keys as on the wire."""

    path: str
    blob: dict[str, str]
    """Canonical."""

    @property
    def kind(self) -> str:
        """``audio``, ``image``, ``video`` or whatever its mime type begins with."""
        return self.blob["mimeType"].partition("/")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of captured sound: s16le, mono."""

    pcm: bytes
    rate_hz: int
    rate_named: bool
    """By the mime type; else it is the protocol's."""
    messages: int
    """How many it is of."""
    problem: str = ""
    """What is missing from it, in a sentence."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / media.BYTES_PER_SAMPLE / self.rate_hz


def found(message: Any) -> list[Medium]:
    """The media of a message, in its order."""
    return [*islice(_media(message), MOST_MEDIA)]


def of_frame(frame: Frame) -> list[Medium]:
    """The media of a frame; none of what is no JSON object."""
    try:
        return found(wire.parse(frame.payload))
    except wire.Undecodable:
        return []


def joined(frames: Iterable[Frame], path: str = "") -> Clip:
    """The sound of one message, or of a run of them.

    Args:
        frames: in the order of the wire.
        path: of the Blob, where only that one is wanted; empty is all the sound there is.

    Raises:
        ValueError: There is none that can be heard; the message is a sentence.
    """
    tape = _Tape()
    for frame in frames:
        blobs = (each.blob for each in of_frame(frame) if path in ("", each.path))
        if not all(tape.take(frame, blob) for blob in blobs if media.is_pcm(blob)):
            break
    if not tape.rate_hz:
        raise ValueError("There is no audio/pcm in it; nothing else is decoded.")
    if not tape.pcm:
        raise ValueError(tape.problem or "Its sound is empty.")
    return Clip(bytes(tape.pcm), tape.rate_hz, tape.named, tape.messages, tape.problem)


@dataclass(slots=True)
class _Tape:
    """What is joined so far."""

    pcm: bytearray = field(default_factory=bytearray)
    rate_hz: int = 0
    named: bool = True
    messages: int = 0
    last_seq: int = 0
    problem: str = ""

    def take(self, frame: Frame, blob: dict[str, str]) -> bool:
        """Append a Blob of PCM; returns whether more can be appended."""
        named_hz = media.pcm_rate_hz(blob["mimeType"], 0)
        rate_hz = named_hz or default_rate_hz(frame)
        if self.rate_hz not in (0, rate_hz):
            self.problem = f"Only as far as the rate stays: then it is {rate_hz:,} Hz."
            return False
        self.rate_hz, self.named = rate_hz, self.named and bool(named_hz)
        try:
            data = media.data_bytes(blob)
        except ValueError as error:
            self.problem = self.problem or f"#{frame.seq} is missing. {error}"
            return True
        self.messages += frame.seq != self.last_seq
        self.last_seq = frame.seq
        self.pcm += data[: len(data) // media.BYTES_PER_SAMPLE * media.BYTES_PER_SAMPLE]
        if len(self.pcm) < MOST_S * rate_hz * media.BYTES_PER_SAMPLE:
            return True
        self.problem = f"Only the first {MOST_S / 60:.0f} minutes."
        return False


def default_rate_hz(frame: Frame) -> int:
    """The rate of its sound where no mime type names one."""
    sent = frame.direction is Direction.SEND
    return media.INPUT_RATE_HZ if sent else media.OUTPUT_RATE_HZ


def _media(message: Any) -> Iterator[Medium]:
    """Depth first, without recursion: hostile messages nest a thousand levels."""
    waiting: list[tuple[str, Any]] = [("", message)]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        path, value = waiting.pop()
        if blob := media.blob(value):
            yield Medium(path, blob)
            continue
        below: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            below = [(f"{path}.{key}" if path else key, each) for key, each in value.items()]
        elif isinstance(value, list):
            below = [(f"{path}[{at}]", each) for at, each in enumerate(value)]
        waiting += [each for each in reversed(below) if isinstance(each[1], (dict, list))]
