"""Faults that the emulator brings about: their table `faults.toml`, and how one is asked for.

A fault is asked for in one line, ``stall:for=5,turn=2``, or by a row of TOML with the same keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias

Occasion: TypeAlias = Literal["moment", "turn", "message", "end"]
Value: TypeAlias = float | int | str

OFF = "off"
"""The fault that ends all others."""
EACH = "each"
"""The turn that is every turn."""

_SPEC = re.compile(r"([^:\s]*)\s*[:\s]?\s*(.*)", re.S)
_QUOTED = 60
"""So many characters of what is wrong are quoted."""
_SECONDS = {"ms": 0.001, "s": 1.0}
_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))
"""Those that a close frame may hold (RFC 6455, section 7.4, and the IANA registry)."""
_LIST = "bidiscope emulate --faults lists them"


class FaultError(Exception):
    """No fault can be made of this; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key of a fault. ``unit`` is "s", "x" (a factor), "n" (a count), "MiB", "code", "words"."""

    key: str
    unit: str
    means: str
    default: Value | None = None
    least: float = 0.0
    most: float = float("inf")

    def value(self, given: object) -> Value:
        """What was given, if it can be that.

        Raises:
            FaultError: It cannot.
        """
        if self.unit == "words" and isinstance(given, str):
            return _sendable(given)
        number = None if self.unit == "words" else _number(given, seconds=self.unit == "s")
        whole = self.unit in ("n", "code")
        if number is None or not self.least <= number <= self.most or (whole and number % 1):
            shown = str(given)[:_QUOTED]
            raise FaultError(f"{self.key}={shown} does not fit: it must be {self.range}.")
        if self.unit == "code" and not any(int(number) in codes for codes in _CODES):
            codes = "1000 to 1003, 1007 to 1014 and 3000 to 4999"
            raise FaultError(f"No close frame may hold {int(number)}: the codes are {codes}.")
        return int(number) if whole else number

    @property
    def range(self) -> str:
        """What it may be, in words."""
        if self.unit in ("words", "code"):
            return {"words": "words", "code": "a close code"}[self.unit]
        unbound = self.most == float("inf")
        bounds = f"{self.least:g} or more" if unbound else f"{self.least:g} to {self.most:g}"
        return f"{bounds} {'' if self.unit in 'xn' else self.unit}".rstrip()


_CHANCE = Parameter("chance", "x", "how likely it is at each occasion", 1.0, 0.0, 1.0)
SELECTIONS: Mapping[str, tuple[Parameter, ...]] = {
    "moment": (
        Parameter("at", "s", "so long after the setup, or after now", 0.0, 0.0, 86400),
        Parameter("frame", "n", "behind so many messages of the server"),
        Parameter("turn", "n", "behind the first piece of that turn, or of each", least=1),
        _CHANCE,
    ),
    "turn": (
        Parameter("turn", "n", "in that turn only", least=1),
        Parameter("times", "n", "in so many turns at most", least=1),
        _CHANCE,
    ),
    "message": (Parameter("turn", "n", "in that turn only", least=1), _CHANCE),
    "end": (),
}
"""When and how often: the keys that faults of an occasion share."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table."""

    name: str
    occasion: Occasion
    does: str
    source: tuple[str, ...]
    own: tuple[Parameter, ...] = ()
    chance: float = 1.0

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own, then those of its occasion."""
        return (*self.own, *SELECTIONS[self.occasion])

    @property
    def words(self) -> set[str]:
        """The keys whose values are words: in a line they come last."""
        return {each.key for each in self.own if each.unit == "words"}

    @property
    def example(self) -> str:
        """Its spec with its own defaults."""
        given = ",".join(f"{each.key}={shown(each.default)}" for each in self.own)
        return f"{self.name}:{given}" if given else self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that somebody wants. ``values`` holds all its own parameters."""

    kind: Kind
    values: Mapping[str, Any]
    given: Mapping[str, Value] = field(default_factory=dict)
    """What was asked for by key."""

    @classmethod
    def read(cls, spec: str) -> Fault:
        """Of a line: ``NAME`` or ``NAME:key=value,key=value``; words go to the line's end.

        Raises:
            FaultError: It is none.
        """
        found = _SPEC.fullmatch(spec.strip())
        assert found is not None  # it takes any text
        kind = _kind(found[1])
        return cls._of(kind, dict(_pairs(kind, found[2])))

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Fault:
        """Of a row of TOML or JSON: ``name``, and the keys.

        Raises:
            FaultError: It is none.
        """
        rest = dict(row)
        name = rest.pop("name", None)
        if not isinstance(name, str):
            raise FaultError(f"A fault needs a name: {_LIST}.")
        return cls._of(_kind(name), rest)

    @classmethod
    def _of(cls, kind: Kind, given: Mapping[str, Any]) -> Fault:
        known = {each.key: each for each in kind.parameters}
        taken: dict[str, Value] = {}
        for key, value in given.items():
            if key not in known:
                raise FaultError(_no_key(kind, key))
            taken[key] = EACH if _is_each(key, value) else known[key].value(value)
        moments = [key for key in ("at", "frame", "turn") if key in taken]
        if kind.occasion == "moment" and len(moments) > 1:
            raise FaultError(
                f"{kind.name} happens at one moment: give one of {', '.join(moments)}."
            )
        own = {each.key: each.default for each in kind.own}
        values = {key: taken.get(key, default) for key, default in own.items()}
        return cls(kind, values, taken)

    @property
    def name(self) -> str:
        """Of its kind."""
        return self.kind.name

    @property
    def chance(self) -> float:
        """How likely it is at each occasion, 0..1."""
        return float(self.given.get("chance", self.kind.chance))

    @property
    def at_s(self) -> float:
        """A moment that the clock tells."""
        return float(self.given.get("at", 0.0))

    @property
    def frame(self) -> int | None:
        """So many frames of the server come before."""
        number = self.given.get("frame")
        return None if number is None else int(number)

    @property
    def turn(self) -> int | None:
        """The only turn that it happens in; 0 is each; None says nothing of turns."""
        number = self.given.get("turn")
        return 0 if number == EACH else None if number is None else int(number)

    @property
    def times(self) -> int | None:
        """In so many turns at most."""
        number = self.given.get("times")
        return None if number is None else int(number)

    def __str__(self) -> str:
        given = sorted(self.given.items(), key=lambda pair: pair[0] in self.kind.words)
        keys = ",".join(f"{key}={shown(value)}" for key, value in given)
        return f"{self.name}:{keys}" if keys else self.name


