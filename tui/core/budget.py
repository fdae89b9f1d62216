"""What a session may cost, and how far that is spent."""

from __future__ import annotations

from collections.abc import Callable
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
    """A limit in dollars on the estimate of a session's cost; lower bounds count as they are.

    Args:
        dollars: the limit.
        prices: that the estimate is made with.
        beside: another session's budget, and this one's: what both cost counts for each.
    """

    def __init__(self, dollars: float, prices: Prices, beside: Budget | None = None) -> None:
        self._dollars, self._prices = dollars, prices
        self._told: Mark | None = None
        self._spent: dict[Budget, Cost] = beside._spent if beside is not None else {}
        self._spent[self] = Cost(None)
        self.spent: Callable[[Verdict], object] = lambda verdict: None
        """Called, on any thread, when another session has spent what is shared."""

    def beside(self) -> Budget:
        """A further session's share in it."""
        return Budget(self._dollars, self._prices, self)

    def weigh(self, session: Session) -> Verdict | None:
        """After each count of tokens: what is new to tell. Being spent is told every time."""
        own = self._spent[self] = cost.of_session(session, self._prices)
        known = [each for each in [*self._spent.values()] if each.dollars is not None]
        spent = cost.together(known) if known else own
        mark = self._mark(spent)
        if mark is self._told and mark is not Mark.SPENT:
            return None
        self._told = mark
        if mark is None:
            return None
        verdict = Verdict(mark, self._words(mark, spent))
        for other in [*self._spent] if mark is Mark.SPENT else ():
            if other is not self:
                other.spent(verdict)
        return verdict

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
