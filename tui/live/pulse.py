"""The pulse of a connection: pings that tell how slow the line is, and whether it is dead.

websockets has a keepalive of its own. It does not notice a line that takes nothing any more: its
ping waits for the socket before its timeout begins. And it ends one whose pongs are late though
messages come, which is Google's line at times (sip-to-ai#14).
"""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tui.live.recorder import JournalRecorder
from tui.live.tap import Tap

PING_INTERVAL_S = 10.0
LATE_S = 5.0
"""A ping that waits for its pong so long is told of."""
PING_TIMEOUT_S = 60.0
"""A line on which nothing at all has come for so long is dead; Google's pongs were up to 30 s late
(sip-to-ai#14)."""


class Pulse:
    """Pings one connection until it is closed. Lives on the engine's loop."""

    def __init__(self, tap: Tap, recorder: JournalRecorder) -> None:
        self._tap, self._recorder = tap, recorder

    async def beat(self) -> None:
        """Ping now and then; a line that is dead is ended."""
        connection = self._tap.connection
        assert connection is not None
        with contextlib.suppress(ConnectionClosed):
            while not self._tap.closed:
                await asyncio.sleep(PING_INTERVAL_S)
                await self._ping(connection)

    async def _ping(self, connection: ClientConnection) -> None:
        since_s = connection.loop.time()
        pong = asyncio.create_task(_pong(connection))
        try:
            await asyncio.wait([pong], timeout=LATE_S)
            if not pong.done():
                self._recorder.event("ping.unanswered", after_s=LATE_S)
            while not pong.done() and (left_s := self._left_s(since_s, connection)) > 0:
                await asyncio.wait([pong], timeout=left_s)
            if pong.done():
                self._recorder.event("ping", rtt_ms=round(pong.result() * 1000, 3))
            else:
                self._tap.give_up(f"nothing came for {PING_TIMEOUT_S:g} s, no answer to a ping")
        finally:
            pong.cancel()

    def _left_s(self, since_s: float, connection: ClientConnection) -> float:
        return PING_TIMEOUT_S - (connection.loop.time() - max(since_s, self._tap.heard_s))


async def _pong(connection: ClientConnection) -> float:
    """The round trip of a ping in seconds; a socket that takes nothing is waited for."""
    return await (await connection.ping())
