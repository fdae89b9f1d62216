"""Two sessions beside each other: set-ups, figures, findings, and turn by turn what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from tui.core import cost, latency
from tui.core.cost import Prices
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.statistics import Statistics, is_timed, statistics
from tui.core.turn import Turn

ALIKE: Final = 0.6
"""Questions that resemble each other less are two questions."""
UNKNOWN_QUESTION: Final = 0.3
"""What a pair is worth when one question is not known: they stand in the same place."""
MOST_PAIRS: Final = 10_000
"""So many questions are compared with each other; of more, the place decides."""
MOST_WORDS: Final = 4000
"""So much of an answer is compared word by word."""

SAME, LEFT, RIGHT, BOTH = "=", "<", ">", "≠"
"""Whether two values are the same, only one is there, or they differ."""

_VOLATILE = "sessionResumption.handle"
_MASKED = re.compile(r"[^\s*]{0,4}\*\*\*[^\s*]{0,4}")
"""What `tui.core.secrets` leaves of a credential."""


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of one session."""

    figures: Statistics
    session: Session
    setup: Mapping[str, Any]
    """The first one, in canonical keys; empty without one."""
    timed: bool
    rules: Mapping[str, int] | None
    """Findings by the id of their rule; None where nobody looked."""


@dataclass(frozen=True, slots=True)
class Change:
    """One path of the set-up in which the two differ; None is not there."""

    path: str
    left: Any
    right: Any

    @property
    def sign(self) -> str:
        """Which of them has it."""
        if self.left is None or self.right is None:
            return RIGHT if self.left is None else LEFT
        return BOTH


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of both; None is not known."""

    name: str
    unit: str
    """"s", "$" or "" for a count."""
    left: float | None
    right: float | None

    @property
    def difference(self) -> float | None:
        """By how much the right one is more."""
        return None if self.left is None or self.right is None else self.right - self.left


@dataclass(frozen=True, slots=True)
class Words:
    """Consecutive words of one answer or of both."""

    sign: str
    """`SAME`, `LEFT` or `RIGHT`."""
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A turn of each that belong together, or one alone."""

    left: Turn | None
    right: Turn | None
    figures: tuple[Figure, ...]
    question: tuple[Words, ...]
    answer: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it."""

    left: Side
    right: Side
    setup: tuple[Change, ...]
    figures: tuple[Figure, ...]
    findings: tuple[Figure, ...]
    """By rule; empty where nobody looked."""
    pairs: tuple[Pair, ...]


def side(
    log: SessionLog, name: str, prices: Prices, rules: Mapping[str, int] | None = None
) -> Side:
    """What is to be compared of a log that has been read to its end."""
    return Side(statistics(log, name, prices), log.session, first_setup(log), is_timed(log), rules)


def compare(left: Side, right: Side, prices: Prices) -> Comparison:
    """The two beside each other."""
    rules = sorted({*(left.rules or ()), *(right.rules or ())})
    aligned = align(left.session.turns, right.session.turns)
    return Comparison(
        left,
        right,
        tuple(changes(left.setup, right.setup)),
        tuple(_session_figures(left.figures, right.figures)),
        tuple(Figure(rule, "", _found(left, rule), _found(right, rule)) for rule in rules),
        tuple(_pair(one, other, left, right, prices) for one, other in aligned),
    )


def first_setup(log: SessionLog) -> Mapping[str, Any]:
    """The set-up of the first connection; empty where there is none."""
    for row in range(len(log)):
        if "setup" in log.kinds(row):
            try:
                record = log.record(row)
            except JournalError:
                continue
            facts = record.facts if isinstance(record, Frame) else ()
            values = [fact.value for fact in facts if fact.kind == "setup"]
            if values and isinstance(values[0], dict):
                return values[0]
    return {}


def changes(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Change]:
    """The paths in which two set-ups differ; handles and masked credentials are no difference."""
    before, after = dict(_leaves("", left)), dict(_leaves("", right))
    for path in dict.fromkeys((*before, *after)):
        one, other = before.get(path), after.get(path)
        if path != _VOLATILE and _unmasked(one) != _unmasked(other):
            yield Change(path, one, other)


def align(left: Sequence[Turn], right: Sequence[Turn]) -> Iterator[tuple[Turn | None, Turn | None]]:
    """Turns with the same or a similar question together, in order; what is alone is alone.

    Turns whose question is not known go by their place between those that are.
    """
    one, other = [_plain(turn.user) for turn in left], [_plain(turn.user) for turn in right]
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(left[i:j], right[k:m], strict=True)
        else:
            for at, to in _paired(one[i:j], other[k:m]):
                yield (
                    None if at is None else left[i + at],
                    None if to is None else right[k + to],
                )


def words(left: str, right: str) -> Iterator[Words]:
    """Two texts word by word."""
    one, other = left.split(), right.split()
    rest = (one[MOST_WORDS:], other[MOST_WORDS:])
    one, other = one[:MOST_WORDS], other[:MOST_WORDS]
    for tag, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Words(SAME, " ".join(one[i:j]))
        else:
            yield from _different(one[i:j], other[k:m])
    if rest[0] == rest[1]:
        yield from [Words(SAME, " ".join(rest[0]))] if rest[0] else []
    else:
        yield from _different(*rest)


def _different(one: Sequence[str], other: Sequence[str]) -> Iterator[Words]:
    for sign, these in ((LEFT, one), (RIGHT, other)):
        if these:
            yield Words(sign, " ".join(these))


def _leaves(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """All values below, by their paths; items that have a name go by it, not by their place."""
    if isinstance(value, Mapping) and value and depth < _DEEPEST:
        for key, each in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), each, depth + 1)
    elif isinstance(value, list) and value and depth < _DEEPEST:
        for number, each in enumerate(value):
            name = each.get("name") if isinstance(each, dict) else None
            yield from _leaves(f"{path}[{name if name else number}]", each, depth + 1)
    else:
        yield path, value


def _unmasked(value: Any) -> Any:
    return _MASKED.sub("***", value) if isinstance(value, str) else value


_DEEPEST = 100


def _plain(text: str) -> str:
    """The words alone."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _paired(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """The places that belong together, so that the likenesses of all pairs add up to the most."""
    if len(one) * len(other) > MOST_PAIRS:
        for at in range(max(len(one), len(other))):
            yield at if at < len(one) else None, at if at < len(other) else None
        return
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    likeness = [[_likeness(here, there) for there in other] for here in one]
    for at in reversed(range(len(one))):
        for to in reversed(range(len(other))):
            apart = max(best[at + 1][to], best[at][to + 1])
            together = likeness[at][to] and best[at + 1][to + 1] + likeness[at][to]
            best[at][to] = max(apart, together)
    at = to = 0
    while at < len(one) or to < len(other):
        if at < len(one) and best[at][to] == best[at + 1][to]:
            yield at, None
            at += 1
        elif to < len(other) and best[at][to] == best[at][to + 1]:
            yield None, to
            to += 1
        else:
            yield at, to
            at, to = at + 1, to + 1


def _likeness(one: str, other: str) -> float:
    """0 when they are two questions."""
    if not one or not other:
        return UNKNOWN_QUESTION
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0


def _found(of: Side, rule: str) -> float | None:
    return None if of.rules is None else of.rules.get(rule, 0)


def _session_figures(left: Statistics, right: Statistics) -> Iterator[Figure]:
    def figure(name: str, unit: str, *of: float | None) -> Figure:
        return Figure(name, unit, *of)

    both = (left, right)
    yield figure("length", "s", *(each.lasted_s for each in both))
    yield figure("connections", "", *(each.connections for each in both))
    yield figure("turns", "", *(each.turns.total for each in both))
    yield figure("interrupted", "", *(each.turns.interrupted for each in both))
    yield figure("tool calls", "", *(each.turns.calls for each in both))
    yield figure("messages sent", "", *(each.sent.messages for each in both))
    yield figure("messages received", "", *(each.received.messages for each in both))
    yield figure("user spoke", "s", *(each.talk.user_s for each in both))
    yield figure("model spoke", "s", *(each.talk.model_s for each in both))
    yield figure("tokens", "", *(each.usage.total for each in both))
    yield figure("cost (estimate)", "$", *(each.cost.dollars for each in both))
    for key, short in _LATENCIES.items():
        for percent in (50, 95):
            values = (each.measures[key].percentile_s(percent) for each in both)
            yield figure(f"{short} p{percent}", "s", *values)


_LATENCIES = {
    "sound": "to sound",
    "first_byte": "to first byte",
    "tool": "tool round trip",
    "interruption": "interruption",
    "connect": "connect",
}


def _pair(one: Turn | None, other: Turn | None, left: Side, right: Side, prices: Prices) -> Pair:
    sides = ((one, left), (other, right))
    marks = [latency.marks(turn) if turn and of.timed else None for turn, of in sides]
    costs = [cost.of_turn(turn, prices).dollars if turn else None for turn, _ in sides]
    tokens = [turn.usage.total if turn and turn.usage else None for turn, _ in sides]
    sound = [turn.audio_s if turn else None for turn, _ in sides]
    texts = [(turn.user, turn.answer) if turn else ("", "") for turn, _ in sides]
    return Pair(
        one,
        other,
        (
            Figure(
                "to first byte", "s", *(each.to_first_byte_s if each else None for each in marks)
            ),
            Figure("to sound", "s", *(each.to_sound_s if each else None for each in marks)),
            Figure("audio", "s", *sound),
            Figure("tokens", "", *tokens),
            Figure("cost (estimate)", "$", *costs),
        ),
        tuple(words(texts[0][0], texts[1][0])),
        tuple(words(texts[0][1], texts[1][1])),
    )
