"""The session as it was heard: stereo WAV, left the person, right the model.

The person's sound stands where it was spoken, the model's where it was played: from
`playback.started` on where the journal has it, else from its arrival or the end of what came
before; what was flushed is left out. LangSmith and Pipecat lay their recordings out alike.
"""

from __future__ import annotations

import tempfile
import wave
from typing import BinaryIO

import numpy as np
import soxr

from tui.core.captions import Caption
from tui.core.journal import JournalError
from tui.core.turn import Turn
from tui.exporters.material import Material
from tui.exporters.sound import USER_KINDS, Chunk, Sounds, answers, start_s

RATE_HZ = 24_000
JITTER_S = 0.25
"""A microphone's block that comes so late was still spoken right after the one before it."""
MAX_SAMPLES = (0xFFFF_FFFF - 64) // 4
"""RIFF counts its bytes in 32 bits: 12.4 hours."""
BLOCK_SAMPLES = 1 << 16


def export(material: Material, out: BinaryIO) -> None:
    """Write 24 kHz, 16 bit; the file begins at the journal's first record."""
    with Track() as left, Track() as right:
        sounds = Sounds(material)
        _lay_user(material, sounds, left)
        _lay_model(material, sounds, right)
        sounds.note()
        if not left.samples and not right.samples:
            raise JournalError("There is no sound in this session: nothing was exported.")
        _interleave(material, left, right, out)


class Track:
    """One channel: sound put at times that never go back. Kept in an unnamed file, full of holes.

    Times are seconds from the beginning of the file.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._resampler: soxr.ResampleStream | None = None
        self._rate_hz = RATE_HZ
        self._begun_s = 0.0
        self._taken = 0
        self.samples = 0
        """How long the channel is until now."""

    def __enter__(self) -> Track:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    @property
    def end_s(self) -> float:
        """Where what was put last ends, to the sample of its own rate."""
        return self._begun_s + self._taken / self._rate_hz

    def put(self, at_s: float, chunk: Chunk, jitter_s: float = 0.0) -> None:
        """Put it there, or right after what is there already."""
        if chunk.rate_hz != self._rate_hz or not at_s <= self.end_s + jitter_s:
            self._begin(max(at_s, self.end_s), chunk.rate_hz)
        samples = np.frombuffer(chunk.pcm, "<i2")
        self._taken += samples.size
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        self._write(samples)

    def finish(self) -> None:
        """No more comes: write what the resampler still holds."""
        if self._resampler is not None:
            self._write(self._resampler.resample_chunk(np.zeros(0, np.int16), last=True))
            self._resampler = None

    def read(self, samples: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        """The next samples, silence beyond the end."""
        data = self._file.read(samples * 2)
        return np.frombuffer(data.ljust(samples * 2, b"\0"), "<i2")

    def rewind(self) -> None:
        """Read from the beginning."""
        self._file.seek(0)

    def _begin(self, at_s: float, rate_hz: int) -> None:
        self.finish()
        if not at_s <= MAX_SAMPLES / RATE_HZ:
            raise JournalError(
                "A WAV file holds at most 12.4 hours; by its times this session is longer. "
                "Export its turns instead."
            )
        self.samples = max(self.samples, round(at_s * RATE_HZ))
        self._begun_s, self._taken, self._rate_hz = at_s, 0, rate_hz
        if rate_hz != RATE_HZ:
            self._resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, "int16", "HQ")

    def _write(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        if samples.size:
            self._file.seek(self.samples * 2)
            self._file.write(samples.tobytes())
            self.samples += samples.size


def _lay_user(material: Material, sounds: Sounds, track: Track) -> None:
    """A block was spoken just before it was sent."""
    for row in material.told(material.of_kind(*USER_KINDS), "Reading"):
        for chunk in sounds.of(row):
            at_s = chunk.mono_s - material.start_s - chunk.seconds
            track.put(max(0.0, at_s), chunk, JITTER_S)
    track.finish()


def _lay_model(material: Material, sounds: Sounds, track: Track) -> None:
    played = answers(material)
    before: Turn | Caption | None = None
    laid_s = begun_s = 0.0
    for row, turn in zip(material.told(played.rows, "Reading"), played.owners, strict=True):
        if turn is not before:
            before, laid_s = turn, 0.0
            begun_s = start_s(material, turn, track.end_s)
        for chunk in sounds.of(row):
            at_s = max(begun_s, chunk.mono_s - material.start_s, track.end_s if laid_s else 0.0)
            heard = _cut(chunk, _heard_s(material, turn, laid_s, at_s))
            if heard.pcm:
                track.put(at_s, heard)
            laid_s += heard.seconds
    track.finish()


def _heard_s(material: Material, turn: Turn | Caption, laid_s: float, at_s: float) -> float:
    """How much more of it was heard: as journalled, else until `interrupted` came."""
    if turn.heard_s is not None:
        return turn.heard_s - laid_s
    if turn.interrupted_s is not None:
        return turn.interrupted_s - material.start_s - at_s
    return float("inf")


def _cut(chunk: Chunk, seconds: float) -> Chunk:
    if seconds >= chunk.seconds:
        return chunk
    return Chunk(
        chunk.mono_s, chunk.rate_hz, chunk.pcm[: 2 * max(0, round(seconds * chunk.rate_hz))]
    )


def _interleave(material: Material, left: Track, right: Track, out: BinaryIO) -> None:
    total = max(left.samples, right.samples)
    for track in (left, right):
        track.rewind()
    with wave.open(out, "wb") as file:
        file.setparams((2, 2, RATE_HZ, total, "NONE", ""))
        for start in range(0, total, BLOCK_SAMPLES):
            size = min(BLOCK_SAMPLES, total - start)
            pair = np.column_stack((left.read(size), right.read(size)))
            file.writeframesraw(pair.tobytes())
            material.report("Writing", start / total)
