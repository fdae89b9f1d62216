"""The fields of a configuration, from `fields.toml`: what each takes, and how it is written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from tui.core import models
from tui.core.text import safe

Value: TypeAlias = str | int | float | bool | list[str]
Values: TypeAlias = Mapping[str, Any]
"""Values by field; what is not there is left to the model."""

LONGEST_CHARS = 100_000
"""Of a text; the service takes a set-up of a few hundred KiB."""
THRESHOLDS = {
    "off": "OFF",
    "none": "BLOCK_NONE",
    "few": "BLOCK_ONLY_HIGH",
    "some": "BLOCK_MEDIUM_AND_ABOVE",
    "most": "BLOCK_LOW_AND_ABOVE",
}
"""What is blocked of a category of harm: our words, and the protocol's."""

_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


class ValueRefused(ValueError):
    """A value that a field does not take: one sentence that says what it takes."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `fields.toml` explains what stands in it."""

    name: str
    group: str
    kind: str
    help: str
    path: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    suggestions: str = ""
    pattern: str = ""
    form: str = ""
    """What the pattern means, in words."""
    least: float | None = None
    most: float | None = None
    whole: bool = False
    unit: str = ""
    live: str = ""
    needs: str = ""
    variable: str = ""

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    @property
    def is_switch(self) -> bool:
        """Whether it is true or false."""
        return self.kind in ("switch", "presence", "tool")

    @property
    def words(self) -> tuple[str, ...]:
        """All that may be chosen; empty where anything may be written."""
        return ("yes", "no") if self.is_switch else tuple(self.choices)

    @property
    def suggested(self) -> tuple[str, ...]:
        """What is known; other things may be written, too."""
        if self.suggestions == "models":
            return tuple(models.offered("gemini"))
        return tuple(models.voices()) if self.suggestions == "voices" else self.words

    @property
    def takes(self) -> str:
        """What may be written, in a few words."""
        unit = f" {self.unit}" if self.unit else ""
        match self.kind:
            case "number":
                whole = "a whole number" if self.whole else "a number"
                return f"{whole} from {_figure(self.least)} to {_figure(self.most)}{unit}"
            case "lines":
                return f"text of up to {LONGEST_CHARS:,} characters"
            case _ if self.suggestions:
                return f"a name such as {_listed(self.suggested[:3])}"
            case _:
                return self.form or _listed(self.words) or f"a line of up to {_LINE_CHARS} signs"

    def read(self, text: str) -> Value:
        """The value that a person has written.

        Raises:
            ValueRefused: It is none.
        """
        word = text if self.kind == "lines" else text.strip()
        if self.is_switch:
            if word.lower() in _YES | _NO:
                return word.lower() in _YES
            raise self._refused(text)
        if self.kind == "number":
            return self.check(_number(word))
        if self.kind in ("names", "pairs"):
            return self.check([each.strip() for each in word.split(",") if each.strip()])
        return self.check(word)

    def check(self, value: object) -> Value:
        """The value, if the field takes it; numbers that are whole become whole.

        Raises:
            ValueRefused: It does not.
        """
        if self.is_switch:
            if isinstance(value, bool):
                return value
        elif self.kind == "number":
            if not isinstance(value, (bool, str)) and isinstance(value, (int, float)):
                return self._in_range(value)
        elif self.kind in ("names", "pairs"):
            if isinstance(value, list) and self._fit(value):
                return [str(each) for each in value]
        elif self._fits(value):
            return str(value)
        raise self._refused(value)

    def write(self, value: object) -> str:
        """A value as a person would write it; `read` gives it back."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return str(value)

    def _fits(self, value: object) -> bool:
        if not isinstance(value, str) or not _encodable(value):
            return False
        if self.choices:
            return value in self.choices
        if self.kind == "lines":
            return len(value.strip()) > 0 and len(value) <= LONGEST_CHARS
        if self.pattern:
            return re.fullmatch(self.pattern, value) is not None
        return 0 < len(value) <= _LINE_CHARS and value.isprintable() and value == value.strip()

    def _fit(self, values: list[Any]) -> bool:
        """Whether they are several, and not too many; a name has one value."""
        names = [str(each).partition("=")[0] for each in values]
        once = self.kind == "names" or len({*names}) == len(names)
        few = self.most is None or len(values) <= self.most
        return bool(values) and few and once and all(map(self._fits, values))

    def _in_range(self, value: float) -> int | float:
        assert self.least is not None and self.most is not None
        if not self.least <= value <= self.most or (self.whole and value != int(value)):
            raise self._refused(value)
        return int(value) if self.whole else value

    def _refused(self, value: object) -> ValueRefused:
        said = self.write(value) if self.kind != "secret" else "that"
        said = safe(said if len(said) <= 60 else f"{said[:59]}…") or "nothing"
        return ValueRefused(f"{said} is no {self.label}: write {self.takes}.")


_LINE_CHARS = 256


@cache
def fields() -> dict[str, Field]:
    """All fields by name, in the order of the table."""
    text = resources.files(__package__).joinpath("fields.toml").read_text("utf-8")
    rows: dict[str, dict[str, Any]] = tomllib.loads(text)["fields"]
    safety = {"choices": THRESHOLDS}
    return {
        name: Field(name, **{**(safety if row["kind"] == "safety" else {}), **row})
        for name, row in rows.items()
    }


def groups() -> dict[str, list[Field]]:
    """The fields by their group."""
    found: dict[str, list[Field]] = {}
    for each in fields().values():
        found.setdefault(each.group, []).append(each)
    return found


def _figure(number: float | None) -> str:
    return f"{number:,.0f}" if number is not None and number == int(number) else f"{number:,g}"


def _number(word: str) -> object:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _encodable(text: str) -> bool:
    """Lone surrogates cannot be sent."""
    return text.isascii() or not any(0xD800 <= ord(char) <= 0xDFFF for char in text)


def _listed(words: tuple[str, ...]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
