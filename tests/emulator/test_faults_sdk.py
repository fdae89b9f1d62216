"""The unchanged google-genai SDK, and a plain client, against an emulator with faults."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai.errors import APIError
from google.genai.live import AsyncSession
from google.genai.types import HttpOptions, LiveConnectConfig, LiveServerMessage, Modality
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tui.authority import Authority
from tui.core.fault import Fault
from tui.emulator.edge.server import serving
from tui.emulator.faults.plan import Plan

MODEL = "gemini-2.0-flash-exp"
TEXT = LiveConnectConfig(response_modalities=[Modality.TEXT])
SETUP = {
    "setup": {"model": f"models/{MODEL}", "generationConfig": {"responseModalities": ["TEXT"]}}
}

Connect = Callable[..., Any]


class Served:
    """A running emulator, its plan, and what it logs."""

    def __init__(self, plan: Plan, authority: Authority) -> None:
        self.plan, self.authority = plan, authority
        self._log: list[str] = []
        self._news = asyncio.Event()
        self.url = ""
        self.base_url = ""

    def log(self, line: str) -> None:
        assert "Traceback" not in line, line
        self._log.append(line)
        self._news.set()

    async def logged(self, text: str) -> None:
        """Wait for a line with ``text``."""
        async with asyncio.timeout(10):
            while not any(text in line for line in self._log):
                self._news.clear()
                await self._news.wait()

    def session(self) -> Any:
        trusting = ssl.create_default_context(cafile=self.authority.path)
        options = HttpOptions(base_url=self.base_url, async_client_args={"ssl": trusting})
        client = genai.Client(api_key="any", http_options=options)
        return client.aio.live.connect(model=MODEL, config=TEXT)


@pytest.fixture
def served(tmp_path: Path) -> Callable[..., Any]:
    @asynccontextmanager
    async def begin(*specs: str, seed: int | None = None) -> AsyncIterator[Served]:
        authority = Authority.of_user(tmp_path)
        running = Served(Plan([Fault.read(spec) for spec in specs], seed), authority)
        context = authority.server_context()
        async with serving(0, 0, context, running.log, plan=running.plan) as ports:
            running.url = f"ws://127.0.0.1:{ports.ws}"
            running.base_url = f"https://localhost:{ports.wss}"
            yield running

    return begin


async def ask(session: AsyncSession, text: str) -> list[LiveServerMessage]:
    await session.send_realtime_input(text=text)
    return [message async for message in session.receive()]


def words(messages: list[LiveServerMessage]) -> str:
    return "".join(message.text or "" for message in messages)


@pytest.mark.parametrize(
    ("spec", "code", "reason"),
    [
        ("close:turn=1,code=1008,reason=enough", 1008, "enough"),
        ("goaway:left=0.1", 1011, "Deadline expired before operation could complete."),
        ("drop:turn=1", 1006, ""),
        ("oversize:turn=1", 1006, ""),
    ],
)
async def test_the_sdk_is_told_of_an_end(
    served: Connect, spec: str, code: int, reason: str
) -> None:
    async with served(spec) as running, running.session() as session:
        with pytest.raises(APIError) as told:
            await ask(session, "Tell me a very long story")
            await ask(session, "Tell me a very long story")
        assert told.value.code == code
        assert reason in str(told.value)


async def test_the_sdk_closes_with_1009_when_a_frame_is_oversize(served: Connect) -> None:
    async with served("oversize:turn=1") as running:
        async with running.session() as session:
            with pytest.raises(APIError):
                await ask(session, "Tell me a very long story")
        await running.logged("closed: 1009")


async def test_the_sdk_chokes_on_json_that_is_torn(served: Connect) -> None:
    async with served("invalid-json:turn=1") as running, running.session() as session:
        with pytest.raises(ValueError, match="Failed to parse"):
            await ask(session, "What is 6 * 7?")


@pytest.mark.parametrize(
    "spec", ["noise:chance=1", "unknown-field", "usage-snapshots", "tool-cancel:turn=1"]
)
async def test_the_sdk_bears_what_is_harmless(served: Connect, spec: str) -> None:
    async with served(spec) as running, running.session() as session:
        assert words(await ask(session, "What is 6 * 7?")) == "That is 42."
        assert words(await ask(session, "What is 6 * 8?")) == "That is 48."
        await running.logged(f"fault {spec}")


async def test_a_stall_is_felt(served: Connect) -> None:
    async with served("stall:turn=1,for=0.5") as running, running.session() as session:
        begun = time.monotonic()
        assert words(await ask(session, "What is 6 * 7?")) == "That is 42."
        assert time.monotonic() - begun > 0.5


async def test_a_session_that_is_under_way_can_be_reached(served: Connect) -> None:
    async with served() as running, running.session() as session:
        assert words(await ask(session, "What is 6 * 7?")) == "That is 42."
        assert running.plan.arm(Fault.read("rejected")) == 1
        [end] = await ask(session, "What is 6 * 7?")
        assert end.server_content is not None
        assert end.server_content.turn_complete_reason == "RESPONSE_REJECTED"
        running.plan.arm(Fault.read("close:code=4000"))
        with pytest.raises(APIError) as told:
            await ask(session, "What is 6 * 7?")
        assert told.value.code == 4000
    assert running.plan.arm(Fault.read("drop")) is None


async def test_a_setup_is_refused_before_it_is_answered(served: Connect) -> None:
    async with served("close:frame=0,code=1011") as running, connect(running.url) as plain:
        await plain.send(json.dumps(SETUP))
        with pytest.raises(ConnectionClosed) as closed:
            await plain.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011


@pytest.mark.parametrize("secure", [False, True])
async def test_a_drop_is_a_reset(served: Connect, secure: bool) -> None:
    async with served("drop") as running:
        trusting = ssl.create_default_context(cafile=running.authority.path)
        url = running.base_url.replace("https", "wss") if secure else running.url
        async with connect(url, ssl=trusting if secure else None) as plain:
            await plain.send(json.dumps(SETUP))
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    await plain.recv()
        assert closed.value.rcvd is None
        assert isinstance(closed.value.__cause__, ConnectionResetError)


async def test_pongs_are_late_and_messages_are_not(served: Connect) -> None:
    async with served("late-pongs:delay=0.5") as running, connect(running.url) as plain:
        assert await pong_s(plain) < 0.4
        await plain.send(json.dumps(SETUP))
        await plain.recv()
        await running.logged("late-pongs")
        asked = asyncio.create_task(pong_s(plain))
        await asyncio.sleep(0)
        await plain.send(json.dumps({"realtimeInput": {"text": "What is 6 * 7?"}}))
        await plain.recv()
        assert not asked.done()
        assert await asked >= 0.5
        running.plan.arm(Fault.read("off"))
        await asyncio.sleep(0.05)
        assert await pong_s(plain) < 0.4


async def test_a_client_that_leaves_before_its_pong_harms_nobody(served: Connect) -> None:
    async with served("late-pongs:delay=0.2") as running:
        async with connect(running.url) as plain:
            await plain.send(json.dumps(SETUP))
            await plain.recv()
            await running.logged("late-pongs")
            await plain.ping()
        await asyncio.sleep(0.3)
        async with connect(running.url) as plain:
            assert await pong_s(plain) < 5


async def test_a_seed_repeats_what_chance_decides(served: Connect) -> None:
    spec = "noise:chance=0.5"
    runs = []
    for seed in (1, 1, 2):
        async with served(spec, seed=seed) as running, connect(running.url) as plain:
            await plain.send(json.dumps(SETUP))
            await plain.send(json.dumps({"realtimeInput": {"text": "Tell me a story"}}))
            frames = [await plain.recv()]
            while b"turnComplete" not in frames[-1]:
                frames.append(await plain.recv())
            runs.append(frames)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


async def pong_s(plain: Any) -> float:
    begun = time.monotonic()
    await (await plain.ping())
    return time.monotonic() - begun
