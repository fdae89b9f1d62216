"""The unchanged @google/genai on Node: a session through the tap is the one without.

``BIDISCOPE_TEST_NODE_MODULES`` names a ``node_modules`` that has it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from tests.stage import API_KEY
from tests.tap.conftest import WAIT_S, Tap, end, frames, live_server
from tests.tap.test_sdk import script
from tui.authority import Authority

NODE = shutil.which("node")
MODULES = os.environ.get("BIDISCOPE_TEST_NODE_MODULES", "")
HEADERS = ("host", "sec-websocket-key")
"""What differs between any two sessions."""

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="there is no node"),
    pytest.mark.skipif(not MODULES, reason="BIDISCOPE_TEST_NODE_MODULES names no @google/genai"),
]


async def program(environ: Mapping[str, str]) -> list[Any]:
    """What the program has printed."""
    path = Path(__file__).with_name("session.cjs")
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        NODE, path, API_KEY, env=os.environ | environ | {"NODE_PATH": MODULES}, stdout=PIPE
    )
    async with asyncio.timeout(WAIT_S):
        out, _ = await process.communicate()
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_a_session_is_the_same(
    tap: Tap, authority: Authority, compression: str | None
) -> None:
    requests: list[Any] = []
    heard: list[list[Any]] = []

    async def keep(connection: ServerConnection) -> None:
        assert connection.request is not None
        fields = connection.request.headers.raw_items()
        asked = [field for field in fields if field[0].lower() not in HEADERS]
        requests.append((connection.request.path, asked))
        heard.append(messages := [])
        receive = connection.recv

        async def recv(decode: bool | None = None) -> Any:
            message = await receive(decode)
            messages.append(message)
            return message

        connection.recv = recv  # type: ignore[method-assign]
        await script(connection)

    async with live_server(authority, keep, compression) as url:
        tapped = await tap(url)
        direct = await program(
            {"GOOGLE_GEMINI_BASE_URL": url, "NODE_EXTRA_CA_CERTS": str(authority.path)}
        )
        through = await program(tapped.ready.environment)
        http = tapped.ready.ws.replace("ws", "http", 1)
        plain = await program({"GOOGLE_GEMINI_BASE_URL": http})
    assert direct == through == plain
    assert direct[-1] == ["close", [1011, "Internal error — encountered."]]
    assert requests[0] == requests[1] == requests[2]
    assert requests[0][0].endswith(f"BidiGenerateContent?key={API_KEY}")
    assert heard[0] == heard[1] == heard[2]
    assert len(heard[0]) == 3
    for records in await tapped.recordings(2):
        assert end(records) == (1011, "Internal error — encountered.", "server")
        assert [each[2].decode() for each in frames(records) if each[0] == "send"] == heard[0]
    assert all(API_KEY not in path.read_text() for path in tapped.folder.iterdir())
