"""The state of a connection, and the notices that come on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Connection:
    """One connection to a model."""

    model: str
    modality: str
    origin: str
    host: str
    carry: str
    """How the conversation came over: "new", "handle" or "history"."""
    turns: int
    """How many turns it came over with."""
    opening_s: float
    open_s: float | None = None
    """When `setupComplete` came."""
    closed_s: float | None = None
    code: int | None = None
    reason: str = ""
    by: str = ""
    """Who closed: "server", "client" or "network"."""
    session_id: str = ""
    manual: bool = False
    """The setup turned the server's voice activity detection off: push to talk."""


@dataclass(slots=True)
class Interrupt:
    """A person's wish to stop the answer, and what came of it."""

    asked_s: float
    route: str
    turn: int
    confirmed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Handle:
    """A `sessionResumptionUpdate`."""

    handle: str
    resumable: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class GoAway:
    """The server's notice that it will close."""

    time_left: str
    at_s: float
