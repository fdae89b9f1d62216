"""The same input in several sessions: what each heard, when it decided, what it answered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tui.core import cost
from tui.core.comparison import Side
from tui.core.cost import Prices
from tui.core.hearing import Speech
from tui.core.latency import percentile
from tui.core.turn import Turn
from tui.core.word_errors import WordErrors, word_errors

SLACK_S = 0.1
"""So much earlier than input began may a mark of it be: blocks and messages are that coarse."""
PAUSE_S = 3.0
"""Speech that goes on after a longer pause is another input, answered or not."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a person said or typed, once. Times are seconds of its source."""

    begin_s: float
    end_s: float
    text: str = ""
    """What was typed; of speech the words that are known to be said."""
    typed: bool = False
    noise: bool = False
    """Nobody is heard to speak in it here."""
    source: int = 0
    """Which of the sources it is in."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """From this second of a source on, the session's clock ran along with it."""

    source: int
    source_s: float
    mono_s: float


@dataclass(frozen=True, slots=True)
class Column:
    """One session that the input was in."""

    label: str
    side: Side
    speech: Sequence[Speech]
    """What the server heard."""
    anchors: Sequence[Anchor]
    """In order; at least one of each source that was sent."""
    problem: str = ""
    """What went wrong, in a sentence."""

    def clock_s(self, source: int, source_s: float) -> float | None:
        """When that second of a source was sent; None where the session ended before."""
        found = None
        for each in self.anchors:
            if each.source == source and (found is None or each.source_s <= source_s):
                found = each
        return None if found is None else found.mono_s + source_s - found.source_s


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one input in one session; seconds, and None is not known."""

    sent: bool = False
    turns: tuple[Turn, ...] = ()
    """Those that it became: none where it went into a later one, several where it was split."""
    pieces: int = 0
    """How often the server heard speech begin in it."""
    begin_s: float | None = None
    """How much later than here the server heard it begin."""
    end_s: float | None = None
    """How much later than here the server heard it end."""
    decided_s: float | None = None
    """From the end of input to the server's word that it had ended."""
    first_byte_s: float | None = None
    """From the end of input to the first byte; below 0 the model did not wait for it."""
    errors: WordErrors | None = None
    """Against the words that are known to be said."""
    dollars: float | None = None

    @property
    def answers(self) -> tuple[Turn, ...]:
        """Those of its turns that have an answer; one that only calls functions has none."""
        return tuple(
            turn for turn in self.turns if turn.answer or (turn.answered and not turn.calls)
        )

    @property
    def heard(self) -> str:
        """What was transcribed."""
        return " ".join(" ".join(turn.user.split()) for turn in self.turns).strip()

    @property
    def answer(self) -> str:
        """The words of the answer."""
        return " ".join(" ".join(turn.answer.split()) for turn in self.turns).strip()

    @property
    def early(self) -> bool:
        """Whether the model began before the person had ended."""
        return self.first_byte_s is not None and self.first_byte_s < 0

    @property
    def interrupted(self) -> int:
        """How many of its turns were."""
        return sum(turn.interrupted_s is not None for turn in self.turns)

    @property
    def tokens(self) -> int | None:
        """Of its turns."""
        counts = [turn.usage.total for turn in self.turns if turn.usage]
        return sum(counts) if counts else None


@dataclass(frozen=True, slots=True)
class Row:
    """An input, and what became of it in each session."""

    input: Input
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """The inputs of one session together."""

    answered: int
    early: int
    split: int
    """Inputs with several answers."""
    unanswered: int
    interrupted: int
    decided_p50_s: float | None
    first_byte_p50_s: float | None
    first_byte_p95_s: float | None
    errors: WordErrors | None


def rows(inputs: Sequence[Input], columns: Sequence[Column], prices: Prices) -> list[Row]:
    """A row an input, a cell a column."""
    found = [cells(inputs, column, prices) for column in columns]
    return [Row(each, tuple(of)) for each, *of in zip(inputs, *found, strict=True)]


