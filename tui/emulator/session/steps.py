"""What an answer is made of: steps, which a `Turn` plays one after another. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui.core.fault import Fault

OK, FAILED = "OUTCOME_OK", "OUTCOME_FAILED"


@dataclass(frozen=True, slots=True)
class Say:
    """Say these words, in the modality of the session."""

    text: str


@dataclass(frozen=True, slots=True)
class Think:
    """A thought; it leaves whole, and only where thoughts are asked for."""

    text: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One call of a client's function; without an ``id`` it gets one like the model's."""

    name: str
    args: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Call these functions at once.

    What follows a blocking call is played when all of it is answered; where nothing follows, the
    brain is asked for the answer to the responses.
    """

    functions: tuple[FunctionCall, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Code that was run on the server, and what it printed."""

    code: str
    output: str
    outcome: str = OK


@dataclass(frozen=True, slots=True)
class Website:
    """Something that a search has found."""

    title: str
    uri: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the words of this turn rest on.

    ``claims`` are quotations from them, each with the indices of the ``websites`` that support it.
    """

    queries: tuple[str, ...]
    websites: tuple[Website, ...]
    claims: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """The model chooses not to answer."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing happens for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GoAway:
    """Announce the end of the connection, and close it (1011) when the client stays."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection at once."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Inject:
    """From now on this fault stands between the session and its client."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Frame:
    """Send exactly this: bytes as they are, or a message."""

    content: bytes | Mapping[str, Any]


Step = Say | Think | Call | Code | Ground | Silence | Pause | GoAway | HangUp | Inject | Frame
