"""Scenarios as the unchanged google-genai SDK meets them, over TLS."""

from __future__ import annotations

import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai.errors import APIError
from google.genai.live import AsyncSession
from google.genai.types import (
    AudioTranscriptionConfig,
    Blob,
    Content,
    FunctionDeclaration,
    FunctionResponse,
    HttpOptions,
    LiveConnectConfig,
    Modality,
    Part,
    Tool,
)
from websockets.asyncio.client import ClientConnection

from tests.recorded import MESSAGES
from tui.authority import Authority
from tui.core.frame import BINARY, TEXT, Direction
from tui.core.journal import FileStorage, Journal
from tui.core.secrets import Mask
from tui.emulator.edge.server import serving
from tui.emulator.mind import brain
from tui.emulator.options import Options
from tui.emulator.scenario.scenario import Scenario
from tui.scenarios import scenario

MODEL = "gemini-3.8-live"
AUDIO = LiveConnectConfig(
    response_modalities=[Modality.AUDIO], output_audio_transcription=AudioTranscriptionConfig()
)


class Connection(ClientConnection):
    """Keeps what crosses it."""

    frames: list[tuple[Direction, int, bytes, float]] = []  # noqa: RUF012

    async def send(self, message: Any, text: bool | None = None) -> None:
        self.frames.append((Direction.SEND, TEXT, str(message).encode(), time.monotonic()))
        await super().send(message, text=text)

    async def recv(self, decode: bool | None = None) -> Any:
        message = await super().recv(decode=decode)
        opcode = TEXT if isinstance(message, str) else BINARY
        payload = message.encode() if isinstance(message, str) else message
        self.frames.append((Direction.RECEIVE, opcode, payload, time.monotonic()))
        return message


@contextlib.asynccontextmanager
async def client(
    folder: Path, scenario: Scenario | None, told: list[str]
) -> AsyncIterator[tuple[genai.Client, type[Connection]]]:
    """The SDK at an emulator of its own, and the class that keeps its frames."""
    kept = type("Kept", (Connection,), {"frames": []})
    authority = Authority.of_user(folder)
    context = authority.server_context()
    async with serving(0, 0, context, told.append, Options(scenario=scenario)) as ports:
        trusting = ssl.create_default_context(cafile=authority.path)
        sockets = {"ssl": trusting, "create_connection": kept}
        options = HttpOptions(base_url=f"https://localhost:{ports.wss}", async_client_args=sockets)
        yield genai.Client(api_key="any", http_options=options), kept


async def converse(session: AsyncSession) -> None:
    """A typed question, a spoken one, and a story that is cut."""
    await say(session, "What is 6 times 7?")
    await finish(session)
    silence = Blob(data=bytes(3200), mime_type="audio/pcm;rate=16000")
    for _ in range(3):
        await session.send_realtime_input(audio=silence)
    await session.send_realtime_input(text="What is 7 minus 6?")
    await finish(session)
    await say(session, "Tell me a very long story.")
    async for message in session.receive():
        content = message.server_content
        if content and content.output_transcription:
            await session.send_client_content(turn_complete=False)
            break
    await finish(session)


async def say(session: AsyncSession, text: str) -> None:
    await session.send_client_content(turns=Content(role="user", parts=[Part(text=text)]))


async def finish(session: AsyncSession) -> None:
    async for _ in session.receive():
        pass


def write(frames: list[tuple[Direction, int, bytes, float]], path: Path) -> None:
    journal = Journal(FileStorage(path), {"tool": "tests"}, Mask())
    for direction, opcode, payload, at in frames:
        mono_s = at - frames[0][3]
        journal.frame(direction, opcode, payload, time_s=mono_s, mono_s=mono_s)
    journal.close()


def received(kept: type[Connection]) -> list[tuple[int, bytes]]:
    return [frame[1:3] for frame in kept.frames if frame[0] is Direction.RECEIVE]


