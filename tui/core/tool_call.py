"""One call of a function: asked for by the model, answered by this side."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NON_BLOCKING = "NON_BLOCKING"
"""A declared ``behavior``: the model goes on meanwhile, and is told when to heed the answer."""


class CallState(StrEnum):
    """How a call stands."""

    PENDING = "pending"
    ANSWERED = "answered"
    FAILED = "failed"
    """Answered, and with an error."""
    CANCELLED = "cancelled"
    """The server has taken it back."""
    LOST = "lost"
    """Its connection has ended: no other one knows of it, not even by a handle, which the server
    gives no resumable one of while a call is open."""
    LATE = "late"
    """Answered after it was cancelled or lost: nobody waits for that answer."""


class Waits(StrEnum):
    """What of a person a call waits for."""

    NOBODY = ""
    APPROVAL = "approval"
    REPLY = "reply"


@dataclass(slots=True)
class ToolCall:
    """A call from its message on. Times are of the journal's clock; None has not happened."""

    id: str
    """Empty where the service gives none (Vertex AI)."""
    name: str
    args: Any
    asked_s: float
    answered_s: float | None = None
    """When the answer that no other follows went out."""
    cancelled_s: float | None = None
    lost_s: float | None = None
    """When its connection ended, if nobody had answered by then."""
    number: int = 0
    """Counted from 1 through the session."""
    turn: int = 0
    """Number of the turn that made it."""
    seq: int = 0
    """Of the message that asks."""
    answers: list[int] = field(default_factory=list)
    """``seq`` of the messages that answer: several where one says ``willContinue``."""
    behavior: str = ""
    """As declared; empty where the declaration leaves that to the model."""
    error: str = ""
    """What its last answer says went wrong."""
    waits: Waits = Waits.NOBODY
    hints: str = ""
    """What a person wants to know before it is carried out, in the words of its source."""
    running: bool = False
    """Its function runs on this side."""
    by: str = ""
    """Who answered or ended it, where the journal says so."""
    printed: str = ""
    """What its function has printed."""

    @property
    def state(self) -> CallState:
        """How it stands."""
        if self.answered_s is not None:
            late = self.gone_s is not None and self.answered_s > self.gone_s
            return CallState.LATE if late else _ANSWERED[bool(self.error)]
        if self.cancelled_s is not None:
            return CallState.CANCELLED
        return CallState.PENDING if self.lost_s is None else CallState.LOST

    @property
    def pending(self) -> bool:
        """Whether the server still waits for an answer."""
        return self.state is CallState.PENDING

    @property
    def gone_s(self) -> float | None:
        """Since when nobody waits for an answer, which had not come by then."""
        return self.cancelled_s if self.cancelled_s is not None else self.lost_s

    def lasted_s(self, now_s: float) -> float:
        """From the question to its end, or until now."""
        ends_s = (self.answered_s, self.gone_s, now_s)
        return max(0.0, next(end_s for end_s in ends_s if end_s is not None) - self.asked_s)


_ANSWERED = {False: CallState.ANSWERED, True: CallState.FAILED}
