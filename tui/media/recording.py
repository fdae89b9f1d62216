"""A WAV file in the place of a microphone."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr
from numpy.typing import NDArray

from tui.core.capture import BLOCK_S, RATE_HZ
from tui.media.ring import Samples

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_FORMAT = struct.Struct("<HHIIHH")

PLAUSIBLE_HZ = range(4000, 384_001)

MOST_BYTES = 512 << 20


class RecordingError(Exception):
    """The file cannot be spoken; the message is a sentence that says why and what to do."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why
        """A clause."""


class Recording:
    """Reads a WAV file as mono samples of 16 kHz; integers of 8 to 32 bits, or floats.

    Args:
        path: of the file, which is read at once; its channels are mixed.

    Raises:
        RecordingError: it is not there, or not such a file.
    """

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError(f"it is larger than {MOST_BYTES >> 20} MB")
            with path.open("rb") as file:
                self._kind, self._channels, rate_hz, self._width = _header(file)
                self._raw = memoryview(file.read())
        except (OSError, ValueError) as error:
            why = str(error.strerror if isinstance(error, OSError) else error)
            raise RecordingError(
                f"The microphone is off: {path} cannot be spoken ({why}). "
                "Give a WAV file with PCM samples, or pick a device.",
                why,
            ) from error
        self.name = path.name
        self.decoded = 0
        """Samples that were decoded so far."""
        self._ended = False
        self._piece_bytes = round(rate_hz * BLOCK_S) * self._channels * self._width
        self._resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
        self._pending = np.zeros(0, np.float32)

    @property
    def over(self) -> bool:
        """Whether every sample has been read."""
        return self._ended and not len(self._pending)

    def read(self, count: int) -> Samples:
        """The next samples; zeros after the end."""
        while len(self._pending) < count and not self._ended:
            self._pending = np.concatenate([self._pending, self._next()])
        piece, self._pending = self._pending[:count], self._pending[count:]
        out = np.zeros(count, np.int16)
        out[: len(piece)] = np.clip(np.rint(piece * 32768), -32768, 32767)
        return out

    def _next(self) -> NDArray[np.float32]:
        raw, self._raw = self._raw[: self._piece_bytes], self._raw[self._piece_bytes :]
        self._ended = not self._raw
        frame = self._channels * self._width
        sound = _decoded(bytes(raw[: len(raw) // frame * frame]), self._kind, self._width)
        mono = sound.reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        resampled: NDArray[np.float32] = self._resampler.resample_chunk(mono, last=self._ended)
        self.decoded += len(resampled)
        return resampled


def _header(file: BinaryIO) -> tuple[int, int, int, int]:
    """Kind, channels, rate and bytes per sample; leaves the file at the samples.

    The size of the samples is not asked for: programs that write into a pipe do not know it.

    Raises:
        ValueError: what is wrong with the file.
    """
    riff, _, wave = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise ValueError("it is not a WAV file")
    described: tuple[int, int, int, int] | None = None
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            if described is None:
                break
            return described
        body = file.read(size + size % 2)
        if name == b"fmt ":
            described = _described(body)
    raise ValueError("it has no sound in it")


def _described(body: bytes) -> tuple[int, int, int, int]:
    if len(body) < _FORMAT.size:
        raise ValueError("its header is cut off")
    kind, channels, rate_hz, _, _, bits = _FORMAT.unpack_from(body)
    if kind == EXTENSIBLE and len(body) >= 26:
        (kind,) = struct.unpack_from("<H", body, 24)
    width = bits // 8
    if bits % 8 or (kind, width) not in [*((PCM, n) for n in (1, 2, 3, 4)), (FLOAT, 4), (FLOAT, 8)]:
        raise ValueError(f"its samples are coded in a way bidiscope cannot read ({kind}, {bits})")
    if not channels or rate_hz not in PLAUSIBLE_HZ:
        raise ValueError(f"{channels} channels at {rate_hz} Hz make no sense")
    return kind, channels, rate_hz, width


def _decoded(raw: bytes, kind: int, width: int) -> NDArray[np.float32]:
    """Samples as floats of -1..1."""
    if kind == FLOAT:
        return np.nan_to_num(np.frombuffer(raw, f"<f{width}").astype(np.float32))
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) * np.float32(2**-7)
    if width == 3:  # as the upper bytes of four
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        raw, width = wide.tobytes(), 4
    return np.frombuffer(raw, f"<i{width}").astype(np.float32) * np.float32(2 ** (1 - 8 * width))
