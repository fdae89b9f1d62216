"""The terms of a query: what each asks of a record's columns, or of its content."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.core.content import CHANCE_CHARS, Content, folded, is_exact
from tui.core.log import SessionLog

if TYPE_CHECKING:
    from regex import Pattern as Compiled

RowTest = Callable[[int], bool]
"""Whether the record of that row has it."""

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}

PATTERN_TIMEOUT_S = 0.05
"""How long a pattern may take on one record."""


class TooSlow(Exception):
    """A pattern took too long on a record."""


class ColumnTerm:
    """A term that the columns answer."""

    def bind(self, log: SessionLog) -> RowTest:
        """The test of a row of that log."""
        raise NotImplementedError


class ContentTerm:
    """A term that only the content answers."""

    def matches(self, content: Content) -> bool:
        """Whether the content has it."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """What stands in the text of every match, in one of its readings; empty if not known."""
        return ""


@dataclass(frozen=True, slots=True)
class Kind(ColumnTerm):
    """A kind of message or event: the whole of it, some of its dotted parts, or any piece."""

    name: str
    """In small letters and without underscores; ``*`` stands for anything."""
    how: str
    """``=``, ``:`` or ``~``."""

    def bind(self, log: SessionLog) -> RowTest:
        """By the number of the kinds."""
        return by_kinds(log, lambda kinds: any(map(self.matches, kinds)))

    def matches(self, kind: str) -> bool:
        """Whether the kind has it."""
        kind = alike(kind)
        if self.how == "~":
            return self.name in kind
        if self.how == "=":
            return _is_like(self.name, kind)
        parts = kind.split(".")
        return any(
            _is_like(self.name, ".".join(parts[start:end]))
            for start in range(len(parts))
            for end in range(start + 1, len(parts) + 1)
        )


def by_kinds(log: SessionLog, test: Callable[[tuple[str, ...]], bool]) -> RowTest:
    """The test of a row whose answer depends on nothing but its kinds."""
    answers: dict[int, bool] = {}
    kind_ids = log.kind_ids

    def test_row(row: int) -> bool:
        kind_id = kind_ids[row]
        answer = answers.get(kind_id)
        if answer is None:
            answer = answers[kind_id] = test(log.kinds(row))
        return answer

    return test_row


def alike(name: str) -> str:
    """A name without what differs between camelCase and snake_case."""
    return name.replace("_", "").lower()


def _is_like(pattern: str, name: str) -> bool:
    """Whether the name is the pattern, in which ``*`` stands for anything."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    at, end = len(first), len(name) - len(last)
    if not (name.startswith(first) and name.endswith(last) and at <= end):
        return False
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


@dataclass(frozen=True, slots=True)
class Heading(ColumnTerm):
    """Which way: ``s``, ``r`` or ``e`` for an event."""

    letter: str

    def bind(self, log: SessionLog) -> RowTest:
        """By the direction's letter."""
        directions, letter = log.directions, ord(self.letter)
        return lambda row: directions[row] == letter


@dataclass(frozen=True, slots=True)
class Unknown(ColumnTerm):
    """Whether there is something that the SDK does not know."""

    is_so: bool

    def bind(self, log: SessionLog) -> RowTest:
        """By the mark of unknown fields."""
        unknown = log.unknown
        return lambda row: bool(unknown[row]) is self.is_so


MEDIA_KINDS: Mapping[str, frozenset[str]] = {
    "audio": frozenset({"audio", "mediachunks"}),
    "image": frozenset({"image", "video", "mediachunks"}),
    "text": frozenset(
        {"text", "thought", "clientcontent", "inputtranscription", "outputtranscription"}
        | {"interiminputtranscription"}
    ),
    "tool": frozenset({"toolcall", "toolresponse", "toolcallcancellation", "functioncall"}),
}
"""The last parts of the kinds that have it."""


@dataclass(frozen=True, slots=True)
class Has(ColumnTerm):
    """Audio, an image, text or a tool's call or answer, as the kinds tell."""

    medium: str

    def bind(self, log: SessionLog) -> RowTest:
        """By the number of the kinds."""
        known = MEDIA_KINDS[self.medium]
        return by_kinds(
            log, lambda kinds: any(alike(kind.rpartition(".")[2]) in known for kind in kinds)
        )


@dataclass(frozen=True, slots=True)
class Number(ColumnTerm):
    """A column from ``low`` to ``high``, or compared with ``low``."""

    column: str
    """``size``, ``dt``, ``t``, ``turn`` or ``seq``."""
    comparison: str
    """A key of `COMPARISONS`, or ``-`` for a range with both its ends."""
    low: float
    high: float = 0.0

    def bind(self, log: SessionLog) -> RowTest:
        """By the column; a record that has no such number never matches."""
        number, low, high = _NUMBERS[self.column](log), self.low, self.high
        if self.comparison == "-":
            return lambda row: (value := number(row)) is not None and low <= value <= high
        compare = COMPARISONS[self.comparison]
        return lambda row: (value := number(row)) is not None and compare(value, low)


