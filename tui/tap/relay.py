"""The relay: the bytes of one connection, passed on as they come.

It knows nothing of WebSockets. So frames, masks, fragments, pings, compression and closes cross it
exactly as both sides have made them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from enum import Enum
from typing import Protocol, cast

from tui.core.frame import Direction
from tui.tap.fault import Fault

HELD_BYTES = 1 << 18
"""So much waits for a side that reads slowly; then the other side is not read."""

_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""SO_LINGER that makes a close a reset (RST)."""


class Witness(Protocol):
    """Is told what has passed; it must not take long."""

    number: int
    """The session's."""

    @property
    def full(self) -> bool:
        """Whether it cannot keep up, so that nothing more may pass for now."""
        ...

    def passed(self, direction: Direction, data: bytes) -> None:
        """These bytes are on their way."""
        ...

    def ended(self, direction: Direction, problem: str = "") -> None:
        """The side that sends in this direction is gone."""
        ...

    def fault(self, fault: Fault) -> None:
        """A person has brought this about."""
        ...


class Hold(Enum):
    """Why a side is not read."""

    CONNECTING = "the other side is not there yet"
    SLOW = "the other side does not read"
    FULL = "the witness cannot keep up"
    FAULT = "a person wants to see what comes of it"


class Side(asyncio.Protocol):
    """One side of a relay: what comes in goes out at the other."""

    transport: asyncio.Transport

    def __init__(
        self, direction: Direction, other: Side | None = None, witness: Witness | None = None
    ) -> None:
        self.direction, self.other, self.witness = direction, other, witness
        self._holds: set[Hold] = set()
        self._at_end = self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HELD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Pass on, then bear witness."""
        other, witness = self.other, self.witness
        if other is None or other.transport.is_closing():
            return
        other.transport.write(data)
        if witness is not None:
            witness.passed(self.direction, data)
            if witness.full:
                self.hold(Hold.FULL)
                other.hold(Hold.FULL)

    def eof_received(self) -> bool:
        """Half a close stays half a close, unless a side speaks TLS: asyncio's has none."""
        self._at_end = True
        other = self.other
        halves = self.transport.can_write_eof() and other and other.transport.can_write_eof()
        if other is None or other._at_end or not halves:
            return False
        other.transport.write_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """The other side ends as this one has: in order, or by a reset."""
        self._lost = True
        if self.witness is not None:
            self.witness.ended(self.direction, words(error) if error else "")
        if self.other is not None:
            if isinstance(error, ConnectionError):
                self.other.reset()
            else:
                self.other.transport.close()

    def pause_writing(self) -> None:
        """This side does not read what it gets: no more is taken from the other."""
        if self.other is not None:
            self.other.hold(Hold.SLOW)

    def resume_writing(self) -> None:
        """It reads again."""
        if self.other is not None:
            self.other.release(Hold.SLOW)

    def hold(self, why: Hold) -> None:
        """Read nothing more."""
        self._holds.add(why)
        if not self._lost:
            self.transport.pause_reading()

    def release(self, why: Hold) -> None:
        """Read on, unless there is another reason not to."""
        self._holds.discard(why)
        if not (self._holds or self._lost):
            self.transport.resume_reading()

    def reset(self) -> None:
        """End the TCP connection with a reset."""
        if self._lost:
            return  # asyncio's abort fails after a close that had something to flush
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


def words(error: BaseException) -> str:
    """The system's words for an error; asyncio often puts addresses in their place."""
    if isinstance(error, TimeoutError) and not error.args:
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
