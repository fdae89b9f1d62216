"""A network of its own between a client and a server: it cuts, stalls, delays, loses, and is gone.

It passes TCP on as bytes, so that TLS goes through it unread.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

UP, DOWN = "up", "down"
"""To the server, and from it."""
HELD_BYTES = 1 << 16
"""What the network holds of what it does not pass on, beside the system's own buffers."""
RETRANSMITTED_S = (0.2, 1.0)
"""How late TCP makes what is lost, and all that comes after it (RFC 6298: 200 ms and more)."""
_RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: a close is a reset."""


@dataclass
class Weather:
    """What the network does to each piece; changes hold at once."""

    latency_s: float = 0.0
    """One way."""
    loss: float = 0.0
    """Of how many pieces the retransmission is waited for."""
    bytes_per_s: float = 0.0
    """Each way; 0 is as fast as it goes."""
    dice: random.Random = field(default_factory=lambda: random.Random(1))


class Relay:
    """Listens on ``port`` and leads to ``upstream``. Lives on a thread of its own."""

    def __init__(self) -> None:
        self.weather = Weather()
        self.upstream = 0
        self.port = 0
        self.accepted = 0
        """Connections that came in."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        """The client's side and the server's of each connection."""
        self._gates = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._do(self._listen())
        self.flow()

    def stop(self) -> None:
        """Drop everything and be gone."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self, *, reset: bool) -> None:
        """End all connections, both ways: by a reset, or as if the other side had closed."""
        self._do(self._cut(reset=reset))

    def stall(self, *ways: str) -> None:
        """Pass nothing on, of new connections neither; the sockets stay open."""
        self._do(self._shut(ways or (UP, DOWN)))

    def flow(self) -> None:
        """Pass on again what was held up."""
        self._do(self._shut(()))

    def strand(self) -> None:
        """Nothing passes on the connections that there are, and both sides stay; new ones live."""
        self._do(self._leave_behind())

    def half_open(self) -> None:
        """The server sees its connections end; the client sees nothing, whatever it sends."""
        self.stall()
        self._do(self._leave())

    def refuse(self) -> None:
        """New connections are refused."""
        self._do(self._close())

    def accept(self) -> None:
        """New connections are taken again."""
        self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD_BYTES)
        self.port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._take, sock=listener, limit=HELD_BYTES)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _shut(self, ways: tuple[str, ...]) -> None:
        for way, gate in self._gates.items():
            if way in ways:
                gate.clear()
            else:
                gate.set()

    async def _leave_behind(self) -> None:
        await self._shut((UP, DOWN))
        self._gates = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        await self._shut(())

    async def _leave(self) -> None:
        for _, server in self._open:
            server.transport.abort()

    async def _cut(self, *, reset: bool) -> None:
        for client, server in self._open:
            server.transport.abort()
            if reset and not client.transport.is_closing():
                client.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET
                )
                client.transport.abort()
            else:
                client.close()
        self._open.clear()

    async def _end(self) -> None:
        await self._close()
        await self._cut(reset=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            from_server, server = await asyncio.open_connection(
                "127.0.0.1", self.upstream, limit=HELD_BYTES
            )
        except OSError:
            client.transport.abort()
            return
        self._open.append((client, server))
        for way, source, target in ((UP, reader, server), (DOWN, from_server, client)):
            task = asyncio.create_task(self._pass(self._gates[way], source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self, gate: asyncio.Event, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        """Read while nothing is stalled; deliver each piece when its time has come, in order."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(self._deliver(gate, pieces, target))
        due_s = 0.0
        try:
            while not delivering.done():
                await gate.wait()
                piece = await source.read(1 << 14)
                due_s = max(due_s, self._loop.time() + self._late_s()) + self._takes_s(piece)
                pieces.put_nowait((due_s, piece))
                if not piece:
                    await delivering
        except OSError:  # a reset goes on as one
            target.transport.abort()
        finally:
            delivering.cancel()

    async def _deliver(
        self,
        gate: asyncio.Event,
        pieces: asyncio.Queue[tuple[float, bytes]],
        target: asyncio.StreamWriter,
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                due_s, piece = await pieces.get()
                await asyncio.sleep(due_s - self._loop.time())
                await gate.wait()
                if not piece:
                    target.close()
                    return
                target.write(piece)
                await target.drain()

    def _late_s(self) -> float:
        weather = self.weather
        lost = weather.dice.random() < weather.loss
        return weather.latency_s + (weather.dice.uniform(*RETRANSMITTED_S) if lost else 0.0)

    def _takes_s(self, piece: bytes) -> float:
        return len(piece) / self.weather.bytes_per_s if self.weather.bytes_per_s else 0.0


@contextlib.contextmanager
def relay() -> Iterator[Relay]:
    """A relay while the block lasts."""
    made = Relay()
    made.start()
    try:
        yield made
    finally:
        made.stop()
