"""What does not come: the answer to a ping, to a question, or the rest of one."""

from __future__ import annotations

from tui.core.capture import Capture
from tui.core.instant import Instant
from tui.core.session import Session
from tui.core.turn import Turn

ANSWER_S = 8.0
"""A question that has waited so long is told of."""
WAITING_S = 0.3
"""Sound that waits so long is late."""
REST_S = 5.0
"""An answer that has broken off is told of so long after its last piece, or its last sound."""
SLOW_PING_MS = 500.0
"""A round trip that one notices in a conversation."""


def line_s(session: Session, now_s: float) -> float | None:
    """How long nothing at all has come, a ping without its answer; None where the line lives."""
    connection = session.connection
    if connection is None or not session.connected or connection.unanswered_s is None:
        return None
    heard_s = connection.heard_s or 0.0
    return now_s - heard_s if heard_s <= connection.unanswered_s else None


def word(session: Session, now_s: float) -> str:
    """The state of a line that is dead, as far as one can tell; empty of one that lives."""
    quiet_s = line_s(session, now_s)
    return "" if quiet_s is None else f"Silent {quiet_s:.0f} s"


def sentence(session: Session, instant: Instant) -> str:
    """What does not come, and since when; empty when nothing is missing."""
    quiet_s = line_s(session, instant.now_s)
    if quiet_s is not None:
        return (
            f"Nothing has come for {quiet_s:.0f} s, and a ping has no answer: the network may be "
            "gone. Reconnect (c), or wait until the line is given up."
        )
    missing = _missing(session, instant)
    return f"{missing} {_alive(session, instant.now_s)}".rstrip() if missing else ""


def ping(session: Session) -> str:
    """The last round trip, ``ping 3.0 s``, where it was slow; empty where not."""
    last_ms = session.pings_ms[-1] if session.pings_ms and session.connected else 0.0
    return f"ping {last_ms / 1000:.1f} s" if last_ms >= SLOW_PING_MS else ""


def waiting(capture: Capture) -> str:
    """How much sound waits to be sent, after a sentence; empty when it is a moment's."""
    if capture.waiting_s < WAITING_S:
        return ""
    return f" {capture.waiting_s:.1f} s of sound wait to be sent."


def _missing(session: Session, instant: Instant) -> str:
    turn = session.conversation.current
    if turn is None or not session.connected or _paused(turn):
        return ""
    if not turn.answered:
        waits_s = instant.now_s - (turn.asked_s if turn.asked_s is not None else instant.now_s)
        return f"No answer for {waits_s:.0f} s." if waits_s >= ANSWER_S else ""
    last_s = max(turn.last_content_s or 0.0, turn.dry_s or 0.0)
    broken_s = instant.now_s - last_s
    over = turn.generated_s is not None or instant.playback.playing
    return "" if over or broken_s < REST_S else f"The answer broke off {broken_s:.0f} s ago."


def _paused(turn: Turn) -> bool:
    """Whether the server waits for this side, or has been told to stop."""
    calls = (call for call in turn.calls if call.answered_s is None and call.cancelled_s is None)
    return turn.interrupted_s is not None or any(calls)


def _alive(session: Session, now_s: float) -> str:
    connection = session.connection
    if connection is None or connection.heard_s is None:
        return ""
    last = session.pings_ms[-1:]
    trip = f", a ping took {last[0]:.0f} ms" if last else ""
    return f"The server was last heard {now_s - connection.heard_s:.0f} s ago{trip}."
