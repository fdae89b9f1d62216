"""How a conversation came over to a new connection, in words, and what proves it."""

from __future__ import annotations

from tui.core.connection import Connection
from tui.core.session import Session

_LOST = "nothing of the conversation came over"
_CARRIED = {
    "handle": "the conversation was resumed by its handle",
    "history": "the conversation was carried over by replaying {count} of its turns",
}


def carried(session: Session) -> str:
    """How the conversation came over to a new connection, until the next question is asked.

    Once that question is answered, its count of tokens proves it.
    """
    connection = session.connection
    if connection is None or connection.open_s is None:
        return ""
    if connection.carry not in _CARRIED and not connection.refused:
        return ""
    since = [turn for turn in session.turns[-2:] if turn.connection is connection]
    if len(since) > 1 or (since and connection.context_after is None):
        return ""
    took_ms = (connection.open_s - connection.opening_s) * 1000
    way = _CARRIED.get(connection.carry, _LOST).format(count=connection.turns)
    if connection.refused:
        way = f"the handle was refused ({connection.refused}), so {way}"
    said = f"connected anew for {connection.modality} in {took_ms:.0f} ms; {way}"
    return "; ".join([said, *proof(connection)])


def proof(connection: Connection) -> list[str]:
    """How long there was no session, and the context before and after: what really came over."""
    facts = []
    if connection.gap_s is not None:
        facts.append(f"{connection.gap_s * 1000:.0f} ms without a session")
    before, after = connection.context_before, connection.context_after
    if before is not None and after is not None:
        facts.append(f"context {before:,} → {after:,} tokens")
    if connection.kept_s:
        facts.append(f"{connection.kept_s:.1f} s of sound kept and sent")
    if connection.dropped_s:
        facts.append(f"{connection.dropped_s:.1f} s of sound dropped")
    return facts
