"""What comes before a WebSocket: TLS or none, the head of a request, an answer in words.

The `websockets` server cannot read a POST, and speaks plainly or over TLS, not both; so it gets a
connection only when a whole head has come that asks for a WebSocket.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import h11

from tui.core.text import safe
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.edge.rest import ELSEWHERE, Answer, Request, Rest
from tui.loopback import LOOPBACK_NAMES, names_us

HEAD_TIMEOUT_S = 10.0
"""For all that comes before a WebSocket, of a client that may be none."""
LONGEST_HEAD_BYTES = 8 << 10
"""What `websockets` reads of one line."""
MOST_FIELDS = 100
"""`websockets` reads 128."""
LONGEST_BODY_BYTES = 1 << 20
LINGER_S = 2.0
"""How long a refused client may take to read why."""

_TLS_HANDSHAKE = 0x16
"""What a TLS connection begins with, and no HTTP request (RFC 8446, section 5.1)."""

Log = Callable[[str], None]
"""Takes a line for a human."""


@dataclass(frozen=True)
class House:
    """What all entrances of an emulator share."""

    rest: Rest
    tls: ssl.SSLContext
    log: Log
    waiting: set[Entrance] = field(default_factory=set)
    """Those that are being used now."""

    def close(self) -> None:
        """Let go of everyone who is not in a session."""
        for entrance in tuple(self.waiting):
            entrance.abort()


@dataclass(frozen=True)
class Port:
    """What is spoken at a port: one of them, or what the client begins with."""

    plain: bool
    tls: bool


class Denied(Exception):
    """An answer in place of what was asked for."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Entrance:
    """One connection until it is a WebSocket, or is over."""

    def __init__(
        self,
        house: House,
        port: Port,
        protocol: asyncio.Protocol,
        transport: asyncio.BaseTransport,
        admit: Callable[[asyncio.Transport, bytes], None],
    ) -> None:
        """``protocol`` passes on what comes; ``admit`` gets a WebSocket, and what it has sent."""
        self._house, self._port, self._protocol, self._admit = house, port, protocol, admit
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(HEAD_TIMEOUT_S, self._late)
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD_BYTES)
        self._raw = bytearray()
        """What has come of a head, as it came."""
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._securing: asyncio.Task[None] | None = None
        self.take = self._first
        """Takes what comes; another method from time to time."""
        house.waiting.add(self)

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def gone(self) -> None:
        """The connection is over, or no longer ours."""
        self._house.waiting.discard(self)
        self._timer.cancel()
        self.take = self._ignore

    # ---- TLS or not

    def _first(self, data: bytes) -> None:
        if data[0] != _TLS_HANDSHAKE:
            self.take = self._read
            if self._port.plain:
                self._read(data)
            else:
                self._deny(HTTPStatus.BAD_REQUEST, "This port speaks TLS: use https or wss.")
        elif self._port.tls:
            self.take = self._keep
            self._securing = self._loop.create_task(self._secure(data))
        else:
            self._house.log("a client was sent away: it speaks TLS, but not to the port for TLS")
            self._transport.close()

    def _keep(self, data: bytes) -> None:
        """Decrypted before `_secure` has gone on."""
        self._raw += data

    async def _secure(self, hello: bytes) -> None:
        """Speak TLS from here on."""
        plain = self._transport
        starting = asyncio.ensure_future(
            self._loop.start_tls(
                plain,
                self._protocol,
                self._house.tls,
                server_side=True,
                ssl_handshake_timeout=HEAD_TIMEOUT_S,
                ssl_shutdown_timeout=LINGER_S,
            )
        )
        # start_tls has no place for what was read before. In the first turn of the loop it puts
        # asyncio's TLS protocol on the transport, in the second that is told of its connection;
        # only in the third can more be read.
        for _ in range(2):
            await asyncio.sleep(0)
        tls = plain.get_protocol()
        if isinstance(tls, asyncio.BufferedProtocol):
            memoryview(tls.get_buffer(len(hello)))[: len(hello)] = hello
            tls.buffer_updated(len(hello))
        try:
            secured = await starting
        except OSError as error:  # ssl.SSLError is one
            why = safe(str(error)) or "it left"
            self._house.log(f"a client was sent away: its TLS failed: {why}")
            plain.abort()
            return
        if secured is None:  # closed meanwhile
            return
        self._transport = secured
        self.take = self._read
        early = bytes(self._raw)
        self._raw.clear()
        if early:
            self._read(early)

    # ---- the request

    def _read(self, data: bytes) -> None:
        if self._request is None:
            self._raw += data
        try:
            self._http.receive_data(data)
            while self._event(self._http.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            self._deny(error.error_status_hint, f"This is no HTTP/1.1: {safe(str(error))}.")
        except Denied as denied:
            self._deny(denied.status, str(denied))

    def _event(self, event: h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]) -> bool:
        """Whether there may be another one."""
        if isinstance(event, h11.Request):
            self._request = event
            return self._begin(event)
        if isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > LONGEST_BODY_BYTES:
                raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is longer than 1 MiB.")
            return True
        if isinstance(event, h11.EndOfMessage):
            self._respond()
        return False

    def _begin(self, head: h11.Request) -> bool:
        """Whether a body may follow that is for us."""
        unread, _ = self._http.trailing_data
        if len(self._raw) - len(unread) > LONGEST_HEAD_BYTES or len(head.headers) > MOST_FIELDS:
            raise Denied(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head is too long.")
        target = head.target.decode("latin-1")
        _check(head, target)
        if _fields(head).get("upgrade", "").lower() != "websocket":
            return True
        if Endpoint.at(target) is None:
            raise Denied(HTTPStatus.NOT_FOUND, ELSEWHERE)
        self.gone()
        self._admit(self._transport, bytes(self._raw))
        return False

    def _respond(self) -> None:
        assert self._request is not None
        head = self._request
        method, target = head.method.decode("latin-1"), head.target.decode("latin-1")
        answer = self._house.rest.answer(Request(method, target, _fields(head), bytes(self._body)))
        self._leave(answer)
        self._transport.close()

    def _late(self) -> None:
        self._deny(HTTPStatus.REQUEST_TIMEOUT, f"No request came within {HEAD_TIMEOUT_S:g} s.")

    def _deny(self, status: int, words: str) -> None:
        """Say why, and go when the client has, or has had time to read it."""
        self._house.log(f"a client was sent away ({status}): {words.strip()}")
        if self.take == self._keep:  # in the midst of TLS it cannot be told
            self.abort()
        else:
            self._leave(Answer.words(status, f"bidiscope emulate: {words.strip()}\n"))

    def _leave(self, answer: Answer) -> None:
        """The last that is sent."""
        self.take = self._ignore
        self._timer.cancel()
        self._timer = self._loop.call_later(LINGER_S, self.abort)
        fields = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
        ]
        reason = HTTPStatus(answer.status).phrase.encode()
        head = h11.Response(status_code=answer.status, headers=fields, reason=reason)
        bodiless = self._request is not None and self._request.method == b"HEAD"
        body = () if bodiless else (h11.Data(data=answer.body),)
        for event in (head, *body, h11.EndOfMessage()):
            self._transport.write(self._http.send(event) or b"")

    def _ignore(self, data: bytes) -> None:
        """Of a client that was sent away."""


def _fields(head: h11.Request) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}


def _check(head: h11.Request, target: str) -> None:
    """Who may pass: programs on this machine, and its own web pages."""
    if not target.startswith("/"):
        raise Denied(HTTPStatus.BAD_REQUEST, "Give a path: this is no proxy.")
    if not names_us(_fields(head).get("host", "")):
        raise Denied(
            HTTPStatus.MISDIRECTED_REQUEST,
            "The emulator answers to localhost, 127.0.0.1 and ::1 alone.",
        )
    origins = [value.decode("latin-1") for name, value in head.headers if name == b"origin"]
    if not all(map(_local, origins)):
        raise Denied(HTTPStatus.FORBIDDEN, "Pages of other origins than localhost may not connect.")


def _local(origin: str) -> bool:
    try:
        return urlsplit(origin).hostname in LOOPBACK_NAMES
    except ValueError:
        return False
