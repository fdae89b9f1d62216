"""The recorder beside the relays: many at once, one that falls behind, a disk that is full."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection

from tests.tap.conftest import WAIT_S, ByteServer, Tap, end, frames, live_server, read
from tests.tap.test_relay import opened
from tui.authority import Authority
from tui.core.journal import FileStorage
from tui.tap import recorder

SESSIONS, MESSAGES = 50, 20


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_fifty_sessions_at_once_have_a_recording_each(tap: Tap, authority: Authority) -> None:
    async def session(number: int) -> None:
        async with connect(tapped.ready.wss, ssl=tapped.tls) as client:
            for message in range(MESSAGES):
                await client.send(f"session {number} message {message}")
                assert await client.recv() == f"session {number} message {message}"

    async with live_server(authority, echo) as url:
        tapped = await tap(url)
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(*map(session, range(SESSIONS)))
        recordings = await tapped.recordings(SESSIONS)
    numbers = set()
    for records in recordings:
        messages = [payload.decode() for way, _, payload in frames(records) if way == "send"]
        number = messages[0].split()[1]
        numbers.add(number)
        assert messages == [f"session {number} message {each}" for each in range(MESSAGES)]
        assert end(records) == (1000, "", "client")
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert len(numbers) == SESSIONS


async def test_a_recorder_that_falls_behind_slows_its_relay_and_loses_nothing(
    tap: Tap, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: what waits for the recorder is no more than that."""
    monkeypatch.setattr(recorder, "BACKLOG_BYTES", 100_000)
    waiting: list[int] = []
    put = recorder.Recorder._put

    def watched(self: recorder.Recorder, item: recorder.Item) -> None:
        tape = item[0]
        waiting.append(tape._passed_bytes - tape.read_bytes)
        put(self, item)

    monkeypatch.setattr(recorder.Recorder, "_put", watched)
    payload = os.urandom(50_000)
    async with live_server(authority, echo) as url:
        tapped = await tap(url)
        async with connect(tapped.ready.wss, ssl=tapped.tls, max_size=None) as client:
            for _ in range(40):
                await client.send(payload)
            for _ in range(40):
                assert await client.recv() == payload
        records = await tapped.recording()
    assert len(frames(records)) == 80
    assert all(each[2] == payload for each in frames(records))
    assert 100_000 < max(waiting) < 2_000_000


async def test_a_full_disk_ends_the_recording_and_not_the_session(
    tap: Tap,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    append = FileStorage.append

    def full(self: FileStorage, line: bytes) -> int:
        offset = append(self, line)
        if self._end > 2_000:
            self.problem = f"Recording stopped at {self.path}: No space left on device."
        return offset

    monkeypatch.setattr(FileStorage, "append", full)
    async with live_server(authority, echo) as url:
        tapped = await tap(url, quiet=False)
        async with connect(tapped.ready.wss, ssl=tapped.tls) as client:
            for number in range(50):
                await client.send(f"message {number}")
                assert await client.recv() == f"message {number}"
    said = ""
    async with asyncio.timeout(WAIT_S):  # the recorder has a thread of its own
        while "No space left on device." not in said:
            await asyncio.sleep(0.01)
            said += capfd.readouterr().err
    (path,) = tapped.folder.iterdir()
    assert 2 < len(frames(read(path))) < 100


async def test_a_session_is_in_its_file_while_it_goes_on(tap: Tap, byte_server: ByteServer) -> None:
    """Each line is handed to the system at once, so that a kill loses no more than a moment."""
    tapped = await tap(f"http://127.0.0.1:{byte_server.port}")
    client, peer = await opened(tapped, byte_server)
    for number in range(3):
        peer.writer.write(b"\x82\x01%d" % number)
        await client.until(b"%d" % number)
        assert await recorded(tapped.folder, number + 1) == [b"0", b"1", b"2"][: number + 1]


async def recorded(folder: Path, count: int) -> list[bytes]:
    """The messages in the only file, as soon as there are so many."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = in_files(folder)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.005)


def in_files(folder: Path) -> list[bytes]:
    return [payload for path in folder.iterdir() for *_, payload in frames(read(path))]
