"""The REST calls of the same program: untouched, as they come, and recorded nowhere."""

from __future__ import annotations

import asyncio
import os

import pytest
from google import genai
from google.genai.types import HttpOptions

from tests.stage import API_KEY
from tests.tap.conftest import ByteServer, Tap, Tapped


@pytest.fixture
async def tapped(tap: Tap, byte_server: ByteServer) -> Tapped:
    return await tap(f"http://127.0.0.1:{byte_server.port}")


async def test_the_sdk_lists_models(tapped: Tapped, byte_server: ByteServer) -> None:
    async def serve() -> bytes:
        peer = await byte_server.peer()
        got = await peer.until(b"\r\n\r\n")
        body = b'{"models": [{"name": "models/gemini-3.8-live"}]}'
        peer.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        peer.writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        peer.writer.close()
        return bytes(got)

    serving = asyncio.create_task(serve())
    options = HttpOptions(
        base_url=tapped.ready.wss.replace("wss", "https"), async_client_args={"verify": tapped.tls}
    )
    async with genai.Client(api_key=API_KEY, http_options=options).aio as client:
        names = [model.name async for model in await client.models.list()]
    assert names == ["models/gemini-3.8-live"]
    got = await serving
    assert got.startswith(b"GET /v1")
    assert f"\r\nx-goog-api-key: {API_KEY}\r\n".encode() in got, "the program's own, none of ours"
    assert list(tapped.folder.iterdir()) == []


async def test_a_large_body_and_an_answer_in_pieces(
    tapped: Tapped, byte_server: ByteServer
) -> None:
    client = await byte_server.client(tapped.tls_port, tapped.tls)
    body = os.urandom(3_000_000)
    head = (
        b"POST /upload/v1beta/files HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n"
        b"X-Goog-Upload-Command: start\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    client.writer.write(head + body)
    peer = await byte_server.peer()
    got = await peer.until(body[-20:])
    theirs, _, rest = got.partition(b"\r\n\r\n")
    assert rest == body
    assert theirs.split(b"\r\n") == [
        b"POST /upload/v1beta/files HTTP/1.1",
        b"Host: 127.0.0.1:%d" % byte_server.port,
        b"X-Goog-Upload-Command: start",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
    ]
    for piece in (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\none\r\n"):
        peer.writer.write(piece)
        await client.until(piece)
    peer.writer.write(b"0\r\n\r\n")
    peer.writer.close()
    assert (await client.rest()).endswith(b"3\r\none\r\n0\r\n\r\n")
