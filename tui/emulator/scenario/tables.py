"""Typed reading of a scenario's TOML; a mistake is one sentence with its line and the way out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import orjson

from tui.core.text import safe
from tui.emulator.scenario.scenario import ScenarioError

LARGEST_BYTES = 1 << 20

_TYPES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    dict: "a table, {…}",
    list: "a list, […]",
}


class Source:
    """The text of a scenario and where it stands."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.lines = name, text.splitlines() or [""]

    @classmethod
    def read(cls, path: Path) -> tuple[Source, dict[str, Any]]:
        """The file and what its TOML says.

        Raises:
            ScenarioError: It cannot be read, or is no TOML.
        """
        name = path.name
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_BYTES + 1)
            if len(data) > LARGEST_BYTES:
                raise ScenarioError(
                    safe(
                        f"{path} is too big for a scenario: the most is {LARGEST_BYTES >> 20} MiB."
                    )
                )
            text = data.decode().replace("\r\n", "\n")
            return cls(name, text), tomllib.loads(text)
        except OSError as error:
            raise ScenarioError(safe(f"{path} cannot be read: {error.strerror}.")) from error
        except UnicodeDecodeError as error:
            raise ScenarioError(safe(f"{path} is not UTF-8, at byte {error.start}.")) from error
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(safe(f"{path} is no TOML: {_lower(str(error))}.")) from error
        except RecursionError as error:
            raise ScenarioError(safe(f"{path} is nested too deep.")) from error

    def block(self, header: str, number: int) -> range:
        """The lines of the table with this ``[[header]]``, counted from 1; else all."""
        heads = [at for at, line in enumerate(self.lines) if _HEADER.match(line)]
        wanted = re.compile(rf"\s*\[+\s*{re.escape(header)}\s*\]+")
        own = [at for at in heads if wanted.match(self.lines[at])]
        if number > len(own):
            return range(len(self.lines))
        below = re.compile(rf"\s*\[+\s*{re.escape(header)}\s*\.")
        after = (at for at in heads if at > own[number - 1] and not below.match(self.lines[at]))
        return range(own[number - 1], next(after, len(self.lines)))


_HEADER = re.compile(r"\s*\[")


class Table:
    """One table; ``name`` says which for a person."""

    def __init__(self, source: Source, value: dict[str, Any], name: str, lines: range) -> None:
        self.value = value
        self.name = name
        self._source, self._lines = source, lines

    def only(self, known: Collection[str]) -> None:
        """Any other key is a mistake."""
        for key in self.value:
            if key not in known:
                near = get_close_matches(key, known, 1, 0.5)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
                self.fail(key, f"is not known; {hint}")

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        found: str = self._typed(key, (str,), default)
        return found

    def flag(self, key: str) -> bool:
        """A boolean."""
        return bool(self._typed(key, (bool,), False))

    def number(self, key: str, most: float, default: float | None = None) -> float | None:
        """A number from 0 to ``most``."""
        found: float | None = self._typed(key, (int, float), default)
        if found is not None and not 0 <= found <= most:
            self.fail(key, f"must be from 0 to {most:g}.")
        return found

    def whole(self, key: str, most: int, least: int = 0) -> int | None:
        """A whole number from ``least`` to ``most``."""
        found: int | None = self._typed(key, (int,), None)
        if found is not None and not least <= found <= most:
            self.fail(key, f"must be from {least} to {most}.")
        return found

    def choice(self, key: str, known: Collection[str], default: str) -> str:
        """One of these words."""
        found = self.text(key, default)
        if found not in known:
            near = get_close_matches(found, known, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"it is {' or '.join(known)}."
            self.fail(key, f'cannot be "{found}"; {hint}')
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """A table with keys of the user's own."""
        found: dict[str, Any] = self._typed(key, (dict,), {})
        return found

    def json(self, key: str) -> dict[str, Any]:
        """The same as JSON has it: a date is a text."""
        try:
            found: dict[str, Any] = orjson.loads(orjson.dumps(self.mapping(key)))
        except (TypeError, RecursionError) as error:
            self.fail(key, f"cannot be written as JSON: {_lower(str(error))}.")
        return found

    def table(self, key: str) -> Table:
        """A table of ours."""
        return self._below(self.mapping(key), key)

    def tables(self, key: str) -> list[Table]:
        """A list of tables, or one that stands for a list of one."""
        found = self._typed(key, (dict, list), [])
        rows = found if isinstance(found, list) else [found]
        if not all(isinstance(row, dict) for row in rows):
            self.fail(key, "must be a table, {…}, or a list of tables.")
        return [self._below(row, key) for row in rows]

    def texts(self, key: str) -> list[str]:
        """A list of strings, or one that stands for a list of one."""
        found = self._typed(key, (str, list), [])
        words = found if isinstance(found, list) else [found]
        if not all(isinstance(word, str) for word in words):
            self.fail(key, "must be a text in quotes, or a list of these.")
        return words

    def blocks(self, key: str, most: int) -> list[Table]:
        """The tables ``[[key]]``."""
        found = self._typed(key, (list,), [])
        if not all(isinstance(row, dict) for row in found):
            self.fail(key, f"must be tables: write [[{key}]], and its keys below that.")
        if len(found) > most:
            self.fail(key, f"may come {most} times at most, not {len(found)} times.")
        return [
            Table(self._source, row, f"{key} {number}", self._source.block(key, number))
            for number, row in enumerate(found, 1)
        ]

    def fail(self, key: str, why: str) -> NoReturn:
        """Raise `ScenarioError`: ``key`` of this table is wrong, and ``why``."""
        place = f"{self._source.name}, line {self._line(key) + 1}"
        name = f" ({self.name})" if self.name else ""
        raise ScenarioError(safe(f"{place}{name}: {key} {why}"))

    def _below(self, value: dict[str, Any], key: str) -> Table:
        name = f"{self.name}, {key}" if self.name else key
        return Table(self._source, value, name, self._lines)

    def _typed(self, key: str, types: Iterable[type], default: Any) -> Any:
        found = self.value.get(key, default)
        if key in self.value and type(found) not in types:
            wanted = " or ".join(
                _TYPES[one] for one in types if one is not int or len([*types]) == 1
            )
            self.fail(key, f"must be {wanted}.")
        return found

    def _line(self, key: str) -> int:
        wanted = re.compile(rf"(?:^|[\s{{,\[.]){re.escape(key)}[\"']?\s*(?:=|\.|\])")
        lines = self._source.lines
        found = (at for at in self._lines if wanted.search(lines[at].partition(" #")[0]))
        return next(found, self._lines.start)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