def cells(inputs: Sequence[Input], column: Column, prices: Prices) -> Iterator[Cell]:
    """What became of each input in one session."""
    places = _places(inputs, column)
    begins_s = [begin_s for _, begin_s, _ in places]
    turns: dict[int, list[Turn]] = {}
    for turn in column.side.session.turns:
        marks_s = (turn.ended_s, turn.first_content_s, turn.started_s)
        at_s = next(each for each in marks_s if each is not None)
        turns.setdefault(bisect_right(begins_s, at_s + SLACK_S) - 1, []).append(turn)
    heard: dict[int, list[Speech]] = {}
    for speech in column.speech:
        if speech.begin_s is not None:
            heard.setdefault(_near(places, speech.begin_s), []).append(speech)
    numbers = {number: place for place, (number, _, _) in enumerate(places)}
    for number, each in enumerate(inputs):
        place = numbers.get(number)
        if place is None:
            yield Cell()
            continue
        _, begin_s, end_s = places[place]
        cell = _heard(() if each.typed else heard.get(place, ()), begin_s, end_s)
        yield _answered(cell, each, tuple(turns.get(place, ())), end_s, prices)


def merged(inputs: Sequence[Input], column: Column, prices: Prices) -> list[Input]:
    """Speech that was answered only after more of it, as one input: a pause ends no sentence."""
    found: list[Input] = []
    waits = False
    for each, cell in zip(inputs, cells(inputs, column, prices), strict=True):
        before = found[-1] if found else None
        near = before is not None and each.begin_s - before.end_s <= PAUSE_S
        if before and near and waits and not (before.typed or each.typed):
            found[-1] = replace(before, end_s=each.end_s)
        else:
            found.append(each)
        waits = not cell.answers
    return found


def total(of: Sequence[Cell], side: Side) -> Total:
    """What a session's cells come to."""
    late = [c.first_byte_s for c in of if c.first_byte_s is not None and not c.early]
    decided = [cell.decided_s for cell in of if cell.decided_s is not None]
    errors = [cell.errors for cell in of if cell.errors is not None]
    return Total(
        answered=sum(bool(cell.answers) for cell in of),
        early=sum(cell.early for cell in of),
        split=sum(len(cell.answers) > 1 for cell in of),
        unanswered=sum(cell.sent and not cell.answers for cell in of),
        interrupted=sum(turn.interrupted_s is not None for turn in side.session.turns),
        decided_p50_s=percentile(decided, 50),
        first_byte_p50_s=percentile(late, 50),
        first_byte_p95_s=percentile(late, 95),
        errors=sum(errors, WordErrors(0, 0)) if errors else None,
    )


_Place = tuple[int, float, float]
"""Number of an input, and on a session's clock where it begins and ends."""


def _places(inputs: Sequence[Input], column: Column) -> list[_Place]:
    """Those that were sent, in the order of their times."""
    found = []
    for number, each in enumerate(inputs):
        begin_s = column.clock_s(each.source, each.begin_s)
        end_s = column.clock_s(each.source, each.end_s)
        if begin_s is not None and end_s is not None:
            found.append((number, begin_s, end_s))
    return sorted(found, key=lambda place: place[1])


def _near(places: Sequence[_Place], begin_s: float) -> int:
    """The input in which speech began; half of the pause before it belongs to it."""
    place = -1
    for at, (_, start_s, _) in enumerate(places):
        before_s = places[at - 1][2] if at else start_s - 2 * PAUSE_S
        if begin_s < start_s - max(SLACK_S, (start_s - before_s) / 2):
            break
        place = at
    return place


def _heard(speech: Sequence[Speech], begin_s: float, end_s: float) -> Cell:
    if not speech:
        return Cell(sent=True)
    first, last = speech[0], speech[-1]
    return Cell(
        sent=True,
        pieces=len(speech),
        begin_s=None if first.begin_s is None else first.begin_s - begin_s,
        end_s=None if last.end_s is None else last.end_s - end_s,
        decided_s=None if last.decided_s is None else last.decided_s - end_s,
    )


def _answered(cell: Cell, of: Input, turns: tuple[Turn, ...], end_s: float, prices: Prices) -> Cell:
    first_s = next((turn.first_content_s for turn in turns if turn.answered), None)
    dollars = [cost.of_turn(turn, prices).dollars for turn in turns]
    priced = [each for each in dollars if each is not None]
    cell = replace(
        cell,
        turns=turns,
        first_byte_s=None if first_s is None else first_s - end_s,
        dollars=sum(priced) if priced and len(priced) == len(dollars) else None,
    )
    known = of.text and not of.typed
    return replace(cell, errors=word_errors(of.text, cell.heard)) if known else cell
