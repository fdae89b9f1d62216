"""The tap: a WebSocket connection that reports every message before anybody parses it.

`websockets.connect` makes its connections with the class that ``create_connection`` names, and
google-genai passes ``async_client_args`` through to it, so nothing is patched.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable

from websockets.asyncio.client import ClientConnection
from websockets.frames import BINARY, DATA_OPCODES, TEXT, Frame
from websockets.protocol import Event, State
from websockets.typing import DataLike

from tui.core.frame import Direction
from tui.live.close import Close
from tui.live.recorder import JournalRecorder


class Tap:
    """One connection's tap: its messages go to the recorder on arrival and before sending."""

    def __init__(self, recorder: JournalRecorder) -> None:
        self._recorder = recorder
        self._opcode = TEXT
        self._fragments: list[bytes] = []
        self._given_up = ""
        self.accepted = asyncio.Event()
        """`setupComplete` has come."""
        self.heard_s = 0.0
        """When the other side last sent anything, pongs too, by the loop's clock."""
        self.connection: ClientConnection | None = None
        self.connection_class = _tapped(self)

    @property
    def closed(self) -> bool:
        """Whether the connection is over, or never was."""
        return self.connection is None or self.connection.state is State.CLOSED

    def close(self) -> Close | None:
        """How the connection ended, if there was one and it has."""
        if self.connection is None or not self.closed:
            return None
        protocol = self.connection.protocol
        received, sent = protocol.close_rcvd, protocol.close_sent
        if received is not None and (sent is None or protocol.close_rcvd_then_sent):
            return Close(received.code, received.reason, "server")
        if sent is not None:
            return Close(sent.code, sent.reason, "client")
        lost = self._given_up or "the connection was lost without a close frame"
        return Close(1006, lost, "network")

    def drop(self) -> None:
        """End a connection whose other side does not."""
        if self.connection is not None and not self.closed:
            self.connection.transport.abort()

    def give_up(self, why: str) -> None:
        """End a connection that is dead, and say why."""
        if not self.closed:
            self._given_up = why
            self.drop()

    def received(self, frame: Frame) -> None:
        """A frame has come; the last fragment makes a message."""
        if frame.opcode in (TEXT, BINARY):
            self._opcode, self._fragments = frame.opcode, []
        self._fragments.append(bytes(frame.data))
        if frame.fin:
            self._recorder.frame(Direction.RECEIVE, self._opcode, b"".join(self._fragments))
            if self._recorder.session.connected:
                self.accepted.set()

    def sending(self, message: object, text: bool | None) -> None:
        """A message is about to be sent."""
        if isinstance(message, (str, bytes)):
            binary = text is False or (text is None and isinstance(message, bytes))
            payload = message.encode() if isinstance(message, str) else message
            self._recorder.frame(Direction.SEND, BINARY if binary else TEXT, payload)


def _tapped(tap: Tap) -> type[ClientConnection]:
    class TappedConnection(ClientConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            tap.connection = self

        def process_event(self, event: Event) -> None:
            """Every incoming frame passes here, read by the SDK or not."""
            tap.heard_s = self.loop.time()
            if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
                tap.received(event)
            super().process_event(event)

        async def send(
            self,
            message: DataLike | Iterable[DataLike] | AsyncIterable[DataLike],
            *,
            text: bool | None = None,
        ) -> None:
            """Report first: the answer may be here before a slow send has returned."""
            if self.state is State.OPEN:
                tap.sending(message, text)
            await super().send(message, text=text)

    return TappedConnection
