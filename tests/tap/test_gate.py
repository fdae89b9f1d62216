"""Who may pass, at the tap's own socket: no web page, no other name, no proxying."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.tap.conftest import ByteServer, Tap, Tapped
from tui.tap import client as tap_client

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=K"


@pytest.fixture
async def tapped(tap: Tap, byte_server: ByteServer) -> Tapped:
    return await tap(f"http://127.0.0.1:{byte_server.port}", origin="https://mine.example")


async def answer(server: ByteServer, tapped: Tapped, request: bytes) -> str:
    """The tap's to a request that it does not pass on."""
    client = await server.client(tapped.port)
    client.writer.write(request)
    return (await client.until(b"bidiscope tap: ")).decode()


HOST = b"Host: localhost\r\n"
REFUSED = {
    "a rebound name": (b"GET / HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", 421),
    "a name that only begins so": (b"GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421),
    "a name behind a user": (b"GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 421),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n", 400),
    "a host that is no host": (b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 421),
    "a page": (b"GET / HTTP/1.1\r\n" + HOST + b"Origin: https://evil.example\r\n\r\n", 403),
    "a file's page": (b"GET / HTTP/1.1\r\n" + HOST + b"Origin: null\r\n\r\n", 403),
    "a local page": (b"GET / HTTP/1.1\r\n" + HOST + b"Origin: http://localhost\r\n\r\n", 403),
    "an origin beside": (
        b"GET / HTTP/1.1\r\n" + HOST + b"Origin: https://mine.example\r\nOrigin: x:\r\n\r\n",
        403,
    ),
    "proxying": (b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", 400),
    "a folded field": (b"GET / HTTP/1.1\r\n" + HOST + b" evil\r\n\r\n", 400),
    "a blank before the colon": (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
    "a line feed alone": (b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
    "a very long head": (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(tapped: Tapped, byte_server: ByteServer, name: str) -> None:
    request, status = REFUSED[name]
    assert (await answer(byte_server, tapped, request)).startswith(f"HTTP/1.1 {status} ")
    assert byte_server.untouched, "nothing of it reaches the upstream"


async def test_a_page_may_not_open_a_websocket(tapped: Tapped, byte_server: ByteServer) -> None:
    """WebSockets know no same-origin policy: the browser leaves it to the server."""
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{tapped.ready.ws}{PATH}", origin="https://evil.example"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403
    assert byte_server.untouched


async def test_an_allowed_page_may(tapped: Tapped, byte_server: ByteServer) -> None:
    client = await byte_server.client(tapped.port)
    client.writer.write(
        b"GET / HTTP/1.1\r\n" + HOST + b"Origin: https://mine.example\r\nUpgrade: websocket\r\n\r\n"
    )
    got = await (await byte_server.peer()).until(b"\r\n\r\n")
    assert b"\r\nOrigin: https://mine.example\r\n" in got


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80"])
async def test_this_machine_may(tapped: Tapped, byte_server: ByteServer, host: str) -> None:
    client = await byte_server.client(tapped.port)
    client.writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await (await byte_server.peer()).until(b"\r\n\r\n")


async def test_with_a_token_only_who_knows_it(tap: Tap, byte_server: ByteServer) -> None:
    tapped = await tap(f"http://127.0.0.1:{byte_server.port}", token=True)
    token = tapped.ready.wss.rpartition("/")[2]
    assert len(token) >= 16
    assert tapped.ready.environment["GOOGLE_GEMINI_BASE_URL"].endswith(f"/{token}")
    for path in ("/", f"/{token}", f"/{token}x/ws", f"/{token[:-1]}/ws", f"//{token}/ws"):
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        assert (await answer(byte_server, tapped, request)).startswith("HTTP/1.1 404 ")
    client = await byte_server.client(tapped.port)
    client.writer.write(f"GET /{token}//ws?key=K HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    got = await (await byte_server.peer()).until(b"\r\n\r\n")
    assert got.startswith(b"GET //ws?key=K HTTP/1.1\r\n")


async def test_a_client_that_says_nothing_is_let_go(
    tapped: Tapped, byte_server: ByteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_client, "HEAD_TIMEOUT_S", 0.2)
    client = await byte_server.client(tapped.port)
    for byte in b"GET /":
        client.writer.write(bytes([byte]))
        await asyncio.sleep(0.02)
    assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_it_listens_on_this_machine_alone(tapped: Tapped) -> None:
    for port in (tapped.port, tapped.tls_port):
        with pytest.raises(OSError, match=r"refused|111"):
            await asyncio.open_connection("127.0.0.2", port)
