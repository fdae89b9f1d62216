"""Sessions recorded by the server's side: what passed, to the byte, with no credential in it."""

from __future__ import annotations

import asyncio
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from google.genai.types import AudioTranscriptionConfig, LiveConnectConfig, Modality
from websockets.asyncio.client import connect

from tests.emulator.conftest import WAIT_S, Begin, Emulator
from tests.stage import API_KEY
from tests.tap.conftest import end, ended, frames, read
from tui import lint
from tui.core.frame import Event, Record
from tui.core.journal import FileStorage
from tui.emulator import process
from tui.emulator.edge import recorder
from tui.emulator.options import Options

PATH = "//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = (
    '{"setup": {"model": "models/gemini-2.0-flash-exp", '
    '"generationConfig": {"responseModalities": ["TEXT"]}}}'
)


async def recordings(emulator: Emulator, folder: Path, count: int = 1) -> list[list[Record]]:
    """The records of so many sessions that are over."""
    async with asyncio.timeout(WAIT_S):
        for _ in range(count):
            await emulator.logged("closed: ")
        while True:
            whole = [each for each in read_all(folder) if ended(each)]
            if len(whole) >= count:
                return whole
            await asyncio.sleep(0.01)


def read_all(folder: Path) -> list[list[Record]]:
    return [read(path) for path in sorted(folder.glob("*.jsonl"))]


async def test_a_session_of_the_sdk(begin: Begin, tmp_path: Path) -> None:
    folder = tmp_path / "taped"
    emulator = await begin(record=folder)
    config = LiveConnectConfig(
        response_modalities=[Modality.AUDIO],
        output_audio_transcription=AudioTranscriptionConfig(),
    )
    began_s = time.time()
    client = emulator.client(API_KEY)
    async with client.aio.live.connect(model="gemini-3.8-live", config=config) as session:
        await session.send_realtime_input(text="What is 6 * 7?")
        async for _ in session.receive():
            pass
    (records,) = await recordings(emulator, folder)
    messages = frames(records)
    assert [(way, opcode) for way, opcode, _ in messages[:3]] == [
        ("send", 1),
        ("receive", 2),
        ("send", 1),
    ]
    assert messages[1][2] == b'{\n  "setupComplete": {}\n}\n'
    assert b'"turnComplete": true' in messages[-1][2]
    assert end(records) == (1000, "", "client")
    opening = records[0]
    assert isinstance(opening, Event)
    assert opening.name == "connection.opening"
    assert opening.detail["model"] == "gemini-3.8-live"
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    times = [record.mono_s for record in records]
    assert times == sorted(times)
    assert began_s - 1 < records[0].time_s < records[-1].time_s < time.time() + 1
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert API_KEY not in path.read_text()
    header = json.loads(path.read_text().splitlines()[0])
    assert header["origin"] == "emulator"
    assert header["sdk"].startswith("google-genai-sdk/")
    said = io.StringIO()
    everything = lint.Wanted(frozenset(), frozenset(), "warn")
    assert lint.run([path], everything, as_json=False, output=said) == 0, said.getvalue()


async def test_opcodes_are_as_they_came(begin: Begin, tmp_path: Path) -> None:
    emulator = await begin(record=tmp_path / "taped", text_frames=True)
    async with connect(emulator.url) as connection:
        await connection.send(SETUP.encode())
        assert isinstance(await connection.recv(), str)
        await connection.send("nonsense")
        await connection.wait_closed()
    (records,) = await recordings(emulator, tmp_path / "taped")
    assert [(way, opcode, payload[:8]) for way, opcode, payload in frames(records)] == [
        ("send", 2, b'{"setup"'),
        ("receive", 1, b'{\n  "set'),
        ("send", 1, b"nonsense"),
    ]
    code, reason, by = end(records)
    assert (code, by) == (1007, "server")
    assert reason.startswith("Invalid JSON payload received.")


async def test_a_key_leaves_no_trace_even_if_it_is_said(begin: Begin, tmp_path: Path) -> None:
    emulator = await begin(record=tmp_path / "taped")
    key = "a key of no known shape".replace(" ", "-")
    async with connect(f"{emulator.url}{PATH}?key={key}") as connection:
        await connection.send(SETUP)
        await connection.recv()
        await connection.send(json.dumps({"realtimeInput": {"text": f"{key} {API_KEY}"}}))
        async for message in connection:
            if b"turnComplete" in message:
                break
    await recordings(emulator, tmp_path / "taped")
    (path,) = (tmp_path / "taped").iterdir()
    text = path.read_text()
    assert key not in text
    assert API_KEY not in text
    assert '"masked":true' in text


