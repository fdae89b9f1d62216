"""From the microphone to the socket, also while the user interface does nothing but compute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.table import Aim, Row
from tests.media.virtual_sound import missing, sound_card
from tui.core.capture import BLOCK_S, Block
from tui.hardware import devices
from tui.launch import SWITCH_INTERVAL_S
from tui.live import input as live_input
from tui.live.input import Input, Wire
from tui.options import Options
from tui.rig import Rig

CALM_S = 10.0
STALL_S = 2.0
STALLS = 5
GAP_S = 0.5
PATIENCE_S = 30.0


class Stopwatch:
    """Notes for each block when it ended, and when its frame had been handed to the socket."""

    def __init__(self) -> None:
        self.ended_s: dict[int, float] = {}
        self.blocks: list[Block] = []
        """Kept, so that no identity is used twice."""
        self.took_s: list[float] = []

    def heard(self, block: Block) -> None:
        """A block is there."""
        self.blocks.append(block)
        self.ended_s[id(block.pcm)] = block.captured_s

    def sent(self, pcm: bytes) -> None:
        """Its frame is on its way."""
        self.took_s.append(time.perf_counter() - self.ended_s[id(pcm)])


class TimedWire:
    """A connection that tells the stopwatch."""

    def __init__(self, wire: Wire, watch: Stopwatch) -> None:
        self._wire = wire
        self._watch = watch

    async def send_audio(self, pcm: bytes, mime_type: str) -> None:
        await self._wire.send_audio(pcm, mime_type)
        self._watch.sent(pcm)

    async def send_signal(self, name: str) -> None:
        await self._wire.send_signal(name)


def rows() -> Iterator[Row]:
    """With a user interface that is blocked, and one that never lets go of the interpreter.

    In both the emulator tells a story through the speaker.
    """
    if reason := missing():
        yield Row("microphone to wire", None, note=f"not measured: {reason}")
        return
    with sound_card() as folder:
        yield from _measured(folder)


def _measured(folder: Path) -> Iterator[Row]:
    watch = Stopwatch()
    with _session(folder, watch) as rig:
        rig.engine.say("Tell me a very long story.")
        _until(lambda: rig.engine.playback.playing)
        calm = _during(watch, lambda: time.sleep(CALM_S))
        before = rig.engine.playback.underruns, rig.engine.capture
        stalled = _during(watch, _stall_again_and_again)
        after = rig.engine.playback.underruns, rig.engine.capture
        playing = rig.engine.playback.playing
    lost = after[1].lost - before[1].lost + after[1].overflows - before[1].overflows
    figures = "end of block in the callback to the socket write behind it, AEC and VAD between"
    names = f"UI blocked for {CALM_S:g} s", f"UI computing {STALLS} x {STALL_S:g} s"
    for name, took_ms in zip(names, (calm, stalled), strict=True):
        yield Row(
            f"microphone to wire, p99, {name}",
            float(np.percentile(took_ms, 99)),
            "ms",
            f"{figures}; p50 {np.median(took_ms):.1f}, max {took_ms.max():.1f}, n={len(took_ms)}",
            aim=Aim(5),
        )
    late = int((stalled > BLOCK_S * 1000).sum())
    yield Row("blocks late by more than one, UI computing", late, "", aim=Aim(0))
    yield Row("blocks lost, UI computing", lost, "", aim=Aim(0))
    note = "the story was playing all the time" if playing else "THE STORY HAD ENDED"
    yield Row("playback underruns, UI computing", after[0] - before[0], "", note, aim=Aim(0))


def _during(watch: Stopwatch, act: Callable[[], None]) -> Any:
    start = len(watch.took_s)
    act()
    return np.array(watch.took_s[start:]) * 1000


def _stall_again_and_again() -> None:
    """What a drawing user interface does at its worst: it holds the interpreter all the time."""
    for _ in range(STALLS):
        end_s = time.perf_counter() + STALL_S
        while time.perf_counter() < end_s:
            pass
        time.sleep(GAP_S)


@contextmanager
def _session(folder: Path, watch: Stopwatch) -> Iterator[Rig]:
    begin, heard = Input.begin, Input._heard

    def timed_begin(self: Input, wire: Wire, **options: Any) -> None:
        begin(self, TimedWire(wire, watch), **options)

    def timed_heard(self: Input, block: Block) -> None:
        watch.heard(block)
        heard(self, block)

    interval_s = sys.getswitchinterval()
    live_input.Input.begin, live_input.Input._heard = timed_begin, timed_heard  # type: ignore[method-assign]
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    options = Options(emulator=True, model="gemini-3.8-live", record=folder)
    rig = Rig(options, lambda: devices(options))
    try:
        rig.engine.start()
        rig.engine.connect().result(PATIENCE_S)
        _until(lambda: len(watch.took_s) > 100)
        yield rig
    finally:
        rig.stop()
        sys.setswitchinterval(interval_s)
        Input.begin, Input._heard = begin, heard  # type: ignore[method-assign]


def _until(true: Callable[[], object]) -> None:
    end_s = time.perf_counter() + PATIENCE_S
    while not true():
        assert time.perf_counter() < end_s, "it did not come true"
        time.sleep(0.01)
