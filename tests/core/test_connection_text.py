"""What is said of a session's connections and handles."""

from __future__ import annotations

from tui.core import connection_text
from tui.core.connection import Connection, Handle
from tui.core.session import Session


def said(session: Session, now_s: float = 100.0) -> list[str]:
    return [row.text for row in connection_text.rows(session, now_s)]


def test_each_connection_tells_how_it_came_and_went_and_its_handles() -> None:
    first = Connection(
        "m", "AUDIO", "gemini", "h", "new", 0, 1.0, 2.0, 62.0, 1011, "gone", "server"
    )
    second = Connection(
        "m", "AUDIO", "gemini", "h", "handle", 3, 62.1, 62.5,
        resumed=True, lost_s=62.0, context_before=20, context_after=25,
    )  # fmt: skip
    old, new = Handle("a", True, 40.0, "m", 1, 20), Handle("b", True, 90.0, "m", 2, None)
    session = Session(connection=second, opened=[first, second], handles=[old, new])
    assert said(session) == [
        "2  m · AUDIO · resumed by a handle · open for 0:37 · 500 ms without a session · "
        "context 20 → 25 tokens",
        "   handle of 0:10 ago · the newest",
        "1  m · AUDIO · began anew · open for 1:00 · closed 1011 by server: gone",
        "   handle of 1:00 ago · context 20 tokens",
    ]


def test_an_attempt_that_failed_says_so() -> None:
    failed = Connection(
        "m", "TEXT", "gemini", "h", "history", 2, 1.0, None, 3.0, None, "", "network"
    )
    assert said(Session(opened=[failed])) == [
        "1  m · TEXT · began with 2 turns replayed · never accepted · closed by network"
    ]


def test_one_turn_is_one() -> None:
    only = Connection("m", "TEXT", "", "h", "history", 1, 1.0, 2.0)
    assert said(Session(opened=[only]), 2.0) == [
        "1  m · TEXT · began with 1 turn replayed · open for 0:00"
    ]
