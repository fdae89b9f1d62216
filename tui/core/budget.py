"""What a session may cost, and how far that is spent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tui.core import cost
from tui.core.cost import Cost, Prices
from tui.core.session import Session

NEAR = 0.8
"""From this share on a person is warned."""


class Mark(StrEnum):
    """What is worth telling of a budget."""

    UNKNOWN = "unknown"
    """Nothing can be priced, so nothing is watched."""
    NEAR = "near"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far it is spent, in a sentence."""

    mark: Mark
    words: str


class Budget:
    """A limit in dollars on the estimate of a session's cost; lower bounds count as they are."""

    def __init__(self, dollars: float, prices: Prices) -> None:
        self._dollars, self._prices = dollars, prices
        self._told: Mark | None = None

    def weigh(self, session: Session) -> Verdict | None:
        """After each count of tokens: what is new to tell. Being spent is told every time."""
        spent = cost.of_session(session, self._prices)
        mark = self._mark(spent)
        if mark is self._told and mark is not Mark.SPENT:
            return None
        self._told = mark
        return Verdict(mark, self._words(mark, spent)) if mark is not None else None

    def _mark(self, spent: Cost) -> Mark | None:
        if spent.dollars is None:
            return Mark.UNKNOWN
        if spent.dollars >= self._dollars:
            return Mark.SPENT
        return Mark.NEAR if spent.dollars >= NEAR * self._dollars else None

    def _words(self, mark: Mark, spent: Cost) -> str:
        limit = f"${self._dollars:.2f}"
        match mark:
            case Mark.UNKNOWN:
                return f"The budget of {limit} is not watched: {spent.why}."
            case Mark.NEAR:
                return f"Of the budget of {limit}, {spent.text} is spent."
            case Mark.SPENT:
                return (
                    f"The budget of {limit} is spent: {spent.text}. Disconnected; who connects "
                    "again is disconnected after the next turn: start with a larger --budget."
                )
