"""The unchanged google-genai SDK: a session through the tap is byte for byte the one without."""

from __future__ import annotations

import json
import random
import re
import ssl
from typing import Any

import pytest
from google import genai
from google.genai.errors import APIError
from google.genai.types import HttpOptions
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection

from tests.stage import API_KEY
from tests.tap.conftest import Ear, Tap, Tapped, end, frames, live_server
from tui.authority import Authority
from tui.emulator.edge.server import serving

CHANGES = (rb"Host: [^\r]+\r\n", rb"Date: [^\r]+\r\n")
"""The lines of a handshake that the address and the hour change."""


async def script(connection: ServerConnection) -> None:
    """All that a server may do: text, binary, fragments, a ping, large and many; a close."""
    await connection.recv()
    await connection.send(b'{\n  "setupComplete": {}\n}\n')
    await connection.recv()
    await (await connection.ping(b"are you there?"))
    await connection.send('{"serverContent": {"modelTurn": {"parts": [{"text": "text"}]}}}')
    await connection.send([b'{"serverContent": {"modelTurn": ', b'{"parts": [{"text": "f"}]}}}'])
    for number in range(50):
        await connection.send(json.dumps({"usageMetadata": {"totalTokenCount": number}}).encode())
    await connection.send(json.dumps({"serverContent": {}, "pad": "x" * 300_000}).encode())
    await connection.send(b'{"serverContent": {"turnComplete": true}}')
    await connection.recv()
    await connection.close(1011, "Internal error — encountered.")


class Session:
    """What both ends of one session saw."""

    def __init__(self) -> None:
        self.at_server = b""
        self.at_client = b""
        self.error: APIError | None = None

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Session)
        return (self.at_server, self.at_client, str(self.error)) == (
            other.at_server,
            other.at_client,
            str(other.error),
        )


async def session(base_url: str, tls: ssl.SSLContext, heard: list[Ear]) -> Session:
    """The SDK against the script at that address; every byte, but for the lines of `CHANGES`."""
    seen, came = Session(), bytearray()

    class Client(ClientConnection):
        def data_received(self, data: bytes) -> None:
            came.extend(data)
            super().data_received(data)

    sockets = {"ssl": tls, "create_connection": Client, "max_size": 1 << 24}
    options = HttpOptions(base_url=base_url, async_client_args=sockets)
    client = genai.Client(api_key=API_KEY, http_options=options)
    config: Any = {"response_modalities": ["TEXT"]}
    async with client.aio.live.connect(model="gemini-2.0-flash-exp", config=config) as live:
        await live.send_client_content(turns={"role": "user", "parts": [{"text": "Hello"}]})
        async for _ in live.receive():
            pass
        await live.send_realtime_input(text="…" * 50_000)
        with pytest.raises(APIError) as closed:
            async for _ in live.receive():
                pass
        seen.error = closed.value
    seen.at_client = _without(bytes(came))
    seen.at_server = _without(bytes(heard[-1].heard))
    return seen


def _without(data: bytes) -> bytes:
    for change in CHANGES:
        data = re.sub(change, b"", data, count=1)
    return data


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_every_byte_is_the_same(
    tap: Tap, authority: Authority, monkeypatch: pytest.MonkeyPatch, compression: str | None
) -> None:
    ears: list[Ear] = []

    async def keep(connection: ServerConnection) -> None:
        assert isinstance(connection, Ear)
        ears.append(connection)
        await script(connection)

    async with live_server(authority, keep, compression) as url:
        tapped = await tap(url)
        through = tapped.ready.wss.replace("wss", "https")
        seen = []
        for base_url in (url, through):
            # Masks and handshake keys are random; here both sessions draw the same ones.
            monkeypatch.setattr("secrets.token_bytes", random.Random(1).randbytes)
            seen.append(await session(base_url, tapped.tls, ears))
        direct, tapped_session = seen
    assert (len(direct.at_client) > 300_000) == (compression is None), "it is compressed or not"
    assert direct.error is not None
    assert direct.error.code == 1011
    assert tapped_session == direct
    records = await tapped.recording()
    assert end(records) == (1011, "Internal error — encountered.", "server")
    messages = frames(records)
    assert [message[0] for message in messages].count("send") == 3
    assert len(messages) == 3 + 1 + 2 + 50 + 2
    assert messages[5] == ("receive", 2, b'{"usageMetadata": {"totalTokenCount": 0}}')


async def test_the_emulator_answers_the_same(tap: Tap, authority: Authority) -> None:
    context = authority.server_context()
    async with serving(0, 0, context, lambda line: None) as ports:
        url = f"https://localhost:{ports.wss}"
        tapped = await tap(url)
        through = tapped.ready.wss.replace("wss", "https")
        answers = [await answer(base_url, tapped) for base_url in (url, through)]
    assert answers[0] == answers[1]
    assert "That is 42." in answers[0]
    records = await tapped.recording()
    assert end(records) == (1000, "", "client")


async def answer(base_url: str, tapped: Tapped) -> str:
    """The emulator's to a question, the SDK's message objects and all."""
    options = HttpOptions(base_url=base_url, async_client_args={"ssl": tapped.tls})
    client = genai.Client(api_key=API_KEY, http_options=options)
    config: Any = {"response_modalities": ["TEXT"]}
    words, seen = "", []
    async with client.aio.live.connect(model="gemini-2.0-flash-exp", config=config) as live:
        await live.send_client_content(turns={"role": "user", "parts": [{"text": "What is 6*7?"}]})
        async for message in live.receive():
            words += message.text or ""
            seen.append(message.model_dump_json(exclude={"server_content"}))
    return f"{words} {seen[-1]}"