async def test_a_recorded_session_is_repeated_to_the_sdk_byte_for_byte(tmp_path: Path) -> None:
    told: list[str] = []
    async with (
        client(tmp_path, None, told) as (sdk, recorded),
        sdk.aio.live.connect(model=MODEL, config=AUDIO) as session,
    ):
        await converse(session)
    write(recorded.frames, tmp_path / "session.jsonl")
    told.clear()
    again = scenario(str(tmp_path / "session.jsonl"), 4.0, brain.answer)
    async with (
        client(tmp_path, again, told) as (sdk, repeated),
        sdk.aio.live.connect(model=MODEL, config=AUDIO) as session,
    ):
        await converse(session)
    assert received(repeated) == received(recorded)
    assert len(received(recorded)) > 20
    again.close()
    assert again.failures == 0, told
    assert told[-1] == "session 1: all was served; no deviation"


async def test_ten_real_sessions_are_served_to_the_sdk(tmp_path: Path) -> None:
    """Those of Google's service: to a client that sends what was sent there comes what came."""
    rows = [json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines()]
    sources = list(dict.fromkeys(row["source"] for row in rows))
    again, told = scenario(str(MESSAGES), 1.0, brain.answer), list[str]()
    try:
        async with client(tmp_path, again, told) as (sdk, kept):
            for source in sources:
                kept.frames.clear()
                own = [row for row in rows if row["source"] == source]
                came = [row["message"] for row in own if row["direction"] == "server"]
                async with sdk.aio.live.connect(model="gemini-live-2.5-flash-preview") as session:
                    for row in own[1:]:
                        if row["direction"] == "client":
                            await session._ws.send(json.dumps(row["message"]))
                    while len(received(kept)) < len(came):
                        await session._receive()
                assert [json.loads(payload) for _, payload in received(kept)] == came
    finally:
        again.close()
    assert len(sources) == 10


async def test_a_script_calls_the_functions_of_an_sdk_client(tmp_path: Path) -> None:
    weather = FunctionDeclaration(name="get_weather")
    config = LiveConnectConfig(
        response_modalities=[Modality.AUDIO],
        output_audio_transcription=AudioTranscriptionConfig(),
        tools=[Tool(function_declarations=[weather])],
    )
    played, told = scenario("weather", 1.0, brain.answer), list[str]()
    words = ""
    async with (
        client(tmp_path, played, told) as (sdk, _),
        sdk.aio.live.connect(model=MODEL, config=config) as session,
    ):
        await say(session, "What is the weather in Paris?")
        while "Paris" not in words:
            async for message in session.receive():
                content = message.server_content
                if content and content.output_transcription:
                    words += content.output_transcription.text or ""
                for call in (message.tool_call and message.tool_call.function_calls) or []:
                    assert (call.name, call.args) == ("get_weather", {"city": "Paris"})
                    answer = FunctionResponse(
                        id=call.id, name=call.name, response={"temperature": 21}
                    )
                    await session.send_tool_response(function_responses=[answer])
    assert words.startswith("Let me look that up.")
    assert played.failures == 0
    assert told[-1] == "session 1: played 1 of 3 turns; nothing failed"


async def test_a_failure_reaches_the_sdk_as_a_close_in_words(tmp_path: Path) -> None:
    path = tmp_path / "test.toml"
    turn = '[[turn]]\nwhen = "hello"\nsay = "Hi!"\n'
    path.write_text(f'order = "strict"\non_failure = "close"\n{turn}', "utf-8")
    played = scenario(str(path), 1.0, brain.answer)
    async with (
        client(tmp_path, played, []) as (sdk, _),
        sdk.aio.live.connect(model=MODEL, config=AUDIO) as session,
    ):
        await say(session, "Goodbye")
        with pytest.raises(APIError, match=r"1008.*\"Goodbye\" was said where turn 1 \(hello\)"):
            await finish(session)
