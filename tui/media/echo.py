"""The echo of our own speaker in our own microphone: removed, measured, recognised."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from tui.core.capture import RATE_HZ
from tui.media.level import decibels
from tui.media.ring import Samples

AUDIBLE_DB = -60.0
"""An echo fainter than this needs no cancelling, and cannot be measured above a room's noise."""

PLAYING_DB = -50.0
TAIL_BLOCKS = 15
"""An echo is heard for so many blocks of 20 ms after its cause (both devices and the room)."""

ONSET_BLOCKS = 8
"""A person has spoken for up to so many blocks when voice activity is noticed."""

WINDOW_BLOCKS = 150
ENOUGH_BLOCKS = 25
"""Blocks of echo that a measurement is made of, at most and at least: 3 s and 0.5 s."""

SPARE = 1e-9
"""Keeps digital silence out of a division."""


class EchoCanceller:
    """AEC3 from WebRTC on blocks of 16 kHz, where its wheel exists; it holds 8 ms back.

    Args:
        wanted: False leaves the sound as it is.
        why_not: words for the state when it is not wanted.
    """

    def __init__(self, *, wanted: bool = True, why_not: str = "off by --no-aec") -> None:
        self._aec: Any = _aec3() if wanted else None
        self._without = "no echo cancelling: use headphones" if wanted else why_not
        self._loss = Loss()

    @property
    def works(self) -> bool:
        """Whether echo is cancelled."""
        return self._aec is not None

    @property
    def erle_db(self) -> float | None:
        """Measured echo return loss enhancement; None before there was an echo to measure."""
        return None if self._aec is None else self._loss.db

    @property
    def words(self) -> str:
        """The state for a status line."""
        if self._aec is None:
            return self._without
        if self._loss.db is not None:
            return f"echo cancelling {self._loss.db:.0f} dB"
        return "echo cancelling: no echo" if self._loss.inaudible else "echo cancelling: starting"

    def process(self, near: Samples, far: Samples) -> Samples:
        """What the microphone heard without what the speaker played: whole frames of 10 ms."""
        if self._aec is None:
            return near
        clean: Samples = self._aec.process(near, far)
        return clean

    def measure(self, near: Samples, far: Samples, clean: Samples, *, speech: bool) -> None:
        """Take a block into the measured ERLE, unless a person speaks over it."""
        if self._aec is not None:
            self._loss.add(near, far, clean, speech=speech)


class Loss:
    """Echo return loss enhancement: how much less energy there is after cancelling than before.

    Only blocks count in which the speaker's echo is heard alone. Voice activity comes late, so
    the last blocks wait until nobody turns out to have spoken in them.
    """

    def __init__(self) -> None:
        self.db: float | None = None
        self.inaudible = False
        """Something was played, and nothing of it was heard."""
        self._since_sound = TAIL_BLOCKS
        self._waiting: deque[tuple[float, float]] = deque()
        self._energies: deque[tuple[float, float]] = deque(maxlen=WINDOW_BLOCKS)

    def add(self, near: Samples, far: Samples, clean: Samples, *, speech: bool) -> None:
        """Take in one block: heard, played, and heard after cancelling."""
        self._since_sound = 0 if _level_db(far) > PLAYING_DB else self._since_sound + 1
        if speech:
            self._waiting.clear()
        elif self._since_sound < TAIL_BLOCKS:
            self._waiting.append((_energy(near), _energy(clean)))
        if len(self._waiting) > ONSET_BLOCKS:
            self._energies.append(self._waiting.popleft())
            self._judge()

    def _judge(self) -> None:
        if len(self._energies) < ENOUGH_BLOCKS:
            return
        near, clean = (sum(column) for column in zip(*self._energies, strict=True))
        self.inaudible = decibels((near / len(self._energies)) ** 0.5) < AUDIBLE_DB
        if not self.inaudible:
            self.db = float(10 * np.log10((near + SPARE) / (clean + SPARE)))


def likeness(heard: Samples, played: Samples) -> float:
    """How much what was heard resembles what was played, 0..1: their best correlation.

    Both are differentiated first, since all voices are alike in their low frequencies.

    Args:
        heard: of the microphone, before echo cancelling.
        played: up to the same moment, and longer by the largest delay that is looked for.
    """
    sought, line = (np.diff(samples.astype(np.float64)) for samples in (heard, played))
    if not sought.any() or not line.any():
        return 0.0
    size = 1 << (len(sought) + len(line)).bit_length()
    product = np.fft.irfft(np.fft.rfft(line, size) * np.conj(np.fft.rfft(sought, size)), size)
    product = product[: len(line) - len(sought) + 1]
    energy = np.concatenate([[0.0], np.cumsum(line**2)])
    own = float((sought**2).sum())
    local = np.maximum(energy[len(sought) :] - energy[: -len(sought)], energy[-1] / 100)
    return float(np.clip(np.max(np.abs(product) / np.sqrt(local * own)), 0, 1))


def _aec3() -> Any:
    try:
        from pywebrtc_audio import EchoCanceller as Aec3
    except (ImportError, OSError):
        return None
    return Aec3(RATE_HZ, 1, 0)  # a delay hint of 0 serves real delays of 70 to 250 ms


def _energy(block: Samples) -> float:
    sound = block.astype(np.float32) / 32768
    return float(np.dot(sound, sound)) / len(sound)


def _level_db(block: Samples) -> float:
    return decibels(_energy(block) ** 0.5)