@cache
def kinds() -> Mapping[str, Kind]:
    """The table, by name."""
    text = resources.files(__package__).joinpath("faults.toml").read_text("utf-8")
    kinds = (_row(row) for row in tomllib.loads(text)["fault"])
    return {kind.name: kind for kind in kinds}


def of_file(text: str) -> list[Fault]:
    """The faults of a TOML file, each a table ``[[fault]]``.

    Raises:
        FaultError: It is no such file, or one of them is no fault.
    """
    try:
        rows = tomllib.loads(text).get("fault", [])
    except tomllib.TOMLDecodeError as error:
        raise FaultError(f"It is not TOML: {str(error).rstrip('.')}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise FaultError('It has no faults: write [[fault]], and under it name = "stall".')
    return [Fault.of_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> Kind:
    own = (Parameter(key, **fields) for key, fields in row.get("parameters", {}).items())
    chance, source = float(row.get("chance", 1.0)), tuple(row["source"])
    return Kind(row["name"], row["occasion"], row["does"], source, tuple(own), chance)


def _kind(name: str) -> Kind:
    if name not in kinds():
        name = name[:_QUOTED]
        raise FaultError(f"There is no fault {name!r}{_nearest(name, kinds())}; {_LIST}.")
    return kinds()[name]


def _no_key(kind: Kind, key: str) -> str:
    keys, key = [each.key for each in kind.parameters], key[:_QUOTED]
    if not keys:
        return f"{kind.name} has no parameters, so no {key!r}."
    return f"{kind.name} has no {key!r}{_nearest(key, keys)}; it has {', '.join(keys)}."


def _nearest(word: str, among: Any) -> str:
    near = get_close_matches(word, among, 1, 0.5)
    return f" ({near[0]}?)" if near else ""


def _pairs(kind: Kind, text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a spec; what is words takes all the rest."""
    while text:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals:
            text = text[:_QUOTED]
            raise FaultError(f"{text!r} is no parameter: write key=value, as in stall:for=5.")
        if key in kind.words:
            yield key, rest.strip()
            return
        value, _, text = rest.partition(",")
        yield key, value.strip()


def _is_each(key: str, value: object) -> bool:
    return key == "turn" and value == EACH


def _number(given: object, *, seconds: bool) -> float | None:
    """``5``, and of seconds ``5s`` and ``300ms``, too."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given)
    found = re.fullmatch(r"(\d{1,9}\.?\d{0,9}|\.\d{1,9})(ms|s)?", str(given))
    if found is None or (found[2] and not seconds):
        return None
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _sendable(words: str) -> str:
    try:
        words.encode()
    except UnicodeEncodeError:
        raise FaultError("What is to be said is not UTF-8.") from None
    return words


def shown(value: Value | None) -> str:
    """A value as it is written."""
    return f"{value:g}" if isinstance(value, float) else str(value)
