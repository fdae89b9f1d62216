"""A tap in the test's own loop, and upstreams that keep every byte they get."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tui.authority import Authority
from tui.core.frame import Event, Frame, Record
from tui.core.recording import Recording
from tui.loopback import HOSTS
from tui.tap.client import House
from tui.tap.process import Options, Ready, tapping

WAIT_S = 30.0
"""For a loaded machine; no test comes near it where nothing is wrong."""


@dataclass
class Tapped:
    """A running tap and what it has recorded."""

    ready: Ready
    house: House
    folder: Path
    tls: ssl.SSLContext
    """Trusts the tap, and the test's own upstreams."""

    @property
    def port(self) -> int:
        """The plain one."""
        return int(self.ready.ws.rpartition(":")[2].partition("/")[0])

    @property
    def tls_port(self) -> int:
        """The other."""
        return int(self.ready.wss.rpartition(":")[2].partition("/")[0])

    async def recordings(self, count: int = 1) -> list[list[Record]]:
        """The records of so many sessions that are over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found = [read(path) for path in sorted(self.folder.glob("*.jsonl"))]
                if sum(map(ended, found)) >= count:
                    return found
                await asyncio.sleep(0.01)

    async def recording(self) -> list[Record]:
        """The only one's records."""
        (records,) = await self.recordings()
        return records


Tap = Callable[..., Awaitable[Tapped]]


def read(path: Path) -> list[Record]:
    """The records of a recording as far as it goes."""
    if not path.stat().st_size:
        return []
    recording = Recording(path)
    with contextlib.closing(recording):
        return [record for record, _ in recording.records()]


def ended(records: list[Record]) -> bool:
    """Whether the session is over."""
    return bool(records) and getattr(records[-1], "name", "") == "connection.closed"


def frames(records: list[Record]) -> list[tuple[str, int, bytes]]:
    """Direction, opcode and payload of every message."""
    found = (record for record in records if isinstance(record, Frame))
    return [(frame.direction.value, frame.opcode, frame.payload) for frame in found]


def end(records: list[Record]) -> tuple[int | None, str, str]:
    """Code, reason and who it was."""
    closed = records[-1]
    assert isinstance(closed, Event)
    assert closed.name == "connection.closed"
    return closed.detail["code"], closed.detail["reason"], closed.detail["by"]


@pytest.fixture
def authority() -> Authority:
    """The user's own, which in a test is the test's."""
    return Authority.of_user()


@pytest.fixture
async def tap(tmp_path: Path, authority: Authority) -> AsyncIterator[Tap]:
    """Begins a tap that leads to a URL."""
    tls = ssl.create_default_context(cafile=authority.path)
    async with contextlib.AsyncExitStack() as stack:

        async def begin(upstream: str, *, origin: str = "", **how: bool) -> Tapped:
            folder, origins = tmp_path / "taped", (origin,) if origin else ()
            how = {"quiet": True, **how}
            options = Options(upstream, record=folder, origins=origins, **how)  # type: ignore[arg-type]
            ready, house = await stack.enter_async_context(tapping(options))
            return Tapped(ready, house, folder, tls)

        yield begin


@dataclass
class Byte:
    """One connection of a server that keeps what it gets, and does what a test says."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    got: bytearray = field(default_factory=bytearray)

    async def until(self, what: bytes) -> bytes:
        """Read until these bytes have come; all that has."""
        async with asyncio.timeout(WAIT_S):
            while what not in self.got:
                data = await self.reader.read(65536)
                assert data, f"the end came before {what!r}"
                self.got += data
        return bytes(self.got)

    async def rest(self) -> bytes:
        """Read to the end; all that has come."""
        async with asyncio.timeout(WAIT_S):
            while data := await self.reader.read(65536):
                self.got += data
        return bytes(self.got)


class ByteServer:
    """A TCP server whose connections are taken one after another; and its clients."""

    def __init__(self) -> None:
        self._peers: asyncio.Queue[Byte] = asyncio.Queue()
        self._all: list[Byte] = []
        self.port = 0

    async def client(self, port: int, tls: ssl.SSLContext | None = None) -> Byte:
        """A client at a tap's port."""
        client = Byte(*await asyncio.open_connection("localhost", port, ssl=tls))
        self._all.append(client)
        return client

    @property
    def untouched(self) -> bool:
        """Whether nobody has come."""
        return self._peers.empty()

    async def peer(self) -> Byte:
        """The next connection."""
        async with asyncio.timeout(WAIT_S):
            return await self._peers.get()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection has come."""
        self._all.append(peer := Byte(reader, writer))
        self._peers.put_nowait(peer)

    async def close(self) -> None:
        """Let all connections go."""
        for each in self._all:
            if not each.writer.is_closing():
                each.writer.transport.abort()
            with contextlib.suppress(OSError):
                await each.writer.wait_closed()


@pytest.fixture
async def byte_server() -> AsyncIterator[ByteServer]:
    """Over plain TCP."""
    byte_server = ByteServer()
    server = await asyncio.start_server(byte_server.take, HOSTS[0], 0)
    byte_server.port = server.sockets[0].getsockname()[1]
    async with server:
        yield byte_server
        await byte_server.close()


Handler = Callable[[ServerConnection], Awaitable[None]]


class Ear(ServerConnection):
    """Keeps every byte that comes."""

    heard: bytearray

    def data_received(self, data: bytes) -> None:
        if not hasattr(self, "heard"):
            self.heard = bytearray()
        self.heard += data
        super().data_received(data)


@contextlib.asynccontextmanager
async def live_server(
    authority: Authority, handler: Handler, compression: str | None = None
) -> AsyncIterator[str]:
    """A WebSocket server over TLS; its URL."""
    async with serve(
        handler,
        HOSTS[0],
        0,
        ssl=authority.server_context(),
        compression=compression,
        create_connection=Ear,
        max_size=64 << 20,
        server_header=None,
        close_timeout=1,
    ) as server:
        yield f"https://localhost:{next(iter(server.sockets)).getsockname()[1]}"
