"""Sessions to export, made of scripted records."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.rehearsal import Rehearsal
from tui.core.frame import Direction, Frame
from tui.core.log import SessionLog
from tui.core.redaction import Level
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import Material, gather

KEY = "AIzaSyD" + "x" * 32
HANDLE = "Cihic2Vzc2lvbi1yZXN1bXB0aW9uLWhhbmRsZQ"
SECRETS = (KEY, HANDLE, "ya29.a0AfB_byExample", "auth_tokens/0123456789abcdef")

Samples = NDArray[np.int16]


def log_of(play: Rehearsal) -> SessionLog:
    """The log of what has happened in a rehearsal."""
    log = SessionLog(play.storage.read)
    while play.engine.inbox:
        log.ingest(*play.engine.inbox.popleft())
    return log


def material_of(play: Rehearsal, level: Level = Level.CREDENTIALS) -> Material:
    return gather(log_of(play), level, name="a session")


def exported(play: Rehearsal, form: str, level: Level = Level.CREDENTIALS) -> bytes:
    """What a format that is a file makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        write(material_of(play, level), FORMATS[form], out)
        return out.read_bytes()


def frames(log: SessionLog) -> list[Frame]:
    records = (log.record(row) for row in range(len(log)))
    return [record for record in records if isinstance(record, Frame)]


def noise(seconds: float, rate_hz: int, seed: int = 7) -> Samples:
    """Sound that is like nothing but itself, up to 3 kHz, so that no resampling takes it away."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))
    spectrum = np.fft.rfft(white)
    spectrum[np.fft.rfftfreq(white.size, 1 / rate_hz) > 3000] = 0
    smooth = np.fft.irfft(spectrum, white.size)
    sound: Samples = (smooth / np.abs(smooth).max() * 20_000).astype(np.int16)
    return sound


def blob(samples: Samples, rate_hz: int) -> dict[str, str]:
    data = base64.b64encode(samples.tobytes()).decode()
    return {"mimeType": f"audio/pcm;rate={rate_hz}", "data": data}


def answer(play: Rehearsal, samples: Samples, *, words: str = "", after_s: float = 0.0) -> None:
    """Model sound in messages of 200 ms, which all come at once, and its words before it."""
    if words:
        play.receive(after_s, serverContent={"outputTranscription": {"text": words}})
    for start in range(0, samples.size, 4800):
        part = {"inlineData": blob(samples[start : start + 4800], 24_000)}
        play.receive(0.001, serverContent={"modelTurn": {"parts": [part]}})


def speak(play: Rehearsal, samples: Samples, rate_hz: int = 16_000) -> None:
    """The person's sound in messages of 100 ms, as time goes by."""
    step = rate_hz // 10
    for start in range(0, samples.size, step):
        piece = samples[start : start + step]
        play.send(piece.size / rate_hz, realtime_input={"audio": blob(piece, rate_hz)})


def plain(payload: bytes) -> Any:
    return json.loads(payload)


def direction_of(frame: Frame) -> str:
    return "send" if frame.direction is Direction.SEND else "receive"


def secret_session() -> Rehearsal:
    """A conversation in which credentials stand everywhere they may."""
    play = Rehearsal()
    play.connect()
    play.send(setup={"model": "models/m", "sessionResumption": {"handle": HANDLE}})
    play.receive(sessionResumptionUpdate={"newHandle": HANDLE, "resumable": True})
    play.ask(f"My key is {KEY}, my token ya29.a0AfB_byExample. Keep it secret.")
    play.write("I will not tell ", f"anybody that it is {KEY}", ".")
    call = {"name": "f", "id": "1", "args": {"url": f"https://h/?key={KEY}&a=1"}}
    play.receive(toolCall={"functionCalls": [call]})
    answered = {"id": "1", "name": "f", "response": {"handle": HANDLE, "t": SECRETS[3]}}
    play.send(toolResponse={"functionResponses": [answered]})
    play.complete()
    play.event("error", message=f"Bearer {SECRETS[2]} was refused")
    return play
