"""Scripts as text: a TOML file of steps, or lines as a person types them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from tui.core.script.step import FILES, SETTINGS, VERBS, ScriptError, Step, step

LARGEST_BYTES = 1 << 20
_OPTION = re.compile(r"\s+([a-z]+)=([\w.+-]+)$")


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script."""

    steps: Sequence[Step]
    settings: Mapping[str, Any] = field(default_factory=dict)


def line_step(line: str, place: str) -> Step | None:
    """One line; None when it is empty or a comment (#). Raises `ScriptError`."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    verb, _, rest = line.partition(" ")
    options: dict[str, str] = {}
    if verb in VERBS and VERBS[verb].options:
        while found := _OPTION.search(f" {rest}"):
            options[found[1]] = found[2]
            rest = f" {rest}"[: found.start()].strip()
    return step(verb, rest.strip(), options, place)


def lines(text: str) -> Script:
    """A script of lines. Raises `ScriptError`."""
    read = (line_step(line, f"line {n}") for n, line in enumerate(text.splitlines(), 1))
    return Script([each for each in read if each is not None])


def toml(text: str) -> Script:
    """A TOML script: settings, then ``[[step]]`` tables of one verb each. Raises `ScriptError`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(f"it is no TOML: {error}") from None
    rows = document.pop("step", None)
    if not isinstance(rows, list) or not rows:
        raise ScriptError('it has no steps: add [[step]] and, below it, say = "Hello"')
    settings = {name: _setting(name, value) for name, value in document.items()}
    return Script([_toml_step(row, f"step {n}") for n, row in enumerate(rows, 1)], settings)


def beside(script: Script, folder: str) -> Script:
    """The same, its files looked for in that folder. Raises `ScriptError` where one is missing."""
    steps = [replace(each, folder=folder) for each in script.steps]
    for each in steps:
        if each.verb in FILES and not each.path.is_file():
            raise ScriptError(f"{each.place}: {each.verb}: there is no file {each.value}")
    return Script(steps, script.settings)


def _toml_step(row: Any, place: str) -> Step:
    if not isinstance(row, dict):
        raise ScriptError(f"{place}: it is no table")
    verbs = [name for name in row if name in VERBS]
    if len(verbs) != 1:
        near = [get_close_matches(name, VERBS, 1) for name in row if name not in VERBS]
        hint = next((f"did you mean {each[0]}?" for each in near if each), "")
        hint = hint or ", ".join(verbs or VERBS)
        raise ScriptError(f"{place}: it needs one verb, and has {len(verbs)}: {hint}")
    return step(verbs[0], row[verbs[0]], {k: v for k, v in row.items() if k != verbs[0]}, place)


def _setting(name: str, value: Any) -> Any:
    read = SETTINGS.get(name)
    if read is None:
        near = get_close_matches(name, SETTINGS, 1)
        there = f"there are {', '.join(SETTINGS)} and [[step]]"
        hint = f"did you mean {near[0]}?" if near else there
        raise ScriptError(f"there is no setting {name!r}: {hint}")
    try:
        return read(value)
    except ValueError as error:
        raise ScriptError(f"{name}: {error}") from None
