"""The server's side of one connection: an entrance first, then a WebSocket of `websockets`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import BINARY, TEXT, CloseCode, Frame, Opcode

from tui.core.frame import Direction
from tui.emulator.edge.entrance import Entrance, House, Port
from tui.emulator.edge.recorder import Tape

STUCK_TIMEOUT_S = 120.0
"""A client that reads nothing for so long is gone, or at a breakpoint; its pings wait, too."""


class Front(ServerConnection):
    """What `serve` makes for each TCP connection; the server knows it only as a WebSocket."""

    def __init__(self, house: House, port: Port, text_frames: bool, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._house, self._port, self._text_frames = house, port, text_frames
        self._entrance: Entrance | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._opcodes: deque[Opcode] = deque()
        """Of the messages that have come and are not read yet."""
        self.tape: Tape | None = None
        """Witness of the messages, if they are recorded."""

    # ---- asyncio's protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there; the server will know when it is a client."""
        self._entrance = Entrance(self._house, self._port, self, transport, self._admitted)

    def data_received(self, data: bytes) -> None:
        """For the entrance, or for the WebSocket."""
        if self._entrance is not None:
            self._entrance.take(data)
        else:
            super().data_received(data)

    def eof_received(self) -> None:
        """Nothing more comes: without a WebSocket that is the end."""
        if self._entrance is None:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._unstick()
        if self._entrance is not None:
            self._entrance.gone()
        else:
            super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read: no more is written, and it has some time.

        Nor is more read: its pings would be answered without end.
        """
        if self._entrance is None:
            super().pause_writing()
            self.transport.pause_reading()
            self._stuck = self.loop.call_later(STUCK_TIMEOUT_S, self._give_up)

    def resume_writing(self) -> None:
        """It reads again."""
        self._unstick()
        if self.paused:
            super().resume_writing()
            self.transport.resume_reading()

    def _admitted(self, transport: asyncio.Transport, data: bytes) -> None:
        self._entrance = None
        super().connection_made(transport)
        super().data_received(data)

    def _give_up(self) -> None:
        self._house.log(f"a client was given up: it has read nothing for {STUCK_TIMEOUT_S:g} s")
        self.transport.abort()

    def _unstick(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()

    # ---- messages

    def process_event(self, event: Any) -> None:
        """Keep the opcode, which `recv` does not tell."""
        if isinstance(event, Frame) and event.opcode in (TEXT, BINARY):
            self._opcodes.append(event.opcode)
        super().process_event(event)

    async def recv(self, decode: bool | None = None) -> Any:
        """The next message of the client."""
        message = await super().recv(decode)
        opcode = self._opcodes.popleft()
        if self.tape is not None:
            await self.tape.passed(Direction.SEND, opcode, message)
        return message

    async def send(self, message: Any, text: bool | None = None) -> None:
        """Send a message, as text if all are."""
        await super().send(message, text=self._text_frames or text)
        if self.tape is not None and isinstance(message, str | bytes):
            opcode = TEXT if self._text_frames or text or isinstance(message, str) else BINARY
            await self.tape.passed(Direction.RECEIVE, opcode, message)

    @property
    def ending(self) -> tuple[int, str, str]:
        """Code, reason, and who closed: "client", "server" or "network"."""
        closed = self.protocol.close_exc
        if closed.rcvd and (closed.rcvd_then_sent or not closed.sent):
            return closed.rcvd.code, closed.rcvd.reason, "client"
        if closed.sent:
            return closed.sent.code, closed.sent.reason, "server"
        return CloseCode.ABNORMAL_CLOSURE, "the client was lost without a close frame", "network"
