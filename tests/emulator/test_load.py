"""Clients that read slowly, flood, or come and go: they cost themselves time, and nobody memory."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import os
import socket
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.emulator.conftest import Emulator
from tests.emulator.driver import AUDIO_MODEL
from tests.emulator.test_emulator_server import SETUP, ask, exchange
from tui.emulator.edge import front
from tui.emulator.edge.pump import Pump
from tui.emulator.mind.recital import STORY
from tui.emulator.perception.attention import Attention
from tui.emulator.session.dialogue import Dialogue

AUDIO_SETUP = {"setup": {"model": AUDIO_MODEL, "outputAudioTranscription": {}}}
STORY_PLEASE = '{"realtimeInput": {"text": "Tell me a very long story"}}'
SLOW, ROUNDS, AT_ONCE = 6, 20, 20
FLOOD = 15


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are sent as fast as a client reads."""
    monkeypatch.setattr("tui.emulator.session.delivery.AUDIO_PACE", 1e6)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@contextlib.asynccontextmanager
async def reluctant(emulator: Emulator) -> AsyncIterator[ClientConnection]:
    """A client that has asked for more than a minute of speech, and reads only what it must."""
    with socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        narrow.connect(("127.0.0.1", emulator.ports.ws))
        async with connect(
            emulator.url, sock=narrow, compression=None, max_queue=1, close_timeout=0.1
        ) as client:
            await exchange(client, AUDIO_SETUP)
            await client.send(STORY_PLEASE)
            yield client


def waiting() -> list[Pump]:
    """The sessions whose clients are waited for."""
    pumps = alive(Pump)
    return [one for one in pumps if one._connection.transport.get_write_buffer_size()]


def alive(*kinds: type[Any]) -> list[Any]:
    """The objects of these kinds that there are."""
    return [one for one in gc.get_objects() if type(one) in kinds]


async def until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not ready():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def hear_out(client: ClientConnection) -> str:
    """Read to the end of the turn; its words."""
    words = ""
    async for frame in client:
        content = json.loads(frame).get("serverContent", {})
        words += content.get("outputTranscription", {}).get("text", "")
        if content.get("generationComplete"):
            break
    return words


async def test_who_does_not_read_is_waited_for_in_little_memory(
    emulator: Emulator, traced: None
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(reluctant(emulator)) for _ in range(SLOW)]
        await until(lambda: len(waiting()) == SLOW)
        begun, _ = tracemalloc.get_traced_memory()
        async with connect(emulator.url) as other:
            await exchange(other, SETUP)
            assert await ask(other, "What is 6 * 7?") == "That is 42."
        assert len(waiting()) == SLOW
        ended, _ = tracemalloc.get_traced_memory()
        assert ended - begun < 2 * 2**20, "nothing is said to those who do not listen"
        buffered = [one._connection.transport.get_write_buffer_size() for one in waiting()]
        assert max(buffered) < 256 * 1024, "some chunks, not the five megabytes of the story"
        async with asyncio.timeout(60):
            heard = await asyncio.gather(*(hear_out(client) for client in slow))
        assert heard == [STORY] * SLOW


async def test_who_does_not_read_for_too_long_is_cut_off_in_words(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "STUCK_TIMEOUT_S", 0.2)
    async with reluctant(emulator) as slow:
        async with asyncio.timeout(30):
            line = await emulator.logged("read nothing")
            assert line == "a client was given up: it has read nothing for 0.2 s"
            await emulator.logged("session 1 (gemini-3.8-live) closed")
        assert not waiting()
        with pytest.raises(ConnectionClosed):
            await hear_out(slow)


async def flooded(client: ClientConnection) -> int:
    """Messages of half a minute of silence that were taken in, until one is not."""
    sound = base64.b64encode(bytes(2**20)).decode()
    blob = {"mimeType": "audio/pcm;rate=16000", "data": sound}
    flood = json.dumps({"realtimeInput": {"audio": blob}})
    for number in range(FLOOD):
        try:
            async with asyncio.timeout(2.0):
                await client.send(flood)
        except TimeoutError:
            return number
    return FLOOD


async def test_what_is_sent_to_a_session_that_waits_has_to_wait(emulator: Emulator) -> None:
    async with connect(emulator.url, compression=None) as eager:
        await exchange(eager, AUDIO_SETUP)
        assert await flooded(eager) == FLOOD
    async with reluctant(emulator) as slow:
        await until(lambda: len(waiting()) == 1)
        assert await flooded(slow) < FLOOD
        slow.transport.abort()


async def come_and_go(emulator: Emulator, number: int) -> None:
    """A session with a question and some loud sound; every other one just vanishes."""
    blob = {"mimeType": "audio/pcm;rate=16000", "data": "AEAAwABAAMAA" * 400}
    async with connect(emulator.url, compression=None) as client:
        await exchange(client, AUDIO_SETUP)
        await client.send(json.dumps({"realtimeInput": {"audio": blob}}))
        if number % 2:
            await client.send(STORY_PLEASE)
            await client.recv()
            client.transport.abort()


async def left(emulator: Emulator) -> tuple[int, int, int, int]:
    """Bytes, tasks, descriptors and sessions, when all has been cleared away."""
    await until(lambda: gc.collect() >= 0 and not alive(Pump))
    sessions = len(alive(Dialogue, Pump, Attention))
    descriptors = os.listdir("/proc/self/fd") if sys.platform == "linux" else ()  # noqa: PTH208
    return tracemalloc.get_traced_memory()[0], len(asyncio.all_tasks()), len(descriptors), sessions


async def test_hundreds_of_sessions_leave_nothing_behind(emulator: Emulator, traced: None) -> None:
    for _ in range(2):
        await asyncio.gather(*(come_and_go(emulator, number) for number in range(AT_ONCE)))
    begun, *before = await left(emulator)
    for _ in range(ROUNDS):
        await asyncio.gather(*(come_and_go(emulator, number) for number in range(AT_ONCE)))
    ended, *after = await left(emulator)
    assert after == before
    assert after[-1] == 0
    assert ended - begun < 2**20
