"""A profile: a configuration as TOML, the fields by their names and the rest under `setup`."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tui.core import schema
from tui.core.configuration.field import ValueRefused, fields
from tui.core.configuration.message import Configuration

REST = "setup"
"""The table of what no field stands for, as it stands in the set-up."""


class ProfileError(ValueError):
    """Why a profile cannot be used: a clause, with the line where there is one."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {why}" if line else why)


def read(text: str) -> Configuration:
    """The configuration that a profile holds.

    Raises:
        ProfileError: It is no TOML, or something in it is no value of a field.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"it is no TOML: {error}") from None
    rest = document.pop(REST, {})
    for name, value in document.items():
        if problem := _problem(name, value):
            raise ProfileError(problem, _line(text, name))
    if problem := beyond(rest):
        raise ProfileError(problem, _line(text, REST))
    return Configuration(
        {name: fields()[name].check(value) for name, value in document.items()}, rest
    )


def beyond(rest: Any) -> str:
    """What is wrong with the part of a set-up that no field stands for; empty for nothing."""
    if not isinstance(rest, dict):
        return "setup is no table of the set-up's fields"
    _, unknown = schema.read(rest, schema.messages()["LiveClientSetup"])
    if unknown:
        return (
            f"setup{unknown[0]} is no field that google-genai can send, and the service refuses "
            "unknown ones: take it out"
        )
    return ""


def _problem(name: str, value: object) -> str:
    each = fields().get(name)
    if each is None:
        return f"{name[:60]!r} is no field: bidiscope config show lists them"
    if each.kind == "secret":
        return f"a {each.label} is never stored: take it out, and set BIDISCOPE_TOKEN for the run"
    try:
        each.check(value)
    except ValueRefused as error:
        return f"{name}: {error}".rstrip(".")
    return ""


def _line(text: str, name: str) -> int:
    """Where the key stands at the top of a line, outside of all strings; 0 where it does not."""
    lines = text.splitlines()
    key = re.compile(rf"""\s*\[?\s*["']?{re.escape(name)}["']?\s*[=\].]""")
    for number, line in enumerate(lines):
        if key.match(line):
            try:
                tomllib.loads("\n".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                continue
            return number + 1
    return 0
