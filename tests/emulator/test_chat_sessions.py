"""Sessions that a brain elsewhere answers, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.emulator.openai_server import error, running
from tui.authority import Authority
from tui.emulator.chat.model import ChatModel
from tui.emulator.edge.server import serving
from tui.emulator.options import Options
from tui.emulator.scenario.scenario import Scenario
from tui.scenarios import scenario

WAIT_S = 20.0


@contextlib.asynccontextmanager
async def session(
    folder: Path, chat: ChatModel, script: Scenario | None = None, **setup: Any
) -> AsyncIterator[ClientConnection]:
    context = Authority.of_user(folder).server_context()
    async with (
        serving(0, 0, context, lambda line: None, Options(scenario=script, chat=chat)) as ports,
        connect(f"ws://127.0.0.1:{ports.ws}", proxy=None) as connection,
    ):
        config = {"responseModalities": ["TEXT"]}
        model = "models/gemini-2.0-flash-exp"
        await send(connection, setup={"model": model, "generationConfig": config, **setup})
        assert "setupComplete" in await receive(connection)
        yield connection


async def send(connection: ClientConnection, **message: Any) -> None:
    await connection.send(json.dumps(message))


async def ask(connection: ClientConnection, text: str) -> None:
    await send(connection, realtimeInput={"text": text})


async def receive(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(WAIT_S):
        message: dict[str, Any] = json.loads(await connection.recv())
    return message


async def words(connection: ClientConnection) -> str:
    """All that is said until the turn is over."""
    heard = ""
    while not (content := (await receive(connection)).get("serverContent", {})).get("turnComplete"):
        for part in content.get("modelTurn", {}).get("parts", []):
            heard += part.get("text", "")
    return heard


async def test_a_session_is_answered_by_the_brain(tmp_path: Path) -> None:
    async with running(["One. ", "Two."], ["Three."]) as server:
        chat = ChatModel(server.url, "x", environ={})
        async with session(
            tmp_path, chat, systemInstruction={"parts": [{"text": "Count."}]}
        ) as client:
            await ask(client, "Go")
            assert await words(client) == "One. Two."
            await ask(client, "On")
            assert await words(client) == "Three."
    assert [(one["role"], one["content"]) for one in server.asked[1]["messages"]] == [
        ("system", "Count."),
        ("user", "Go"),
        ("assistant", "One. Two."),
        ("user", "On"),
    ]


async def test_an_interruption_ends_the_request(tmp_path: Path) -> None:
    async with running(["One. ", 30.0, "Two."], ["Three."]) as server:
        chat = ChatModel(server.url, "x", environ={})
        async with session(tmp_path, chat) as client:
            await ask(client, "Go")
            assert "modelTurn" in (await receive(client))["serverContent"]
            await send(client, clientContent={"turns": [], "turnComplete": False})
            async with asyncio.timeout(WAIT_S):
                await server.left.wait()
            assert "Two" not in await words(client)
            await ask(client, "On")
            assert await words(client) == "Three."


async def test_a_session_that_ends_ends_the_request(tmp_path: Path) -> None:
    async with running(["One. ", 30.0, "Two."]) as server:
        async with session(tmp_path, ChatModel(server.url, "x", environ={})) as client:
            await ask(client, "Go")
            await receive(client)
        async with asyncio.timeout(WAIT_S):
            await server.left.wait()


async def test_the_brain_calls_functions_and_hears_their_responses(tmp_path: Path) -> None:
    call = {
        "index": 0,
        "id": "x",
        "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'},
    }
    async with running(["Wait. ", {"tool_calls": [call]}], ["Sunny."]) as server:
        chat = ChatModel(server.url, "x", environ={})
        tools = [{"functionDeclarations": [{"name": "get_weather"}]}]
        async with session(tmp_path, chat, tools=tools) as client:
            await ask(client, "Weather in Rome?")
            while "toolCall" not in (message := await receive(client)):
                pass
            [asked] = message["toolCall"]["functionCalls"]
            assert (asked["name"], asked["args"]) == ("get_weather", {"city": "Rome"})
            answer = {"id": asked["id"], "name": "get_weather", "response": {"sky": "blue"}}
            await send(client, toolResponse={"functionResponses": [answer]})
            heard = await words(client)
            while "Sunny" not in heard:
                heard = await words(client)
    assert server.asked[0]["tools"][0]["function"]["name"] == "get_weather"
    assert server.asked[1]["messages"][-1]["role"] == "tool"
    assert server.asked[1]["messages"][-1]["content"] == '{"sky":"blue"}'


async def test_directives_still_work(tmp_path: Path) -> None:
    async with (
        running(["No."]) as server,
        session(tmp_path, ChatModel(server.url, "x", environ={})) as client,
    ):
        await ask(client, "/goaway 5")
        message = await receive(client)
        assert message["goAway"] == {"timeLeft": "5s"}
    assert not server.requests


async def test_a_script_leaves_to_the_brain_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "test.toml"
    path.write_text('[[turn]]\nwhen = "hello"\nsay = "Hi!"', "utf-8")
    async with running(["I am a llama."]) as server:
        chat = ChatModel(server.url, "x", environ={})
        script = scenario(str(path), 1.0, chat.brain)
        async with session(tmp_path, chat, script) as client:
            await ask(client, "Hello")
            assert await words(client) == "Hi!"
            await ask(client, "Who are you?")
            assert await words(client) == "I am a llama."


async def test_a_broken_brain_is_heard_and_the_session_lives(tmp_path: Path) -> None:
    async with (
        running(error(500, "boom"), ["Fine again."]) as server,
        session(tmp_path, ChatModel(server.url, "x", environ={})) as client,
    ):
        await ask(client, "Go")
        assert await words(client) == "My brain at 127.0.0.1 answers 500: boom."
        await ask(client, "On")
        assert await words(client) == "Fine again."
