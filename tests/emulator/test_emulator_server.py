"""The emulator on its sockets, met by a plain WebSocket client and by a browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.emulator.conftest import Emulator
from tui.authority import Authority
from tui.emulator.edge.server import MAX_MESSAGE_BYTES, serving
from tui.loopback import PortTaken

PATH = "//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=x"
SETUP = {
    "setup": {
        "model": "models/gemini-2.0-flash-exp",
        "generationConfig": {"responseModalities": ["TEXT"]},
    }
}


def silent(line: str) -> None:
    pass


async def exchange(connection: ClientConnection, message: Any) -> dict[str, Any]:
    await connection.send(json.dumps(message))
    reply: dict[str, Any] = json.loads(await connection.recv())
    return reply


async def ask(connection: ClientConnection, text: str) -> str:
    """The whole answer to ``text``."""
    await connection.send(json.dumps({"realtimeInput": {"text": text}}))
    words = ""
    async for frame in connection:
        content = json.loads(frame)["serverContent"]
        for part in content.get("modelTurn", {}).get("parts", []):
            words += part["text"]
        if content.get("turnComplete"):
            break
    return words


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


@pytest.mark.parametrize("path", ["", "/", PATH])
async def test_a_plain_client_converses(emulator: Emulator, path: str) -> None:
    async with connect(emulator.url + path) as connection:
        assert await exchange(connection, SETUP) == {"setupComplete": {}}
        assert await ask(connection, "What is 6 * 7?") == "That is 42."


async def test_server_frames_are_binary_and_client_frames_may_be(emulator: Emulator) -> None:
    async with connect(emulator.url) as connection:
        await connection.send(json.dumps(SETUP).encode())
        assert await connection.recv() == b'{\n  "setupComplete": {}\n}\n'


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_compression_is_as_the_client_wants(emulator: Emulator, compression: Any) -> None:
    async with connect(emulator.url, compression=compression) as connection:
        assert connection.response is not None
        negotiated = connection.response.headers.get("Sec-WebSocket-Extensions", "")
        assert ("permessage-deflate" in negotiated) == (compression == "deflate")
        assert await exchange(connection, SETUP) == {"setupComplete": {}}


async def test_it_is_at_localhost_and_both_its_addresses_over_tls(emulator: Emulator) -> None:
    context = ssl.create_default_context(cafile=emulator.authority.path)
    hosts = ["localhost", "127.0.0.1"] + (["[::1]"] if has_ipv6() else [])
    for host in hosts:
        async with connect(f"wss://{host}:{emulator.ports.wss}", ssl=context) as connection:
            assert await exchange(connection, SETUP) == {"setupComplete": {}}


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


async def test_it_is_on_loopback_only(emulator: Emulator) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing, tells our own address
        address = probe.getsockname()[0]
    if not address.startswith("127."):
        with pytest.raises(OSError):
            socket.create_connection((address, emulator.ports.ws), timeout=1)


async def test_sessions_do_not_mix(emulator: Emulator) -> None:
    async with connect(emulator.url) as first, connect(emulator.url) as second:
        for connection in (first, second):
            await exchange(connection, SETUP)
        await ask(first, "My name is Ada.")
        assert "not told me your name" in await ask(second, "What is my name?")
        assert await ask(first, "What is my name?") == "Your name is Ada."


async def test_a_refusal_closes_with_its_reason_and_is_logged(emulator: Emulator) -> None:
    async with connect(emulator.url) as connection:
        await connection.send('{"setup": {"model": "models/evil\\u001b[31m"}}')
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert closed.value.rcvd.reason.startswith("models/evil")
    async with asyncio.timeout(5):
        ended = await emulator.logged("1008")
    assert "models/evil␛[31m" in ended


async def test_a_message_of_16_mib_is_the_limit(emulator: Emulator) -> None:
    async with connect(emulator.url, compression=None) as connection:
        await exchange(connection, SETUP)
        head = b"\x81\xff" + (MAX_MESSAGE_BYTES + 1).to_bytes(8, "big") + bytes(4)
        connection.transport.write(head)  # of a frame that is one byte too long
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_a_client_that_vanishes_in_mid_answer_harms_nobody(emulator: Emulator) -> None:
    async with connect(emulator.url) as connection:
        await exchange(connection, SETUP)
        await connection.send('{"realtimeInput": {"text": "Tell me a very long story"}}')
        await connection.recv()
        connection.transport.abort()
    async with connect(emulator.url) as connection:
        await exchange(connection, SETUP)
        assert await ask(connection, "What is 6 * 7?") == "That is 42."
    async with asyncio.timeout(5):
        for _ in range(2):
            await emulator.logged("closed")


async def test_a_fault_of_our_own_closes_with_1011_and_is_logged(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.emulator.mind.brain.pending", lambda said: 1 // 0)
    async with connect(emulator.url) as connection:
        await exchange(connection, SETUP)
        await connection.send('{"realtimeInput": {"text": "Hi"}}')
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011
    async with asyncio.timeout(5):
        assert "ZeroDivisionError" in await emulator.logged("Traceback")


async def test_every_session_gets_a_close_frame_at_the_end(tmp_path: Path) -> None:
    context = Authority.of_user(tmp_path).server_context()
    async with serving(0, 0, context, silent) as ports:
        connection = await connect(f"ws://127.0.0.1:{ports.ws}")
        await exchange(connection, SETUP)
    with pytest.raises(ConnectionClosed) as closed:
        await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


async def test_a_browser_that_looks_gets_a_page_in_words(emulator: Emulator) -> None:
    status, text = await asyncio.to_thread(get, emulator.ports.ws, "/")
    assert status == 200
    assert text.startswith("LOCAL EMULATOR")


@pytest.mark.parametrize("path", ["/v1beta/tunings", "/ws/google.ai.Other", "/v2/models"])
async def test_another_path_is_not_found(emulator: Emulator, path: str) -> None:
    status, text = await asyncio.to_thread(get, emulator.ports.ws, path)
    assert status == 404
    assert "not a path of the Live API" in text
    with pytest.raises(InvalidStatus, match="404"):
        await connect(emulator.url + path)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example"]
)
async def test_pages_of_other_origins_are_refused(emulator: Emulator, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(emulator.url, additional_headers={"Origin": origin})


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8"])
async def test_pages_of_this_machine_may_connect(emulator: Emulator, origin: str) -> None:
    async with connect(emulator.url, additional_headers={"Origin": origin}) as connection:
        assert await exchange(connection, SETUP) == {"setupComplete": {}}


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    context = Authority.of_user(tmp_path).server_context()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"^Port {port} is in use .*\.$"):
            async with serving(port, 0, context, silent):
                pass
