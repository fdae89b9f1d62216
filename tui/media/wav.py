"""Answers as WAV files that are whole at any moment, even when the program is killed."""

from __future__ import annotations

import os
import struct
from datetime import datetime
from itertools import count
from pathlib import Path

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class WavFile:
    """A growing WAV file: PCM, mono, 16 bit. Sizes in the header are right after every write.

    Args:
        path: created with mode 0600.
        rate_hz: samples per second.
        replace: overwrite the file when it exists.

    Raises:
        OSError: the file cannot be made (FileExistsError: it is there, and `replace` is not set).
    """

    def __init__(self, path: Path, rate_hz: int, *, replace: bool = False) -> None:
        self._rate_hz = rate_hz
        self._size = 0
        self._file = open(path, "wb" if replace else "xb", 0, opener=_private)  # noqa: SIM115
        self._file.write(self._header())

    def write(self, pcm: bytes) -> None:
        """Append whole samples, s16le. Raises OSError when the disk does not take them."""
        self._file.seek(0, os.SEEK_END)
        self._size += self._file.write(pcm)
        self._file.seek(0)
        self._file.write(self._header())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _header(self) -> bytes:
        size, rate_hz = self._size, self._rate_hz
        form = (b"RIFF", _HEADER.size - 8 + size, b"WAVE")
        encoding = (b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
        return _HEADER.pack(*form, *encoding, b"data", size)


def new_wav(folder: Path, answer: int, rate_hz: int) -> WavFile:
    """A file for an answer, named by time and number, in a folder made (0700) when missing.

    Raises:
        OSError: the folder or the file cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-answer-{answer:04}"
    path = folder / f"{name}.wav"
    copies = count(2)
    while True:
        try:
            return WavFile(path, rate_hz)
        except FileExistsError:
            path = folder / f"{name}-{next(copies)}.wav"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
