"""The side of a program: its request says where the other side is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from tui.core.frame import Direction
from tui.tap.fault import Fault
from tui.tap.faulty import FaultySide
from tui.tap.gate import Gate, Refusal
from tui.tap.head import END, LONGEST_BYTES, Head, HeadError
from tui.tap.relay import Hold, Side, Witness, words
from tui.tap.upstream import Upstream, Upstreams

HEAD_TIMEOUT_S = 10.0
"""For the head of a request, of a client that may be none."""
CONNECT_TIMEOUT_S = 15.0
LINGER_S = 2.0
"""How long a refused client may take to read why."""

Summon = Callable[[Head, Upstream, Callable[[], None]], Witness]
"""Makes the witness of a WebSocket; it calls the function when it is full no more."""


@dataclass(frozen=True)
class House:
    """What all clients of a tap share."""

    gate: Gate
    upstreams: Upstreams
    tls: ssl.SSLContext
    """Whom upstreams are trusted by."""
    summon: Summon
    log: Callable[[str], None]
    faults: bool = False
    """Whether faults may be brought about."""
    guests: set[Client] = field(default_factory=set)
    """The clients that are connected now."""

    def bring_about(self, session: int, fault: Fault) -> None:
        """In a session that goes on; in another, nothing happens."""
        for guest in tuple(self.guests):
            side, witness = guest.other, guest.witness
            if isinstance(side, FaultySide) and witness and witness.number == session:
                side.bring_about(fault)


class Client(Side):
    """Reads the head of its request, connects to the upstream, and is one side of the relay then.

    A WebSocket's bytes pass as they are. Any other request is made the only one of its connection,
    since the next could be for another host.
    """

    def __init__(self, house: House) -> None:
        super().__init__(Direction.SEND)
        self._house = house
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection is lost."""
        self._unread = bytearray()
        """What has come and is not passed on yet."""
        self._timer: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._deaf = False
        """What comes is thrown away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a head, but not for ever."""
        super().connection_made(transport)
        self._house.guests.add(self)
        late = Refusal(HTTPStatus.REQUEST_TIMEOUT, "No request came in time.")
        self._timer = self._loop.call_later(HEAD_TIMEOUT_S, self._refuse, late)

    def data_received(self, data: bytes) -> None:
        """Take the head of the request first."""
        if self._deaf:
            return
        if self.other is not None:
            super().data_received(data)
        else:
            self._unread += data
            if self._connecting is None:
                self._look_for_head()

    def connection_lost(self, error: Exception | None) -> None:
        """Stop what was begun for it."""
        self._house.guests.discard(self)
        self.gone.set_result(None)
        self._stop_timer()
        if self._connecting is not None:
            self._connecting.cancel()
        super().connection_lost(error)

    def end(self) -> None:
        """Let go of both sides."""
        for side in (self, self.other):
            if side is not None:
                side.transport.close()

    def _look_for_head(self) -> None:
        end = self._unread.find(END, 0, LONGEST_BYTES)
        if end < 0 and len(self._unread) < LONGEST_BYTES:
            return
        try:
            if end < 0:
                too_long = "The head of the request is too long."
                raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, too_long)
            head = Head.request(bytes(self._unread[:end]))
            del self._unread[: end + len(END)]
            self._begin(head, self._house.gate.target(head))
        except HeadError as error:
            self._refuse(Refusal(HTTPStatus.BAD_REQUEST, str(error)))
        except Refusal as refusal:
            self._refuse(refusal)

    def _begin(self, head: Head, target: str) -> None:
        """Connect to where an admitted request shall go."""
        self._stop_timer()
        self.hold(Hold.CONNECTING)
        upstream = self._house.upstreams.of(target)
        head = head.addressed(target, upstream.place)
        if head.upgrades:
            self.witness = self._house.summon(head, upstream, self._go_on)
        else:
            head = head.alone()
        self._connecting = self._loop.create_task(self._connect(head, upstream))

    async def _connect(self, head: Head, upstream: Upstream) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, other = await self._loop.create_connection(
                    self._other_side,
                    upstream.host,
                    upstream.port,
                    ssl=self._house.tls if upstream.tls else None,
                    happy_eyeballs_delay=0.25,
                )
        except OSError as error:  # TimeoutError is one
            problem = f"{upstream.place} cannot be reached: {words(error)}."
            if self.witness is not None:
                self.witness.ended(Direction.RECEIVE, problem)
            self._refuse(Refusal(HTTPStatus.BAD_GATEWAY, problem))
            return
        other.transport.write(head.encoded())
        self.other = other
        super().data_received(bytes(self._unread))
        self._unread.clear()
        self.release(Hold.CONNECTING)

    def _other_side(self) -> Side:
        if self._house.faults and self.witness is not None:
            return FaultySide(self, self.witness, self._let_go)
        return Side(Direction.RECEIVE, self, self.witness)

    def _let_go(self) -> None:
        """Nothing passes any more; the client has time to read what it was sent."""
        self._deaf = True
        if self.other is not None:
            self.other.other = None
            self.other = None
        for why in Hold:
            self.release(why)
        self._timer = self._loop.call_later(LINGER_S, self.transport.close)

    def _go_on(self) -> None:
        """The witness has caught up."""
        for side in (self, self.other):
            if side is not None:
                side.release(Hold.FULL)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why, and go when the client has, or has had time to read it."""
        self._stop_timer()
        self._deaf = True
        self._house.log(f"refused ({refusal.status.value}): {refusal}")
        self.transport.write(refusal.encoded())
        self.release(Hold.CONNECTING)
        self._timer = self._loop.call_later(LINGER_S, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
