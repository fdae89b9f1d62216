"""The emulator on its sockets: one dialogue for each WebSocket, over plain TCP and TLS.

Loopback only. All that a session means is in `tui.emulator.dialogue`; `tui.emulator.pump` carries
bytes, time and speech to it and its effects out.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tui.core.text import safe
from tui.emulator.detector import detector
from tui.emulator.dialogue import Dialogue
from tui.emulator.ears import Detector
from tui.emulator.endpoint import Endpoint
from tui.emulator.pump import Pump
from tui.emulator.resumption import Handles
from tui.emulator.speech import Recognition, Speech
from tui.loopback import LOOPBACK_NAMES, listeners

MAX_MESSAGE_BYTES = 16 * 2**20
PING_TIMEOUT_S = 120.0
"""A client may stop at a breakpoint for so long before it counts as gone."""
CLOSE_TIMEOUT_S = 2.0

PAGE = """\
LOCAL EMULATOR of the Gemini Live API, by bidiscope. It is not Gemini, and it needs no key.

Point a client of the Live API at this address; connect a WebSocket to it, to be exact.
"""

_SILENT = logging.getLogger("tui.emulator.websockets")
"""Handshakes that fail are no news, and sessions are logged in our own words."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

Serving = contextlib.AbstractAsyncContextManager[Server]

Log = Callable[[str], None]
"""Takes a line for a human."""


@dataclass(frozen=True)
class Ports:
    """Where the emulator listens."""

    ws: int
    wss: int


@contextlib.asynccontextmanager
async def serving(
    port: int, tls_port: int, context: ssl.SSLContext, log: Log
) -> AsyncIterator[Ports]:
    """The emulator, until the block ends; then every session gets a close frame (1001).

    Port 0 takes any that is free. Raises `PortTaken` when one is not.
    """
    emulator = _Emulator(log)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(emulator.speech.close)
        stack.callback(emulator.recognition.close)
        plain, secure = listeners(stack, port), listeners(stack, tls_port)
        for sockets, tls in ((plain, None), (secure, context)):
            for one in sockets:
                await stack.enter_async_context(emulator.serve(one, tls))
        yield Ports(plain[0].getsockname()[1], secure[0].getsockname()[1])


class _Emulator:
    """What the sessions share."""

    def __init__(self, log: Log) -> None:
        self.speech, self.recognition = Speech(), Recognition()
        self._handles = Handles()
        self._log = log
        self._numbers = itertools.count(1)

    def serve(self, listener: socket.socket, tls: ssl.SSLContext | None) -> Serving:
        return serve(
            self._session,
            sock=listener,
            ssl=tls,
            process_request=_admit,
            max_size=MAX_MESSAGE_BYTES,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            logger=_SILENT,
            server_header=None,
        )

    async def _session(self, connection: ServerConnection) -> None:
        number = next(self._numbers)
        assert connection.request is not None
        endpoint = Endpoint.at(connection.request.path)
        assert endpoint is not None  # _admit let nothing else in
        dialogue = Dialogue(
            endpoint, self._handles, lambda: datetime.now().astimezone(), ears=self._ears, ages=True
        )
        self._log(f"session {number} connected")
        try:
            await Pump(connection, dialogue, self.speech, self.recognition).run()
        except ConnectionClosed:
            pass
        except Exception:
            self._log(traceback.format_exc())
            raise  # websockets closes with 1011
        finally:
            dialogue.end()
            model = dialogue.setup.profile.model.name if dialogue.setup else "no setup"
            ended = f"{connection.close_code} {connection.close_reason or ''}".rstrip()
            self._log(f"session {number} ({model}) closed: {safe(ended)}")

    def _ears(self) -> Detector:
        """For a session that begins to send sound: its words will be asked for soon."""
        self.recognition.load()
        return detector()


def _admit(connection: ServerConnection, request: Request) -> Response | None:
    """None lets a client in; anything else is the answer that it gets instead."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).hostname not in LOOPBACK_NAMES:
        return connection.respond(
            HTTPStatus.FORBIDDEN, "Pages of other origins than localhost may not connect.\n"
        )
    if Endpoint.at(request.path) is None:
        return connection.respond(
            HTTPStatus.NOT_FOUND,
            "This is not a path of the Live API: use / or "
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent.\n",
        )
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return connection.respond(HTTPStatus.OK, PAGE)
    return None
