"""Clients that are none, or none yet: each is cut off in words, in bounded time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.emulator.conftest import WAIT_S, Begin, Emulator
from tui.authority import Authority
from tui.emulator.edge import entrance, front, reception, server
from tui.emulator.edge.entrance import LONGEST_BODY_BYTES, LONGEST_HEAD_BYTES
from tui.emulator.edge.server import serving
from tui.loopback import listeners

SETUP = '{"setup": {"model": "models/gemini-3.8-live"}}'
HOST = b"Host: localhost\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
OPENING = b"GET / HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n"


@dataclass
class Raw:
    """A TCP or TLS connection that sends what a test says."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def rest(self) -> bytes:
        """Read to the end of the connection."""
        data = b""
        async with asyncio.timeout(WAIT_S):
            with contextlib.suppress(ConnectionError):
                while more := await self.reader.read(65536):
                    data += more
        return data

    async def until(self, what: bytes) -> bytes:
        async with asyncio.timeout(WAIT_S):
            return await self.reader.readuntil(what)


@contextlib.asynccontextmanager
async def raw(port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Raw]:
    client = Raw(*await asyncio.open_connection("localhost", port, ssl=tls))
    try:
        yield client
    finally:
        client.writer.transport.abort()
        with contextlib.suppress(OSError):
            await client.writer.wait_closed()


async def still_serves(emulator: Emulator) -> None:
    async with connect(emulator.url) as connection:
        await connection.send(SETUP)
        assert json.loads(await connection.recv()) == {"setupComplete": {}}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(entrance, "HEAD_TIMEOUT_S", 0.3)
    monkeypatch.setattr(entrance, "LINGER_S", 0.3)
    monkeypatch.setattr(reception, "SETUP_TIMEOUT_S", 0.3)