async def test_a_token_leaves_no_trace(begin: Begin, tmp_path: Path) -> None:
    emulator = await begin(record=tmp_path / "taped")
    token = "auth_tokens/" + "a1b2c3d4" * 8
    async with connect(f"{emulator.url}{PATH}Constrained?access_token={token}") as connection:
        await connection.send(SETUP.replace("models/", f"models/{token}/"))
        await connection.wait_closed()
    (records,) = await recordings(emulator, tmp_path / "taped")
    assert end(records) == (1008, "Token not found", "server")
    (path,) = (tmp_path / "taped").iterdir()
    assert "a1b2c3d4a1b2c3d4" not in path.read_text()


async def test_a_client_that_is_lost_and_one_that_said_nothing(
    begin: Begin, tmp_path: Path
) -> None:
    emulator = await begin(record=tmp_path / "taped")
    async with connect(emulator.url) as connection:
        await connection.send(SETUP)
        await connection.recv()
        connection.transport.abort()
    (lost,) = await recordings(emulator, tmp_path / "taped")
    assert end(lost) == (1006, "the client was lost without a close frame", "network")
    async with connect(emulator.url):
        pass
    async with asyncio.timeout(WAIT_S):
        await emulator.logged("no-setup.jsonl")


async def test_many_at_once_have_a_recording_each(begin: Begin, tmp_path: Path) -> None:
    emulator = await begin(record=tmp_path / "taped")

    async def session(number: int) -> None:
        async with connect(emulator.url) as connection:
            await connection.send(SETUP)
            await connection.recv()
            await connection.send(json.dumps({"realtimeInput": {"text": f"I am {number}"}}))
            async for message in connection:
                if b"turnComplete" in message:
                    break

    await asyncio.gather(*map(session, range(20)))
    found = await recordings(emulator, tmp_path / "taped", 20)
    said = {frames(records)[2][2] for records in found}
    assert len(said) == 20
    assert all(end(records) == (1000, "", "client") for records in found)


async def test_what_waits_for_the_disk_is_bounded(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "BACKLOG_BYTES", 10_000)
    waiting: list[int] = []
    frame = recorder.Recording.frame

    def slow(self: recorder.Recording, *what: Any) -> None:
        time.sleep(0.002)
        frame(self, *what)

    passed = recorder.Tape.passed

    async def watched(self: recorder.Tape, *what: Any) -> None:
        await passed(self, *what)
        waiting.append(self._passed_bytes - self._recording.read_bytes)

    monkeypatch.setattr(recorder.Recording, "frame", slow)
    monkeypatch.setattr(recorder.Tape, "passed", watched)
    emulator = await begin(record=tmp_path / "taped")
    async with connect(emulator.url) as connection:
        await connection.send(SETUP)
        await connection.recv()
        for number in range(40):
            turn = {"parts": [{"text": f"{number} " + "x" * 1000}]}
            content = {"turns": [turn], "turnComplete": False}
            await connection.send(json.dumps({"clientContent": content}))
    (records,) = await recordings(emulator, tmp_path / "taped")
    assert len(frames(records)) == 42
    assert max(waiting) <= 10_000


async def test_a_disk_that_is_full_ends_the_recording_and_not_the_session(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = await begin(record=tmp_path / "taped")
    async with connect(emulator.url) as connection:
        await connection.send(SETUP)
        await connection.recv()
        async with asyncio.timeout(WAIT_S):
            await emulator.logged("a session is recorded to")

        def full(self: FileStorage, line: bytes) -> int:
            self.problem = f"Recording stopped at {self.path}: No space left on device."
            return 0

        monkeypatch.setattr(FileStorage, "append", full)
        await connection.send(json.dumps({"realtimeInput": {"text": "What is 6 * 7?"}}))
        async with asyncio.timeout(WAIT_S):
            await emulator.logged("Recording stopped at")
            async for message in connection:
                if b"turnComplete" in message:
                    break
    assert len(read_all(tmp_path / "taped")) == 1


def test_a_folder_that_cannot_be_had_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert process.run(0, 0, Options(record=tmp_path / "file")) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"bidiscope emulate: Cannot record to {tmp_path}/file: ")
    assert told.err.endswith("Choose another folder with --record DIR.\n")
