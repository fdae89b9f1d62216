"""Two sessions that hear the same person at the same time: question by question what differs.

Both journals are of one clock, so turns belong together by when their input ended. What a person
said ended once, whoever noticed, so all waiting is measured from the better witness of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Self

from tui.core import cost
from tui.core.comparison import SAME, Figure, Words, words
from tui.core.cost import Prices
from tui.core.lint.finding import Findings
from tui.core.lint.rule import Severity
from tui.core.session import Session
from tui.core.turn import Turn
from tui.core.utterances import Anchor

MARKED_S: Final = 2.0
"""Two ends of input that are further apart are two; both were marked."""
UNMARKED_S: Final = 10.0
"""The same where one is not marked: of a slow model only a message, or the answer, is known."""
UNSETTLED: Final = 4
"""So many exchanges, the last ones, may still change."""

FIRST_BYTE, FIRST_ANSWER, SOUND = "to first byte", "to answer", "to sound"
WORDS, TOKENS, COST = "words", "tokens", "cost (estimate)"
INTERRUPTED, FOUND = "interrupted", "findings"

_WAITS: Final = {
    FIRST_BYTE: "first_content_s",
    FIRST_ANSWER: "first_answer_s",
    SOUND: "first_played_s",
}


_RANKS: Final = {each.value: each.rank for each in Anchor if each is not Anchor.SERVER_MESSAGE}
"""Of the anchors that mark the sound itself; a message about it may come much later."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as it stands now."""

    session: Session
    found: Mapping[int, int]
    """Findings above chat by turn."""

    @classmethod
    def of(cls, session: Session, findings: Findings) -> Self:
        """With what was found in it."""
        grave = (each.turn for each in findings if each.severity > Severity.CHAT)
        return cls(session, Counter(grave))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One input, and what each made of it."""

    left: int | None
    """Number of the turn; None has not taken it up."""
    right: int | None
    anchor: str
    """What the end of input is known by; else why it is not."""
    heard: tuple[Words, ...]
    """What each took it for, word by word."""
    figures: tuple[Figure, ...]

    @property
    def misheard(self) -> bool:
        """Whether both took it up, and not for the same."""
        both = self.left is not None and self.right is not None
        return both and any(each.sign != SAME for each in self.heard)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All exchanges, and what they come to.

    Of the rest that is the sum; of the waits the median, over the same questions for both. Only one
    of them is heard at a time, so the sound's are of each one's own.
    """

    exchanges: tuple[Exchange, ...]
    total: tuple[Figure, ...]


def side_by_side(
    left: Side, right: Side, prices: Prices, before: SideBySide | None = None
) -> SideBySide:
    """The two as they stand; what was known ``before`` of old turns is not looked at again."""
    old = before.exchanges[:-UNSETTLED] if before else ()
    known = {(each.left, each.right): each for each in old}
    exchanges = tuple(
        known.get((_number(one), _number(other)))
        or Exchange(
            _number(one),
            _number(other),
            _end(one, other)[1],
            tuple(words(_heard(one), _heard(other))),
            tuple(_figures(one, other, left, right, prices)),
        )
        for one, other in together(left.session.turns, right.session.turns)
    )
    return SideBySide(exchanges, tuple(_total(exchanges, left, right, prices)))


def together(
    left: Sequence[Turn], right: Sequence[Turn]
) -> Iterator[tuple[Turn | None, Turn | None]]:
    """Turns of the same input together, in order; each stands once, what is alone is alone."""
    at = to = 0
    while at < len(left) and to < len(right):
        one, other = left[at], right[to]
        apart = _apart_s(one, other) > _tolerance_s(one, other)
        earlier = _input_s(one) < _input_s(other)
        if (apart and earlier) or (not apart and _closer(left, at, other)):
            yield one, None
            at += 1
        elif apart or _closer(right, to, one):
            yield None, other
            to += 1
        else:
            yield one, other
            at, to = at + 1, to + 1
    yield from ((one, None) for one in left[at:])
    yield from ((None, other) for other in right[to:])


def _input_s(turn: Turn) -> float:
    """When its input ended, as well as that is known."""
    return turn.started_s if turn.ended_s is None else turn.ended_s


def _apart_s(one: Turn, other: Turn) -> float:
    return abs(_input_s(one) - _input_s(other))


def _tolerance_s(one: Turn, other: Turn) -> float:
    marked = all(turn.anchor in _RANKS for turn in (one, other))
    return MARKED_S if marked else UNMARKED_S


def _closer(turns: Sequence[Turn], at: int, other: Turn) -> bool:
    """Whether the turn after that one is nearer to the other side's."""
    return at + 1 < len(turns) and _apart_s(turns[at + 1], other) < _apart_s(turns[at], other)


def _number(turn: Turn | None) -> int | None:
    return turn.number if turn else None


def _heard(turn: Turn | None) -> str:
    return (turn.user or turn.user_interim) if turn else ""


def _end(one: Turn | None, other: Turn | None) -> tuple[float | None, str]:
    """When the input ended, and how that is known; what is typed ends for each by itself."""
    turns = [turn for turn in (one, other) if turn]
    marked = [turn for turn in turns if turn.ended_s is not None]
    best = min(marked or turns, key=lambda turn: _RANKS.get(turn.anchor, len(Anchor)))
    return best.ended_s, best.anchor


def _figures(
    one: Turn | None, other: Turn | None, left: Side, right: Side, prices: Prices
) -> Iterator[Figure]:
    turns, (ended_s, _) = (one, other), _end(one, other)
    for name, field in _WAITS.items():
        yield Figure(name, "s", *(_waited_s(turn, field, ended_s) for turn in turns))
    yield Figure(WORDS, "", *(len(turn.answer.split()) if turn else None for turn in turns))
    yield Figure(TOKENS, "", *(turn.usage.total if turn and turn.usage else None for turn in turns))
    yield Figure(
        COST, "$", *(cost.of_turn(turn, prices).dollars if turn else None for turn in turns)
    )
    stopped = (float(turn.interrupted_s is not None) if turn else None for turn in turns)
    yield Figure(INTERRUPTED, "", *stopped)
    found = ((left.found, one), (right.found, other))
    yield Figure(FOUND, "", *(of.get(turn.number, 0) if turn else None for of, turn in found))


def _waited_s(turn: Turn | None, field: str, ended_s: float | None) -> float | None:
    """From the end of input; what is typed was sent to each at a time of its own."""
    at_s = getattr(turn, field) if turn else None
    since_s = turn.ended_s if turn and turn.typed else ended_s
    return None if at_s is None or since_s is None else at_s - since_s


def _total(
    exchanges: Sequence[Exchange], left: Side, right: Side, prices: Prices
) -> Iterator[Figure]:
    for column in zip(*(each.figures for each in exchanges), strict=True):
        name, unit = column[0].name, column[0].unit
        if name == COST:
            sides = (left.session, right.session)
            yield Figure(name, unit, *(cost.of_session(each, prices).dollars for each in sides))
        elif name == FOUND:
            yield Figure(name, unit, *(sum(each.found.values()) for each in (left, right)))
        elif name in _WAITS:
            fair = [each for each in column if name == SOUND or each.difference is not None]
            yield Figure(name, unit, *_of_both(fair, median))
        else:
            yield Figure(name, unit, *_of_both(column, sum))


def _of_both(
    column: Sequence[Figure], of: Callable[[Sequence[float]], float]
) -> Iterator[float | None]:
    for values in ([each.left for each in column], [each.right for each in column]):
        known = [value for value in values if value is not None]
        yield of(known) if known else None