def _size(log: SessionLog) -> Callable[[int], float | None]:
    sizes, directions, event = log.sizes, log.directions, ord("e")
    return lambda row: None if directions[row] == event else sizes[row]


def _delta(log: SessionLog) -> Callable[[int], float | None]:
    mono_s = log.mono_s
    return lambda row: mono_s[row] - mono_s[row - 1] if row else None


_NUMBERS: Mapping[str, Callable[[SessionLog], Callable[[int], float | None]]] = {
    "size": _size,
    "dt": _delta,
    "t": lambda log: log.mono_s.__getitem__,
    "turn": lambda log: log.turns.__getitem__,
    "seq": lambda log: log.seqs.__getitem__,
}


@dataclass(frozen=True, slots=True)
class Finding(ColumnTerm):
    """A finding of lint's at the record; the searcher brings what knows them."""

    name: str
    column: int
    """Where it stands in the query."""


@dataclass(frozen=True, slots=True)
class Word(ContentTerm):
    """Words that stand in the text."""

    text: str

    def matches(self, content: Content) -> bool:
        """As `Content.has`."""
        return content.has(self.text)

    @property
    def words(self) -> str:
        """The word itself."""
        return self.text

    @property
    def passes_media(self) -> bool:
        """Whether media are not looked at."""
        return len(self.text) < CHANCE_CHARS


@dataclass(frozen=True, slots=True)
class Pattern(ContentTerm):
    """A regular expression, for the text without its media."""

    compiled: Compiled[str]

    def matches(self, content: Content) -> bool:
        """Whether it is found; raises `TooSlow`."""
        try:
            return any(
                self.compiled.search(text, timeout=PATTERN_TIMEOUT_S, concurrent=True)
                for text in content.readings_without_media
            )
        except TimeoutError:
            raise TooSlow from None


ANY = "*"
"""The step to every field or element."""


@dataclass(frozen=True, slots=True)
class Path(ContentTerm):
    """A field of the message, and what it is to be."""

    steps: tuple[str | int, ...]
    """Names alike (`alike`), indices, `ANY`. A name reaches through the elements of an array."""
    comparison: str
    """A key of `COMPARISONS`, ``~`` for having words, empty for being there."""
    wanted: str
    number: float | None
    """``wanted`` as a number, where it is one."""

    def matches(self, content: Content) -> bool:
        """Whether one of the places that the path leads to is so. Null is not set."""
        return any(self._is_so(value) for value in _places(content.value, self.steps))

    @property
    def words(self) -> str:
        """What the field has in it, if that is asked."""
        return self.wanted if self.comparison == "~" else ""

    def kinds_test(self, kinds: tuple[str, ...]) -> bool:
        """Whether a message of these kinds can have the path: its first step is a kind's."""
        first = self.steps[0]
        if not (isinstance(first, str) and first.isalnum()):
            return True
        return any(alike(kind.partition(".")[0]) == first for kind in kinds)

    def _is_so(self, value: Any) -> bool:
        if not self.comparison:
            return True
        if self.comparison == "~":
            return any(_has(scalar, self.wanted) for scalar in _scalars(value))
        if self.comparison == "=" and not _is_number(value):
            return _same(value, self.wanted)
        number = _number(value)
        if number is None or self.number is None:
            return False
        return COMPARISONS[self.comparison](number, self.number)


def _places(value: Any, steps: tuple[str | int, ...]) -> Iterator[Any]:
    """The values that the steps lead to."""
    ways: list[tuple[Any, int]] = [(value, 0)]
    while ways:
        place, done = ways.pop()
        if place is None:
            continue
        if done == len(steps):
            yield place
            continue
        step = steps[done]
        if isinstance(step, int):
            if isinstance(place, list) and step < len(place):
                ways.append((place[step], done + 1))
        elif step == ANY:
            ways += ((each, done + 1) for each in _below(place))
        elif isinstance(place, list):
            ways += ((each, done) for each in place)
        elif isinstance(place, Mapping):
            ways += ((each, done + 1) for key, each in place.items() if alike(key) == step)


def _below(value: Any) -> Iterable[Any]:
    """The fields of an object, the elements of an array; nothing else has any."""
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _scalars(value: Any) -> Iterator[Any]:
    """What is at or below a place and is neither object nor array."""
    ways = [value]
    while ways:
        place = ways.pop()
        if isinstance(place, (Mapping, list)):
            ways += _below(place)
        else:
            yield place


def _has(value: Any, words: str) -> bool:
    text = _text(value)
    return words in (text if is_exact(words) else folded(text))


def _same(value: Any, words: str) -> bool:
    if isinstance(value, (Mapping, list)):
        return False
    text = _text(value)
    return words == (text if is_exact(words) else folded(text))


def _text(value: Any) -> str:
    """A scalar as JSON writes it, a string as it reads."""
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: Any) -> float | None:
    """A number, also one in a string (int64 in proto3 JSON)."""
    if _is_number(value):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None
