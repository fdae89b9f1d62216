"""Sound and pictures that are none: the emulator goes on, over a real socket."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from tests.emulator.test_emulator_process import WAIT_S, Emulator

SETUP = {
    "model": "models/gemini-2.0-flash-exp",
    "generationConfig": {"responseModalities": ["TEXT"]},
}
PCM = "audio/pcm;rate=16000"
NOISE = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
JPEG = cv2.imencode(".jpg", NOISE)[1].tobytes()
DAMAGED = JPEG[:9000] + NOISE.tobytes()[:60] + JPEG[9060:]
HUGE_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 10_000, 10_000) + bytes(64)
LARGE_PNG = cv2.imencode(".png", np.zeros((4_900, 5_000, 3), np.uint8))[1].tobytes()

BAD = {
    "no sound": ("audio", b"", PCM),
    "half a sample": ("audio", b"\x01", PCM),
    "an odd number of bytes": ("audio", bytes(641), PCM),
    "a rate of nothing": ("audio", bytes(640), "audio/pcm;rate=0"),
    "a negative rate": ("audio", bytes(640), "audio/pcm;rate=-16000"),
    "an absurd rate": ("audio", bytes(640), "audio/pcm;rate=999999999999"),
    "a rate in words": ("audio", bytes(640), "audio/pcm;rate=fast"),
    "no rate": ("audio", bytes(640), "audio/pcm"),
    "no type of sound": ("audio", bytes(640), ""),
    "rates that change": ("audio", bytes(640), "audio/pcm;rate=48000"),
    "a minute at once": ("audio", bytes(60 * 32_000), PCM),
    "no picture": ("video", b"", "image/jpeg"),
    "text for a picture": ("video", b"no picture", "image/jpeg"),
    "half a picture": ("video", JPEG[: len(JPEG) // 2], "image/jpeg"),
    "a damaged picture": ("video", DAMAGED, "image/jpeg"),
    "the beginning of a picture": ("video", JPEG[:3], "image/jpeg"),
    "a picture of another format": ("video", JPEG, "image/png"),
    "a picture without a format": ("video", JPEG, ""),
    "100 megapixels": ("video", HUGE_PNG, "image/png"),
    "24 megapixels": ("video", LARGE_PNG, "image/png"),
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator(tmp_path_factory.mktemp("emulator"), ", tied=True, quiet=True")
    yield running
    running.process.kill()
    running.process.communicate()


@pytest.fixture
def session(emulator: Emulator) -> Iterator[ClientConnection]:
    with connect(emulator.ready["ws"]) as connection:
        connection.send(json.dumps({"setup": SETUP}))
        connection.recv(timeout=WAIT_S)
        yield connection


def show(session: ClientConnection, field: str, data: bytes, mime_type: str) -> None:
    blob = {"data": base64.b64encode(data).decode(), "mimeType": mime_type}
    session.send(json.dumps({"realtimeInput": {field: blob}}))


def answer(session: ClientConnection, question: str) -> str:
    session.send(json.dumps({"realtimeInput": {"text": question}}))
    words, content = "", dict[str, Any]()
    while "turnComplete" not in content:
        content = json.loads(session.recv(timeout=WAIT_S)).get("serverContent", {})
        words += "".join(part["text"] for part in content.get("modelTurn", {}).get("parts", []))
    return words


@pytest.mark.parametrize(("field", "data", "mime_type"), BAD.values(), ids=BAD)
def test_the_session_goes_on_after(
    session: ClientConnection, field: str, data: bytes, mime_type: str
) -> None:
    show(session, field, data, mime_type)
    assert answer(session, "What is 6 times 7?") == "That is 42."


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("no picture", "It is in a format that I cannot read."),
        ("100 megapixels", "10000 by 10000 points. That is too large for me to look at."),
        ("24 megapixels", "5000 by 4900 points. It is very dark"),
        ("text for a picture", "It is in a format that I cannot read."),
    ],
)
def test_it_says_what_is_wrong_with(session: ClientConnection, case: str, told: str) -> None:
    show(session, *BAD[case])
    assert told in answer(session, "What do you see?")


def test_what_libraries_print_of_damaged_pictures_goes_nowhere(tmp_path: Path) -> None:
    """Nobody reads a tied emulator's stderr once it is ready: a full pipe would hold it."""
    emulator = Emulator(tmp_path, ", tied=True, quiet=True")
    with connect(emulator.ready["ws"]) as session:
        session.send(json.dumps({"setup": SETUP}))
        session.recv(timeout=WAIT_S)
        show(session, *BAD["a damaged picture"])
        assert "It is a JPEG of 300 by 200 points." in answer(session, "What do you see?")
    assert emulator.end() == (0, "", "")


def test_a_file_is_not_sound(session: ClientConnection) -> None:
    show(session, "audio", b"RIFF", "audio/wav")
    with pytest.raises(ConnectionClosedError, match="Sound must be audio/pcm"):
        session.recv(timeout=WAIT_S)


def test_what_is_no_base64_ends_the_session_as_the_service_does(session: ClientConnection) -> None:
    session.send('{"realtimeInput": {"audio": {"data": "!", "mimeType": "audio/pcm"}}}')
    with pytest.raises(ConnectionClosedError, match="1007"):
        session.recv(timeout=WAIT_S)
