"""What is sent on one side comes out on the other: bytes, halves of closes, resets, pressure."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path

import pytest

from tests.tap.conftest import Byte, ByteServer, Tap, Tapped, end
from tui.authority import Authority
from tui.tap.process import Options, tapping
from tui.tap.relay import HELD_BYTES

UPGRADE = (
    b"GET //ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=K"
    b" HTTP/1.1\r\nHost: localhost:%d\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"X-Odd:  spaced \r\nx-odd: twice\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
SWITCHED = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


async def opened(tapped: Tapped, server: ByteServer, tls: bool = False) -> tuple[Byte, Byte]:
    """Client and server of a WebSocket through the tap, hands shaken."""
    port = tapped.tls_port if tls else tapped.port
    client = await server.client(port, tapped.tls if tls else None)
    client.writer.write(UPGRADE % port)
    peer = await server.peer()
    await peer.until(b"\r\n\r\n")
    peer.got.clear()
    peer.writer.write(SWITCHED)
    await client.until(b"\r\n\r\n")
    client.got.clear()
    return client, peer


@pytest.fixture
async def tapped(tap: Tap, byte_server: ByteServer) -> Tapped:
    return await tap(f"http://127.0.0.1:{byte_server.port}")


async def test_a_request_passes_but_for_its_host(tapped: Tapped, byte_server: ByteServer) -> None:
    client = await byte_server.client(tapped.port)
    sent = UPGRADE % tapped.port
    client.writer.write(sent + b"early bytes")
    got = await (await byte_server.peer()).until(b"early bytes")
    host = b"Host: localhost:%d" % tapped.port
    theirs = b"Host: 127.0.0.1:%d" % byte_server.port
    assert got == sent.replace(host, theirs).replace(b":  spaced ", b": spaced") + b"early bytes"


@pytest.mark.parametrize("tls", [False, True])
async def test_any_bytes_pass_both_ways_at_once(
    tapped: Tapped, byte_server: ByteServer, tls: bool
) -> None:
    client, peer = await opened(tapped, byte_server, tls)
    up, down = os.urandom(3_000_000), os.urandom(3_000_000)
    client.writer.write(up + b"THE END")
    peer.writer.write(down + b"THE END")
    at_peer, at_client = await asyncio.gather(peer.until(b"THE END"), client.until(b"THE END"))
    assert at_peer == up + b"THE END"
    assert at_client == down + b"THE END"
    client.writer.close()
    assert await peer.rest() == at_peer


async def test_half_a_close_stays_half_a_close(tapped: Tapped, byte_server: ByteServer) -> None:
    client, peer = await opened(tapped, byte_server)
    client.writer.write(b"last words")
    client.writer.write_eof()
    assert await peer.rest() == b"last words"
    peer.writer.write(b"still here")
    await client.until(b"still here")
    peer.writer.close()
    assert await client.rest() == b"still here"
    assert end(await tapped.recording())[0] == 1006


@pytest.mark.parametrize("tls", [False, True])
async def test_what_was_sent_before_a_close_arrives(
    tapped: Tapped, byte_server: ByteServer, tls: bool
) -> None:
    client, peer = await opened(tapped, byte_server, tls)
    rest = os.urandom(2_000_000)
    peer.writer.write(rest)
    peer.writer.close()
    assert await client.rest() == rest


@pytest.mark.parametrize("client_resets", [True, False])
async def test_a_reset_is_a_reset_on_the_other_side(
    tapped: Tapped, byte_server: ByteServer, client_resets: bool
) -> None:
    ends = await opened(tapped, byte_server)
    resetting, other = ends if client_resets else reversed(ends)
    sock = resetting.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    resetting.writer.transport.abort()
    with pytest.raises(ConnectionResetError):
        await other.rest()
    lost = "client" if client_resets else "server"
    gone = f"the {lost} was lost without a close frame: Connection reset by peer"
    assert end(await tapped.recording()) == (1006, gone, "network")


@pytest.mark.parametrize("to_server", [True, False])
async def test_a_side_that_does_not_read_stops_the_other(
    tapped: Tapped, byte_server: ByteServer, to_server: bool
) -> None:
    """As without the tap: only what buffers hold can be sent."""
    ends = await opened(tapped, byte_server)
    writing, reading = ends if to_server else reversed(ends)
    block, sent = os.urandom(1 << 20), 0
    for each in (writing.writer, reading.writer):
        each.transport.set_write_buffer_limits(0)
    with pytest.raises(TimeoutError):
        while sent < 200 << 20:
            writing.writer.write(block)
            sent += len(block)
            async with asyncio.timeout(1.0):
                await writing.writer.drain()
    assert sent < 64 << 20, "what the system's sockets hold, and little of ours"
    assert HELD_BYTES < 1 << 20
    reading.writer.write(b"the other way is free")
    await writing.until(b"the other way is free")
    writing.writer.close()
    assert len(await reading.rest()) == sent


async def test_an_upstream_that_is_not_there_is_said(tap: Tap, byte_server: ByteServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    tapped = await tap(f"ws://127.0.0.1:{port}")
    client = await byte_server.client(tapped.port)
    client.writer.write(UPGRADE % tapped.port)
    answer = (await client.rest()).decode()
    client.writer.close()
    assert answer.startswith("HTTP/1.1 502 Bad Gateway\r\n")
    words = f"127.0.0.1:{port} cannot be reached: Connection refused."
    assert answer.endswith(f"\r\n\r\nbidiscope tap: {words}\n")
    assert end(await tapped.recording()) == (None, words, "server")


async def test_a_certificate_of_no_one_is_not_trusted(
    tap: Tap, tmp_path: Path, byte_server: ByteServer
) -> None:
    stranger = Authority.of_user(tmp_path / "stranger").server_context()
    server = await asyncio.start_server(byte_server.take, "127.0.0.1", 0, ssl=stranger)
    async with server:
        tapped = await tap(f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        client = await byte_server.client(tapped.port)
        client.writer.write(UPGRADE % tapped.port)
        answer = (await client.rest()).decode()
    assert answer.startswith("HTTP/1.1 502 ")
    assert "its certificate is not trusted" in answer


async def test_the_end_of_the_tap_ends_its_sessions(tap: Tap, byte_server: ByteServer) -> None:
    folder = Path(os.environ["BIDISCOPE_DATA"]) / "recordings"
    async with tapping(Options(f"http://127.0.0.1:{byte_server.port}")) as (ready, house):
        tapped = Tapped(ready, house, folder, None)  # type: ignore[arg-type]
        client, peer = await opened(tapped, byte_server)
    assert await client.rest() == b""
    assert await peer.rest() == b""
    assert end(await tapped.recording())[0] == 1006
