"""An emulator in the test's own loop, met on its sockets."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai.types import HttpOptions

from tui.authority import Authority
from tui.emulator.edge.server import Ports, serving
from tui.emulator.options import Options

WAIT_S = 20.0
"""For a loaded machine; no test comes near it where nothing is wrong."""


class Emulator:
    """A running emulator and what it logs."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.tls = ssl.create_default_context(cafile=authority.path)
        self._log: asyncio.Queue[str] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.ports = Ports(0, 0)

    def log(self, line: str) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._log.put_nowait, line)

    async def logged(self, text: str) -> str:
        """The next line with ``text``."""
        while text not in (line := await self._log.get()):
            assert "Traceback" not in line, line
        return line

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.ports.ws}"

    def client(self, key: str = "any", **how: Any) -> genai.Client:
        """The SDK, led here over TLS."""
        version = how.pop("version", None)
        options = HttpOptions(
            base_url=f"https://localhost:{self.ports.wss}",
            api_version=version,
            client_args={"verify": self.tls},
            async_client_args={"ssl": self.tls},
        )
        return genai.Client(api_key=key, http_options=options, **how)


Begin = Callable[..., Awaitable[Emulator]]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Begins an emulator with options, at these ports."""
    async with contextlib.AsyncExitStack() as stack:

        async def run(port: int = 0, tls_port: int = 0, **how: Any) -> Emulator:
            running = Emulator(Authority.of_user(tmp_path / "authority"))
            context, options = running.authority.server_context(), Options(**how)
            running.ports = await stack.enter_async_context(
                serving(port, tls_port, context, running.log, options)
            )
            return running

        yield run


@pytest.fixture
async def emulator(begin: Begin) -> Emulator:
    return await begin()
