"""The connections of a session in words: how each came about, what it cost, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui.core import carrying, status
from tui.core.connection import Connection, Handle
from tui.core.session import Session


@dataclass(frozen=True, slots=True)
class Row:
    """A connection, or a handle that came on it."""

    text: str
    handle: Handle | None = None
    """What it can be resumed by."""


def rows(session: Session, now_s: float) -> Iterator[Row]:
    """The connections, the newest first, each with its handles below it."""
    newest = session.handles[-1] if session.handles else None
    for number, connection in reversed(list(enumerate(session.opened, 1))):
        yield Row(f"{number}  {described(connection, now_s)}")
        for handle in reversed(session.handles):
            if handle.connection == number:
                yield Row(_handle(handle, now_s, newest=handle is newest), handle)


def described(connection: Connection, now_s: float) -> str:
    """One connection: model, age, how the conversation came over, proof, end."""
    facts = [connection.model, connection.modality, _carried(connection)]
    if connection.open_s is None:
        facts.append("never accepted")
    else:
        facts.append(f"open for {status.clock(status.age_s(connection, now_s))}")
    return " · ".join(filter(None, [*facts, *carrying.proof(connection), _ended(connection)]))


def _carried(connection: Connection) -> str:
    if connection.carry == "history":
        return f"began with {connection.turns} turn{'s' * (connection.turns != 1)} replayed"
    return "resumed by a handle" if connection.resumed else "began anew"


def _ended(connection: Connection) -> str:
    if connection.closed_s is None:
        return ""
    who = {"client": "this side"}.get(connection.by, connection.by)
    closed = f"closed {connection.code or ''}".rstrip()
    reason = connection.reason and f": {connection.reason}"
    return f"{closed} by {who}{reason}" if who else f"{closed}{reason}"


def _handle(handle: Handle, now_s: float, *, newest: bool) -> str:
    """A handle is a credential of a kind: it is told by its age, and not shown."""
    age = status.clock(max(0.0, now_s - handle.at_s))
    context = "" if handle.context is None else f" · context {handle.context:,} tokens"
    return f"   handle of {age} ago{context}{' · the newest' if newest else ''}"
