"""What it costs to keep the speaker's echo out of the microphone."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
import soxr

from tests.bench.table import Aim, Row
from tests.media.virtual_sound import voice
from tui.core.capture import RATE_HZ
from tui.media.echo import EchoCanceller
from tui.media.far_end import FarEnd
from tui.media.ring import Played, Reference, Samples
from tui.media.voice_activity import VoiceActivity

PLAYED_HZ = 24_000
BLOCK, PLAYED = RATE_HZ // 50, PLAYED_HZ // 50
DELAY = RATE_HZ * 60 // 1000
ROUNDS = 5
TENS_OF_MS = 2
"""In a block."""


def rows() -> Iterator[Row]:
    """The whole path of a block, as the microphone takes it, against AEC3 alone."""
    try:
        from pywebrtc_audio import EchoCanceller as Aec3
    except (ImportError, OSError):
        yield Row("echo path", None, "", "not measured: no pywebrtc-audio")
        return
    played = voice("long")
    near, far = _room(played)

    def alone() -> None:
        aec = Aec3(RATE_HZ, 1, 0)
        for at in range(0, len(near) - BLOCK, BLOCK):
            aec.process(near[at : at + BLOCK], far[at : at + BLOCK])

    blocks = len(near) // BLOCK
    whole_us = _block_us(lambda: _path(played, near), blocks)
    yield Row(
        "echo path, for 10 ms of sound",
        whole_us,
        "us",
        f"far end, AEC3, voice activity, measuring: {whole_us / 100:.2f} % of real time;"
        " floor: AEC3 alone",
        _block_us(alone, blocks),
        Aim(300),
    )


def _room(played: Samples) -> tuple[Samples, Samples]:
    """What a microphone hears of it, a person over it; and the far end."""
    far: Samples = soxr.resample(played, PLAYED_HZ, RATE_HZ)
    person: Samples = np.resize(soxr.resample(voice("count"), PLAYED_HZ, RATE_HZ), len(far))
    echo = np.concatenate([np.zeros(DELAY, np.int16), far[:-DELAY]])
    return (echo // 2 + person // 2).astype(np.int16), far


def _path(played: Samples, near: Samples) -> None:
    """As `tui.media.microphone` does it for each block."""
    reference: Reference = deque()
    far_end, canceller, activity = FarEnd(reference), EchoCanceller(), VoiceActivity()
    for number in range(len(near) // BLOCK):
        at_s = number / 50
        sound = played[number * PLAYED : (number + 1) * PLAYED]
        reference.append(Played(sound, PLAYED_HZ, at_s))
        heard = near[number * BLOCK : (number + 1) * BLOCK]
        far = far_end.beside(BLOCK, at_s + 1 / 50)
        clean = canceller.process(heard, far)
        canceller.measure(heard, far, clean, speech=activity.hears(clean))


def _block_us(work: Callable[[], None], blocks: int) -> float:
    """The best of some rounds, for each 10 ms."""
    taken_s = []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        work()
        taken_s.append(time.perf_counter() - start_s)
    return min(taken_s) * 1e6 / blocks / TENS_OF_MS
