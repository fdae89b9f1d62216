"""When a budget speaks up, and what it says."""

from __future__ import annotations

from tui.core.budget import Budget, Mark, Verdict
from tui.core.connection import Connection
from tui.core.conversation import Conversation
from tui.core.cost import Price, Prices
from tui.core.session import Session
from tui.core.turn import Turn, Usage

PRICES = Prices("2026-11-25", {"m": Price({"TEXT": 1.0}, {"TEXT": 10.0})})


def spent(tokens: int, model: str = "m", origin: str = "gemini") -> Session:
    """A session of one turn, whose answer had so many tokens of $10 a million."""
    connection = Connection(model, "TEXT", origin, "h", "new", 0, 0.0, 0.1)
    usage = Usage(response=tokens, total=tokens, response_by={"TEXT": tokens})
    turn = Turn(1, 0.0, usage=usage, connection=connection)
    return Session(connection, [connection], conversation=Conversation([turn]))


def test_it_warns_once_and_speaks_each_time_that_it_is_spent() -> None:
    budget = Budget(1.0, PRICES)
    verdicts = [
        budget.weigh(spent(tokens)) for tokens in (79_000, 80_000, 90_000, 100_000, 100_001)
    ]
    marks = [verdict.mark if verdict else None for verdict in verdicts]
    assert marks == [None, Mark.NEAR, None, Mark.SPENT, Mark.SPENT]
    assert verdicts[1] is not None
    assert verdicts[1].words == "Of the budget of $1.00, $0.8000 (estimate) is spent."


def test_what_has_no_price_is_said_and_not_watched() -> None:
    for session, why in (
        (spent(5, model="x"), "no price of x"),
        (spent(5, origin="emulator"), "the local emulator is not billed"),
    ):
        budget = Budget(1.0, PRICES)
        verdict = budget.weigh(session)
        assert verdict is not None
        assert (verdict.mark, verdict.words) == (
            Mark.UNKNOWN,
            f"The budget of $1.00 is not watched: {why}.",
        )
        assert budget.weigh(session) is None


def test_two_sessions_spend_one_budget_and_both_are_told_when_it_is_spent() -> None:
    budget = Budget(1.0, PRICES)
    other = budget.beside()
    told: list[tuple[str, Verdict]] = []
    budget.spent = lambda verdict: told.append(("first", verdict))
    other.spent = lambda verdict: told.append(("second", verdict))
    assert budget.weigh(spent(50_000)) is None
    near = other.weigh(spent(40_000))
    assert near is not None
    assert near.words == "Of the budget of $1.00, $0.9000 (estimate) is spent."
    assert not told, "only what is spent concerns both"
    over = budget.weigh(spent(60_000))
    assert over is not None and over.mark is Mark.SPENT
    assert told == [("second", over)]


def test_a_session_without_a_price_takes_nothing_off_the_watch_over_the_other() -> None:
    budget = Budget(1.0, PRICES)
    free = budget.beside()
    assert budget.weigh(spent(79_000)) is None
    assert free.weigh(spent(9_000_000, origin="emulator")) is None
    over = budget.weigh(spent(100_000))
    assert over is not None and over.mark is Mark.SPENT
