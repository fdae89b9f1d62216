"""The fields of the query language, in one table: parser, help and completion read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.core.lint.rule import Severity, rules
from tui.core.terms import (
    ANY,
    MEDIA_KINDS,
    ColumnTerm,
    ContentTerm,
    Finding,
    Has,
    Heading,
    Kind,
    Number,
    Path,
    Pattern,
    Unknown,
    alike,
)

Term = ColumnTerm | ContentTerm


class QueryError(ValueError):
    """A query that cannot be understood: a sentence, and the character that it is about."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(sentence)
        self.column = column
        """Counted from 0; the length of the query where something is missing at its end."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a query gives a field."""

    field: str
    operator: str
    value: str
    column: int
    """Where the value begins."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is written, what it means, what makes a term of it."""

    usage: str
    meaning: str
    example: str
    operators: tuple[str, ...]
    parse: Callable[[Given], Term] | None
    """None for a path and a pattern: what follows the name has a grammar of its own."""
    values: tuple[str, ...] = ()
    """All values that there are, where they are few."""

    @property
    def name(self) -> str:
        """The word before the operator."""
        return re.split("[:<>]", self.usage, maxsplit=1)[0]


SEVERITIES = tuple(severity.word for severity in sorted(Severity, reverse=True))

_HEADINGS = {
    **dict.fromkeys(("send", "sent", "up", "client"), "s"),
    **dict.fromkeys(("recv", "receive", "received", "down", "server"), "r"),
    **dict.fromkeys(("event", "local"), "e"),
}