REFUSED = {
    "a rebound name": (b"GET / HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", 421),
    "a rebound name that asks for a WebSocket": (
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + UPGRADE + b"\r\n",
        421,
    ),
    "a name that only begins so": (b"GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421),
    "a host that is no host": (b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 421),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n", 400),
    "a page": (b"GET / HTTP/1.1\r\n" + HOST + b"Origin: https://evil.example\r\n\r\n", 403),
    "a second origin": (
        b"GET / HTTP/1.1\r\n"
        + HOST
        + b"Origin: https://evil.example\r\nOrigin: http://localhost\r\n\r\n",
        403,
    ),
    "a page that mints": (
        b"POST /v1alpha/auth_tokens?key=k HTTP/1.1\r\nOrigin: https://evil.example\r\n"
        + HOST
        + b"Content-Length: 2\r\n\r\n{}",
        403,
    ),
    "proxying": (b"GET http://localhost/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a tunnel": (b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "junk": (b"\x00\x01\x02 hello\r\n\r\n", 400),
    "another path": (b"GET /ws/Other HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n", 404),
    "a very long head": (b"GET / HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD_BYTES, 431),
    "a very long head, whole": (
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * LONGEST_HEAD_BYTES + b"\r\n\r\n",
        431,
    ),
    "very many fields": (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 200 + b"\r\n", 431),
    "a very long body": (
        b"POST /v1alpha/auth_tokens HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 99999999\r\n\r\n"
        + b"x" * (LONGEST_BODY_BYTES + 1),
        413,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_in_words(emulator: Emulator, quick: None, name: str) -> None:
    request, status = REFUSED[name]
    async with raw(emulator.ports.ws) as client:
        client.send(request)
        answer = await client.rest()
    head, _, words = answer.decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert words.startswith("bidiscope emulate: ")
    assert words.endswith(".\n")
    await still_serves(emulator)


@pytest.mark.parametrize("sent", [b"", b"\x16", b"GET / HT", b"\x16\x03\x01\x02\x00\x01"])
async def test_a_half_open_client_is_let_go(emulator: Emulator, quick: None, sent: bytes) -> None:
    for port in (emulator.ports.ws, emulator.ports.wss):
        async with raw(port) as client:
            client.send(sent)
            await client.rest()


async def test_a_slow_head_is_not_waited_for(emulator: Emulator, quick: None) -> None:
    """Each byte does not buy time for the next: one connection cannot be had for long."""
    async with raw(emulator.ports.ws) as client:

        async def drip() -> None:
            for byte in OPENING * 10:
                client.send(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        answer = await client.rest()
        dripping.cancel()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"No request came within 0.3 s." in answer


async def test_a_body_that_does_not_come_is_not_waited_for(emulator: Emulator, quick: None) -> None:
    async with raw(emulator.ports.ws) as client:
        client.send(b"POST /v1alpha/auth_tokens HTTP/1.1\r\nContent-Length: 9\r\n" + HOST + b"\r\n")
        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_plain_words_at_the_port_for_tls_are_answered_in_plain_words(
    emulator: Emulator, quick: None
) -> None:
    async with raw(emulator.ports.wss) as client:
        client.send(OPENING)
        assert b"This port speaks TLS: use https or wss." in await client.rest()


async def test_tls_at_the_plain_port_is_told_in_the_log(emulator: Emulator) -> None:
    with pytest.raises(OSError):
        async with raw(emulator.ports.ws, emulator.tls):
            pass
    async with asyncio.timeout(WAIT_S):
        await emulator.logged("it speaks TLS")


async def test_a_client_that_does_not_trust_us_is_told_in_the_log(emulator: Emulator) -> None:
    with pytest.raises(ssl.SSLError):
        async with raw(emulator.ports.wss, ssl.create_default_context()):
            pass
    async with asyncio.timeout(WAIT_S):
        await emulator.logged("its TLS failed")


def free_port() -> int:
    with contextlib.ExitStack() as stack:
        async_stack: Any = stack  # `listeners` only pushes to it
        return int(listeners(async_stack, 0)[0].getsockname()[1])


async def test_one_port_speaks_both(begin: Begin) -> None:
    port = free_port()
    emulator = await begin(port, port)
    assert emulator.ports == server.Ports(port, port)
    for url, tls in ((f"ws://localhost:{port}", None), (f"wss://localhost:{port}", emulator.tls)):
        async with connect(url, ssl=tls) as connection:
            await connection.send(SETUP)
            assert json.loads(await connection.recv()) == {"setupComplete": {}}


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_head_may_come_in_pieces(emulator: Emulator, size: int) -> None:
    """Over TLS, too: there each piece is a record of its own."""
    for port, tls in ((emulator.ports.ws, None), (emulator.ports.wss, emulator.tls)):
        async with raw(port, tls) as client:
            for at in range(0, len(OPENING), size):
                client.send(OPENING[at : at + size])
                await client.writer.drain()
            answer = await client.until(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")


async def test_messages_may_come_with_the_head(emulator: Emulator) -> None:
    mask, payload = bytes(4), SETUP.encode()
    frame = bytes([0x81, 0x80 | len(payload)]) + mask + payload
    for port, tls in ((emulator.ports.ws, None), (emulator.ports.wss, emulator.tls)):
        async with raw(port, tls) as client:
            client.send(OPENING + frame)
            answer = await client.until(b'"setupComplete": {}\n}\n')
        assert answer.startswith(b"HTTP/1.1 101 ")


async def test_a_handshake_that_lacks_something_is_told_so(emulator: Emulator) -> None:
    async with raw(emulator.ports.ws) as client:
        client.send(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n" + HOST + b"\r\n")
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 426 ")
    assert b"Failed to open a WebSocket connection" in answer


async def test_a_session_without_setup_is_closed(emulator: Emulator, quick: None) -> None:
    async with connect(emulator.url) as connection:
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert closed.value.rcvd.reason == "No setup message came within 0.3 s"


async def test_a_wrong_first_message_is_refused(emulator: Emulator) -> None:
    async with connect(emulator.url) as connection:
        await connection.send('{"realtimeInput": {"text": "Hello"}}')
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
        1007,
        "The first message must be setup.",
    )


async def test_junk_in_place_of_frames_is_refused(emulator: Emulator) -> None:
    async with raw(emulator.ports.ws) as client:
        client.send(OPENING)
        await client.until(b"\r\n\r\n")
        client.send(b"\xff" * 100)
        assert (await client.rest())[2:4] == (1002).to_bytes(2, "big")
    await still_serves(emulator)


async def test_a_client_that_answers_no_ping_is_given_up(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PING_INTERVAL_S", 0.1)
    monkeypatch.setattr(server, "PING_TIMEOUT_S", 0.2)
    monkeypatch.setattr(server, "CLOSE_TIMEOUT_S", 0.2)
    emulator = await begin()
    async with raw(emulator.ports.ws) as client:
        client.send(OPENING)
        answer = await client.rest()
    assert b"keepalive ping timeout" in answer
    async with asyncio.timeout(WAIT_S):
        await emulator.logged("closed: 1011 keepalive ping timeout")


async def test_a_client_that_reads_nothing_is_given_up(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It pings and pings, and takes no pong: the network fills, and no more is read of it."""
    monkeypatch.setattr(front, "STUCK_TIMEOUT_S", 0.5)
    emulator = await begin()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", emulator.ports.ws))
        deaf.sendall(OPENING)
        deaf.setblocking(False)
        ping = b"\x89\xfd" + bytes(4 + 125)
        flooding = asyncio.create_task(flood(deaf, ping * 1000))
        async with asyncio.timeout(WAIT_S):
            await emulator.logged("it has read nothing for 0.5 s")
            await emulator.logged("closed: 1006")
            assert await flooding < 64 << 20


async def flood(sock: socket.socket, data: bytes) -> int:
    """Send until it cannot be sent; how many bytes were."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while True:
            await asyncio.get_running_loop().sock_sendall(sock, data)
            sent += len(data)
    return sent


async def test_nobody_who_waits_holds_up_the_end(tmp_path: Any) -> None:
    context = Authority.of_user(tmp_path).server_context()
    async with contextlib.AsyncExitStack() as stack:
        async with serving(0, 0, context, lambda line: None) as ports:
            silent = [await stack.enter_async_context(raw(port)) for port in (ports.ws, ports.wss)]
            silent[1].send(b"\x16\x03\x01\x02\x00\x01")
            await asyncio.sleep(0.05)
            ending = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ending < entrance.HEAD_TIMEOUT_S / 2
        for client in silent:
            await client.rest()


async def test_head_has_no_body(emulator: Emulator) -> None:
    async with raw(emulator.ports.ws) as client:
        client.send(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")
