"""The records of a journal: WebSocket messages and local events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from tui.core import wire


class Direction(StrEnum):
    """Which way a message crossed the socket, in HAR's words."""

    SEND = "send"
    RECEIVE = "receive"


TEXT, BINARY = 1, 2
"""WebSocket opcodes of messages (RFC 6455, section 11.8)."""


@dataclass(frozen=True)
class Frame:
    """One whole WebSocket message.

    ``mono_s`` counts from the start of the journal, ``time_s`` is Unix time. ``masked`` says that
    a credential in ``payload`` was masked, so these are not the bytes of the wire there.
    ``left_out`` counts the bytes of media that a glance (`tui.core.glance`) left out of it.
    """

    seq: int
    mono_s: float
    time_s: float
    direction: Direction
    opcode: int
    payload: bytes
    masked: bool = False
    left_out: int = 0

    @property
    def size(self) -> int:
        """Bytes of the payload on the wire."""
        return len(self.payload) + self.left_out

    @cached_property
    def facts(self) -> tuple[wire.Fact, ...]:
        """All that the message says; decoded once."""
        return wire.decode(self.payload, self.direction)


@dataclass(frozen=True)
class Event:
    """Something that happened on this side: a connection opened, playback flushed, a key pressed.

    ``name`` is dotted (`EVENTS` in `tui.core.events` lists them), ``detail`` is JSON.
    """

    seq: int
    mono_s: float
    time_s: float
    name: str
    detail: Mapping[str, Any]


Record = Frame | Event
