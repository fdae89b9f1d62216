"""Either side is killed: the other sees what it would see without the tap."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from asyncio.subprocess import PIPE, Process

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.tap.conftest import WAIT_S, Tap, end, live_server
from tui.authority import Authority

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")

SETUP = '{"setup": {"model": "models/gemini-3.8-live"}}'

CLIENT = f"""
import asyncio, ssl, sys
from websockets.asyncio.client import connect

async def main(url, ca):
    async with connect(url, ssl=ssl.create_default_context(cafile=ca)) as connection:
        await connection.send({SETUP!r})
        print(await connection.recv(), flush=True)
        await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""

SERVER = """
import asyncio, sys
from pathlib import Path
from websockets.asyncio.server import serve
from tui.authority import Authority

async def session(connection):
    await connection.recv()
    await connection.send("accepted")
    await asyncio.sleep(60)

async def main():
    tls = Authority.of_user().server_context()
    async with serve(session, "127.0.0.1", 0, ssl=tls) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def program(code: str, *words: str) -> tuple[Process, str]:
    """A Python program and its first line."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *words, stdout=PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        line = (await process.stdout.readline()).decode().strip()
    assert line
    return process, line


async def killed(process: Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.communicate()


async def test_a_killed_client(tap: Tap, authority: Authority) -> None:
    ends: list[tuple[int | None, str]] = []
    over = asyncio.Event()

    async def session(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send("accepted")
        await connection.wait_closed()
        ends.append((connection.close_code, connection.close_reason or ""))
        over.set()

    async with live_server(authority, session) as url:
        tapped = await tap(url)
        for address in (url.replace("https", "wss"), tapped.ready.wss):
            client, line = await program(CLIENT, address, str(authority.path))
            assert line == "accepted"
            await killed(client)
            async with asyncio.timeout(WAIT_S):
                await over.wait()
            over.clear()
    assert ends == [(1006, "")] * 2
    gone = "the client was lost without a close frame"
    assert end(await tapped.recording()) == (1006, gone, "network")


async def test_a_killed_upstream(tap: Tap, authority: Authority) -> None:
    ends = []
    for through in (False, True):
        server, port = await program(SERVER)
        url = f"wss://localhost:{port}"
        tapped = await tap(url)
        tls = ssl.create_default_context(cafile=authority.path)
        async with connect(tapped.ready.wss if through else url, ssl=tls) as connection:
            await connection.send(SETUP)
            assert await connection.recv() == "accepted"
            await killed(server)
            with pytest.raises(ConnectionClosed) as closed:
                await connection.recv()
        ends.append((closed.value.rcvd, closed.value.sent, type(closed.value)))
    assert ends[0] == ends[1]
    gone = "the server was lost without a close frame"
    assert end(await tapped.recording()) == (1006, gone, "network")


@pytest.mark.parametrize("by_server", [True, False])
@pytest.mark.parametrize(("code", "reason"), [(1011, "Deadline expired."), (1000, ""), (4321, "ö")])
async def test_a_close_keeps_code_and_reason(
    tap: Tap, authority: Authority, by_server: bool, code: int, reason: str
) -> None:
    seen: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()

    async def session(connection: ServerConnection) -> None:
        await connection.recv()
        if by_server:
            await connection.close(code, reason)
        await connection.wait_closed()
        seen.put_nowait((connection.close_code, connection.close_reason))

    async with live_server(authority, session) as url:
        tapped = await tap(url)
        async with connect(tapped.ready.wss, ssl=tapped.tls) as connection:
            await connection.send(SETUP)
            if not by_server:
                await connection.close(code, reason)
            await connection.wait_closed()
        async with asyncio.timeout(WAIT_S):
            assert await seen.get() == (code, reason)
    assert (connection.close_code, connection.close_reason) == (code, reason)
    assert end(await tapped.recording()) == (code, reason, "server" if by_server else "client")
