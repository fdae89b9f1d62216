"""From the arrival of `interrupted` to silence at the virtual speaker, through the whole engine."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from tests.bench.speaker import _dense
from tests.bench.table import Aim, Row
from tests.media.virtual_sound import Monitor, missing, sound_card, until, voice
from tests.stage import Message, Peer, stage
from tui.core.frame import Frame
from tui.hardware import devices
from tui.options import Options
from tui.rig import Rig

TRIES = 30
CHUNK = 9600


def rows() -> Iterator[Row]:
    """Each try cuts dense speech somewhere else."""
    if reason := missing():
        yield Row("barge-in", None, note=f"not measured: {reason}")
        return
    with sound_card() as folder:
        silent_ms = np.array(_measured(folder))
    yield Row(
        "barge-in: `interrupted` arrives to silence, p95",
        float(np.percentile(silent_ms, 95)),
        "ms",
        f"last sample above -41 dBFS at the monitor; p50 {np.median(silent_ms):.1f}, "
        f"max {silent_ms.max():.1f}, n={len(silent_ms)}",
        aim=Aim(30),
    )


def _measured(folder: Path) -> list[float]:
    speech = np.tile(_dense(voice("weather")), 2).tobytes()
    pieces = [speech[at : at + CHUNK] for at in range(0, len(speech), CHUNK)]

    async def script(peer: Peer) -> None:
        await peer.accept()
        while True:
            await peer.hear()
            await peer.send(*map(_audio, pieces))
            await peer.cue()
            await peer.send({"serverContent": {"interrupted": True}})
            await peer.send({"serverContent": {"turnComplete": True}})

    with (
        stage(folder / "authority", script) as played,
        mock.patch.dict(os.environ, played.environment),
    ):
        options = Options(record=folder / "records", mic="off")
        rig = Rig(options, lambda: devices(options))
        rig.engine.start()
        try:
            rig.engine.connect().result(30)
            return [_once(rig, played.give_cue, number) for number in range(TRIES)]
        finally:
            rig.stop()


def _once(rig: Rig, interrupt: Callable[[], None], number: int) -> float:
    rig.engine.inbox.clear()
    rig.engine.say("go")
    with Monitor() as monitor:
        until(lambda: rig.engine.playback.playing)
        time.sleep(0.4 + number * 0.0037)
        interrupt()
        until(lambda: rig.engine.playback.idle)
        time.sleep(0.15)
    arrived_s = next(
        record.mono_s
        for record, _ in rig.engine.inbox
        if isinstance(record, Frame)
        and any(fact.kind == "serverContent.interrupted" for fact in record.facts)
    )
    silent_s = monitor.arrived_at(int(monitor.loud()[-1]))
    return (silent_s - rig.engine.clock._start_s - arrived_s) * 1000


def _audio(pcm: bytes) -> Message:
    blob = {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(pcm).decode()}
    return {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}