_SIZES = {
    "": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9,
    "ki": 2**10, "kib": 2**10, "mi": 2**20, "mib": 2**20,
}  # fmt: skip
_TIMES = {"": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_COUNTS = {"": 1}
_UNITS: Mapping[str, Mapping[str, float]] = {
    "size": _SIZES,
    "dt": _TIMES,
    "t": _TIMES,
    "turn": _COUNTS,
    "seq": _COUNTS,
}

_MEASURE = re.compile(r"(\d{1,18}(?:\.\d{0,12})?)([a-z]{0,3})", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)")

_SAID = {
    "size": "a size such as 900, 64k or 1.5m",
    "dt": "a time such as 800ms, 1.5s or 1:20",
    "t": "a time such as 800ms, 90s or 1:20",
    "turn": "a number",
    "seq": "a number",
}

PATH = re.compile(r'(?:[^\s()<>=~"|\[\]]|\[(?:\d{1,9}|\*)?\]|"(?:[^"\\]|\\.)*")+')
"""A path as it stands in a query."""
_STEP = re.compile(r'\.?(?:\[(\d*|\*)\]|"((?:[^"\\]|\\.)*)"|([^.\[\]"]+))')


def _kind(given: Given) -> Term:
    return Kind(alike(given.value), given.operator)


def _heading(given: Given) -> Term:
    return Heading(_HEADINGS[_one_of(given, tuple(_HEADINGS), ("send", "recv", "event"))])


def _unknown(given: Given) -> Term:
    return Unknown(_one_of(given, ("yes", "no")) == "yes")


def _has(given: Given) -> Term:
    return Has(_one_of(given, tuple(MEDIA_KINDS)))


def _one_of(given: Given, values: tuple[str, ...], told: tuple[str, ...] = ()) -> str:
    value = given.value.lower()
    if value not in values:
        raise QueryError(f"{given.field}: takes {_listed(told or values)}.", given.column)
    return value


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _number(given: Given) -> Term:
    low, dash, high = given.value.partition("-")
    first = measure(given.field, low, given.column)
    if dash and given.operator in ":=":
        last = measure(given.field, high, given.column + len(low) + 1)
        if last < first:
            raise QueryError("The range ends before it begins: turn it around.", given.column)
        return Number(given.field, "-", first, last)
    if dash:
        raise QueryError("A range stands after a colon, as in turn:3-5.", given.column)
    if given.operator in ":=" and _UNITS[given.field] is _TIMES:
        sentence = f"No message comes at exactly that time: use < or >, or {given.field}:1s-2s."
        raise QueryError(sentence, given.column)
    return Number(given.field, given.operator.replace(":", "="), first)


def measure(field: str, text: str, column: int) -> float:
    """A number with the field's units."""
    units = _UNITS[field]
    clock = _CLOCK.fullmatch(text) if units is _TIMES else None
    if clock is not None:
        hours, minutes, seconds = clock.groups("0")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    found = _MEASURE.fullmatch(text)
    if found is None or found[2].lower() not in units:
        raise QueryError(f"{field} needs {_SAID[field]}.", column)
    return float(found[1]) * units[found[2].lower()]


def _finding(given: Given) -> Term:
    name = given.value.lower()
    if name not in ("*", *SEVERITIES, *rules()):
        near = get_close_matches(name, rules(), 1)
        hint = f"; did you mean {near[0]}?" if near else ": bidiscope lint --list-rules has all."
        raise QueryError(f"There is no rule {given.value}{hint}", given.column)
    return Finding(name, given.column)


def steps(place: str, column: int) -> tuple[str | int, ...]:
    """The steps of a path."""
    found = list(_STEP.finditer(place))
    if not found or "".join(each[0] for each in found) != place:
        raise QueryError("A path reads like serverContent.modelTurn.parts[0].text.", column)
    return tuple(map(_step, found))


def path(steps: tuple[str | int, ...], given: Given) -> Path:
    """The term of a field of the message, and of what it is to be."""
    number = _as_number(given.value)
    if given.operator[:1] in ("<", ">") and number is None:
        raise QueryError("Smaller and larger need a number.", given.column)
    return Path(steps, given.operator, given.value, number)


def _step(found: re.Match[str]) -> str | int:
    index, quoted, name = found.groups()
    if index is not None:
        return int(index) if index.isdecimal() else ANY
    if quoted is not None:
        return alike(re.sub(r"\\(.)", r"\1", quoted))
    return ANY if name == ANY else alike(name)


def _as_number(text: str) -> float | None:
    found = _MEASURE.fullmatch(text.removeprefix("-"))
    if found is None or found[2].lower() not in ("", "k", "m", "g"):
        return None
    return float(found[1]) * _SIZES[found[2].lower()] * (-1 if text.startswith("-") else 1)


def pattern(source: str, flags: str, column: int) -> Pattern:
    """The term of ``re:/source/flags``."""
    import regex

    try:
        return Pattern(regex.compile(source, regex.IGNORECASE if "i" in flags else 0))
    except (regex.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None) or 0
        said = str(getattr(error, "msg", None) or error).strip().rstrip(".")
        raise QueryError(f"The pattern is not right: {said}.", column + at) from None


FIELDS = (
    Field(
        "kind:NAME", "Kind of message or event: all of it, or some of its dotted parts; * is "
        "anything. kind=NAME is all of it, kind~NAME any piece.",
        "kind:toolCall", (":", "=", "~"), _kind,
    ),
    Field(
        "dir:WAY", "send: from the client; recv: from the server; event: happened on this side.",
        "dir:recv", (":", "="), _heading, ("send", "recv", "event"),
    ),
    Field(
        "turn:N", "The turn that the server was at when the message had come; 0 before the first.",
        "turn:3-5", (":", "=", "<", "<=", ">", ">="), _number,
    ),
    Field(
        "size>N", "Bytes of the message on the wire. k and m are 1000s, ki and mi 1024s. Events "
        "have no size.", "size>64k", (":", "=", "<", "<=", ">", ">="), _number,
    ),
    Field(
        "dt>TIME", "Time since the record before, be it a message of either side or an event. The "
        "first has none.", "dt>800ms", (":", "=", "<", "<=", ">", ">="), _number,
    ),
    Field(
        "t<TIME", "Time since the recording began.", "t<1:20",
        (":", "=", "<", "<=", ">", ">="), _number,
    ),
    Field(
        "seq:N", "The message's number, the first column of the list.", "seq:17",
        (":", "=", "<", "<=", ">", ">="), _number,
    ),
    Field(
        "has:WHAT", "What it carries, by its kinds; mediaChunks counts as audio and as image.",
        "has:audio", (":", "="), _has, tuple(MEDIA_KINDS),
    ),
    Field(
        "unknown:yes", "Whether a field in it is not in google-genai's schema.",
        "unknown:yes", (":", "="), _unknown, ("yes", "no"),
    ),
    Field(
        "path:PATH", "A field is there, and not null. With ~WORDS it has them at or below it, "
        "with =VALUE it is that, with < or > a number. camelCase or snake_case; [0] one element, "
        "[] or no index any.",
        "path:serverContent.modelTurn.parts[0].text~hello", (":",), None,
    ),
    Field(
        "re:/PATTERN/", "A regular expression (Python's regex) is found in the text; /i takes "
        "capital and small letters alike. Media are left out.", "re:/turn ?[0-9]+/i", (":",), None,
    ),
    Field(
        "finding:ID", "Lint's finding stands on it: the rule's id, a severity, or * for any.",
        "finding:warn", (":", "="), _finding, SEVERITIES,
    ),
)  # fmt: skip
"""All fields there are, in the order of the help."""

BY_NAME = {field.name: field for field in FIELDS}
