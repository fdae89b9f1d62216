"""The state of a connection, and the notices that come on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core.turn import Usage

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


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
    task: str = "conversation"
    """What `models.toml` calls so; "translation" and "transcription" have no turns."""
    target: str = ""
    """The language that the setup asks to translate into."""
    resumed: bool = False
    """The setup held a handle."""
    lost_s: float | None = None
    """When the connection before it ended, where this one was made in its place."""
    told: bool = False
    """The history that it came over with was replayed."""
    context_before: int | None = None
    """Tokens of the conversation when it came over, as far as the server had told."""
    context_after: int | None = None
    """Tokens of the context in its first count: whether the conversation really came over."""
    refused: str = ""
    """What the server said to the handle that this one had to do without."""
    replayed: Usage | None = None
    """What was counted before its first turn: the history."""
    heard_s: float | None = None
    """When the server last sent anything, the answer to a ping too."""
    unanswered_s: float | None = None
    """When a ping was sent that waits for its answer, and has done so for long."""
    kept_s: float = 0.0
    """Seconds of sound that were kept for it while there was no connection."""
    dropped_s: float = 0.0
    """Seconds of sound that were not sent: the network took no more."""

    @property
    def continuous(self) -> bool:
        """Whether it goes on without turns."""
        return self.task != "conversation"

    @property
    def gap_s(self) -> float | None:
        """How long there was no session before this one."""
        return self.open_s - self.lost_s if self.open_s and self.lost_s is not None else None


@dataclass(slots=True)
class Interrupt:
    """A person's wish to stop the answer, and what came of it."""

    asked_s: float
    route: str
    turn: int
    confirmed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Misfortune:
    """A fault that a person wants of the emulator, and whether it has come about."""

    fault: str
    happened: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class Complaint:
    """The emulator's scenario was not followed, or its brain has failed."""

    message: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Handle:
    """A `sessionResumptionUpdate`."""

    handle: str
    resumable: bool
    at_s: float
    model: str = ""
    """Only this model can resume by it."""
    connection: int = 0
    """Number of the connection that it came on."""
    context: int | None = None
    """Tokens of the conversation when it came, as far as the server had told."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """The server's notice that it will close."""

    time_left: str
    at_s: float

    @property
    def left_s(self) -> float:
        """The time left as a number; 0 when it is none."""
        found = _DURATION.fullmatch(self.time_left)
        return float(found[1]) if found else 0.0

    @property
    def ends_s(self) -> float:
        """When the server closes, as it said."""
        return self.at_s + self.left_s


@dataclass(frozen=True, slots=True)
class Renewal:
    """A connection will be made again without being asked for."""

    attempt: int
    due_s: float
    cause: str
    fresh: bool = False
    """Without the handle, which was refused."""
