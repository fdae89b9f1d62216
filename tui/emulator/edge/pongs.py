"""Pongs that come late, as Google's have been seen to (sip-to-ai#14)."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import State


class LatePongs:
    """Holds back what the connection answers to pings.

    websockets answers a ping while it parses it and has no hook for that; its protocol's
    ``send_frame`` is where the answer passes.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self.delay_s = 0.0
        self._connection = connection
        self._send = connection.protocol.send_frame
        connection.protocol.send_frame = self._frame  # type: ignore[method-assign]

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG and self.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self.delay_s, self._answer, frame)
        else:
            self._send(frame)

    def _answer(self, frame: Frame) -> None:
        if self._connection.state is State.OPEN:
            self._send(frame)
            self._connection.send_data()
