"""From the end of a spoken question to the first sound of its answer, in the emulator."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.table import Aim, Row
from tests.bench.terminal import CHECKOUT
from tests.media.virtual_sound import VOICES
from tui.emulator.fields import Fields
from tui.emulator.perception import recognizer
from tui.emulator.perception.detector import detector
from tui.emulator.perception.ears import BYTES_PER_S, Ears, Edge
from tui.emulator.terms.activity import Activity
from tui.emulator.terms.profiles import profile

RUNS = 10
MODEL = "gemini-3.8-live"
QUESTIONS = {"short": ("weather", "count-en-GB"), "long": ("long", "long-en-GB")}
BEFORE_S, AFTER_S = 0.6, 2.5
CHUNK_BYTES = BYTES_PER_S // 50


def rows() -> Iterator[Row]:
    """p50 and p95 over two voices each, short sentences and long ones."""
    if not recognizer.installed():
        yield Row("spoken question to first audio", None, "", "not measured: no moonshine-voice")
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "tui", "emulate", "--quiet", "--tied"]
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**os.environ, "BIDISCOPE_DATA": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["ws"]
            for length, names in QUESTIONS.items():
                yield from _length_rows(url, length, names)
        finally:
            process.kill()
            process.communicate()


def _length_rows(url: str, length: str, names: tuple[str, ...]) -> Iterator[Row]:
    asyncio.run(_first_audio_s(url, _sound(names[0])))  # loads the model
    taken_ms = [1000 * asyncio.run(_first_audio_s(url, _sound(n))) for n in names * RUNS]
    alone = recognizer.Recognizer()
    alone_ms = 1000 * statistics.median(_recognition_s(alone, name) for name in names * 5)
    for name, value in (
        ("p50", statistics.median(taken_ms)),
        ("p95", float(np.percentile(taken_ms, 95))),
    ):
        yield Row(
            f"{length} spoken question to first audio, {name}",
            value,
            "ms",
            f"from the end of speech decided to the frame on the socket, n={len(taken_ms)};"
            " floor: the recognition of its words alone",
            alone_ms,
            Aim(300),
        )


def _sound(name: str) -> bytes:
    with wave.open(str(VOICES / f"{name}.wav")) as file:
        speech: bytes = file.readframes(file.getnframes())
    return _silence(BEFORE_S) + speech + _silence(AFTER_S)


def _silence(seconds: float) -> bytes:
    return bytes(round(seconds * 50) * CHUNK_BYTES)


def _decided_chunk(sound: bytes) -> int:
    """The chunk with which the end of speech is decided, by the emulator's own ears."""
    model = profile(MODEL)
    assert model is not None
    ears = Ears(Activity.granted(Fields(None, ""), model.activity), detector())
    chunks = range(len(sound) // CHUNK_BYTES)
    return max(n for n in chunks if Edge.END in list(ears.listen(_chunk(sound, n))))


def _chunk(sound: bytes, number: int) -> bytes:
    return sound[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]


async def _first_audio_s(url: str, sound: bytes) -> float:
    """Ask in real time, as the workbench does; a session of its own."""
    async with connect(url) as socket:
        setup = {"model": f"models/{MODEL}", "inputAudioTranscription": {}}
        await socket.send(json.dumps({"setup": setup}))
        decided: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        speaking = asyncio.create_task(_speak(socket, sound, decided))
        async for message in socket:
            if b'"inlineData"' in message:
                heard_s = time.perf_counter()
                speaking.cancel()
                return heard_s - await decided
    raise RuntimeError("it was not answered")


async def _speak(socket: ClientConnection, sound: bytes, decided: asyncio.Future[float]) -> None:
    last, start_s = _decided_chunk(sound), time.perf_counter()
    for number in range(len(sound) // CHUNK_BYTES):
        due_s = start_s + (number + 1) * CHUNK_BYTES / BYTES_PER_S
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        data = base64.b64encode(_chunk(sound, number)).decode()
        blob = {"data": data, "mimeType": "audio/pcm;rate=16000"}
        if number == last:
            decided.set_result(time.perf_counter())
        await socket.send(json.dumps({"realtimeInput": {"audio": blob}}))


def _recognition_s(alone: recognizer.Recognizer, name: str) -> float:
    sound = _sound(name)
    speech = sound[len(_silence(BEFORE_S)) : -len(_silence(AFTER_S))]
    start_s = time.perf_counter()
    alone.transcribe(speech)
    return time.perf_counter() - start_s
