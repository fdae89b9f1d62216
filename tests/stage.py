"""A Live server that does what a script says, over TLS, for clients that do not know it.

It is reached as a gateway in front of the service would be: by ``GOOGLE_GEMINI_BASE_URL``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tui.authority import Authority

API_KEY = "AIzaSyD3-bNx_0Qk7Wf2uTjLmR5pVhGc8sEaZ4t"
"""No key of anybody's, in the shape of one."""

MAX_MESSAGE_BYTES = 64 << 20
HELD_BYTES = 1 << 16
"""What the network holds for a script that does not read, beside the client's own buffer."""

Message = dict[str, Any] | str | bytes


class Peer:
    """One connection as its script sees it. All messages of both sides are kept."""

    def __init__(self, connection: ServerConnection, cue: asyncio.Event) -> None:
        self._connection = connection
        self._cue = cue
        self.sent: list[bytes] = []
        self.heard: list[bytes] = []
        self.headers = connection.request.headers if connection.request else {}

    async def hear(self) -> dict[str, Any]:
        """The client's next message; raises ConnectionClosed, which ends the script."""
        payload = await self._connection.recv(decode=False)
        self.heard.append(payload)
        message: dict[str, Any] = json.loads(payload)
        return message

    async def accept(self, **complete: Any) -> None:
        """Wait for the set-up and accept it."""
        await self.hear()
        await self.send({"setupComplete": complete})

    async def send(self, *messages: Message) -> None:
        """Objects go out as the service sends them, pretty JSON in binary; the rest as it is."""
        for message in messages:
            if isinstance(message, dict):
                message = json.dumps(message, indent=2).encode()
            self.sent.append(message.encode() if isinstance(message, str) else message)
            await self._connection.send(message)
            await asyncio.sleep(0)  # sending alone may never let the loop hear of a closed socket

    async def send_fragments(self, pieces: list[str]) -> None:
        """One message, a WebSocket frame for each piece."""
        self.sent.append("".join(pieces).encode())
        await self._connection.send(pieces)

    async def answer(self, *deltas: str) -> None:
        """A whole answer in writing."""
        parts = ({"modelTurn": {"parts": [{"text": delta}]}} for delta in deltas)
        await self.send(*({"serverContent": part} for part in parts))
        await self.send({"serverContent": {"generationComplete": True}})
        await self.send({"serverContent": {"turnComplete": True}})

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a close frame."""
        await self._connection.close(code, reason)

    def drop(self) -> None:
        """End the TCP connection without a word."""
        self._connection.transport.abort()

    def stop_reading(self) -> None:
        """Leave in the network what the client sends."""
        self._connection.transport.pause_reading()

    def go_on_reading(self) -> None:
        """Take what the client sends again."""
        self._connection.transport.resume_reading()

    async def cue(self) -> None:
        """Wait until the test gives the cue, once."""
        await self._cue.wait()
        self._cue.clear()

    async def greet(self) -> None:
        """Accept, and answer every message with a greeting."""
        await self.accept()
        while True:
            await self.hear()
            await self.answer("Hello ", "there.")

    async def listen(self) -> None:
        """Answer nothing any more, until the client closes."""
        while True:
            await self.hear()


Script = Callable[[Peer], Awaitable[None]]


class Stage:
    """The server, on a thread of its own. A connection gets the next script; the last one stays."""

    def __init__(
        self, folder: Path, scripts: tuple[Script, ...], refusal: HTTPStatus | None
    ) -> None:
        authority = Authority.of_user(folder)
        self.ca = authority.path
        self.peers: list[Peer] = []
        self.failures: list[BaseException] = []
        self.port = 0
        self._tls = authority.server_context()
        self._scripts = scripts
        self._refusal = refusal
        self._loop = asyncio.new_event_loop()
        self._cue = asyncio.Event()
        self._end = asyncio.Event()
        self._acts: set[asyncio.Task[None]] = set()

    @property
    def environment(self) -> dict[str, str]:
        """What leads the SDK here."""
        return {
            "GEMINI_API_KEY": API_KEY,
            "GOOGLE_GEMINI_BASE_URL": f"https://localhost:{self.port}",
            "SSL_CERT_FILE": str(self.ca),
        }

    def give_cue(self) -> None:
        """Let the script that waits for it go on."""
        self._loop.call_soon_threadsafe(self._cue.set)

    def run(self, ready: threading.Event) -> None:
        """Serve until `end`."""
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    def end(self) -> None:
        """Close all connections and be gone."""
        self._loop.call_soon_threadsafe(self._end.set)

    async def _serve(self, ready: threading.Event) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD_BYTES)
            self.port = listener.getsockname()[1]
            await self._play(listener, ready)

    async def _play(self, listener: socket.socket, ready: threading.Event) -> None:
        async with self._server(listener):
            ready.set()
            await self._end.wait()
            for act in self._acts:
                act.cancel()

    def _server(self, listener: socket.socket) -> contextlib.AbstractAsyncContextManager[Server]:
        return serve(
            self._perform,
            sock=listener,
            ssl=self._tls,
            process_request=self._admit,
            max_size=MAX_MESSAGE_BYTES,
            close_timeout=1,
            compression=None,
        )

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(self._refusal, "no\n") if self._refusal else None

    async def _perform(self, connection: ServerConnection) -> None:
        script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
        self.peers.append(peer := Peer(connection, self._cue))
        act = asyncio.ensure_future(script(peer))
        self._acts.add(act)
        await asyncio.wait([act])
        self._acts.discard(act)
        failure = None if act.cancelled() else act.exception()
        if failure is not None and not isinstance(failure, ConnectionClosed):
            self.failures.append(failure)


@contextlib.contextmanager
def stage(folder: Path, *scripts: Script, refusal: HTTPStatus | None = None) -> Iterator[Stage]:
    """A stage while the block lasts; its certificate authority is made in ``folder``."""
    logging.getLogger("websockets.server").addHandler(logging.NullHandler())
    played, ready = Stage(folder, scripts, refusal), threading.Event()
    thread = threading.Thread(target=played.run, args=(ready,), name="stage", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield played
    finally:
        played.end()
        thread.join()
    assert not played.failures, played.failures
