"""`bidiscope config`: the configuration that holds, and the profiles that it comes from."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tui import configured, profiles, terminal
from tui.configured import Chosen
from tui.core import models
from tui.core.configuration import availability, layers
from tui.core.configuration.field import fields
from tui.core.configuration.layers import DEFAULT, MODEL, Origin
from tui.core.configuration.message import Configuration, compose
from tui.core.lint.preflight import check
from tui.core.lint.rule import Severity
from tui.core.places import config_folder
from tui.core.text import safe
from tui.outcome import Outcome

VALUE_CHARS = 44
FIRST = "default"
"""The profile that `set` makes when there is none."""


def run(flags: argparse.Namespace) -> int:
    """Do what the command says; returns the exit code.

    Raises:
        JournalError: A file or a variable cannot be used.
    """
    match flags.command:
        case "show":
            _show(configured.choose(dict(flags.settings), flags.profile), as_json=flags.json)
        case "list":
            _list()
        case "set":
            _change(flags.profile, {flags.field: flags.value})
        case "unset":
            _change(flags.profile, {flags.field: None})
        case "use":
            _use(flags.profile)
        case "path":
            print(config_folder())
        case "check":
            return _check(flags.file)
    return Outcome.OK


# ---- show


def _show(chosen: Chosen, *, as_json: bool) -> None:
    origin = configured.origin(chosen.configuration)
    model = models.model(configured.model_of(chosen.configuration))
    rows = [
        (each, availability.reason(each.field, model, chosen.configuration, origin))
        for each in layers.origins(chosen.layers)
    ]
    if as_json:
        document = {
            "profile": chosen.profile or None,
            "service": origin,
            "model": model.name,
            "fields": [_json(each, reason, model) for each, reason in rows],
            "setup": compose(chosen.configuration, model),
        }
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
        return
    colours = terminal.colours(os.environ)
    print(f"Profile: {safe(chosen.profile) or 'none'}. Service: {origin}.")
    print("\n".join(_table(rows, model.name, colours=colours)))


def _table(rows: list[tuple[Origin, str]], model: str, *, colours: bool) -> Iterator[str]:
    group = ""
    for each, reason in rows:
        if each.field.group != group:
            group = each.field.group
            yield ""
            yield f"\x1b[1m{group}\x1b[0m" if colours else group
        value, source = _said(each), each.source
        if each.field.name == "model" and each.value is None:
            value, source = model, "the service's"
        dim = colours and source in (DEFAULT, MODEL)
        line = f"  {each.field.name:<21}{value:<{VALUE_CHARS}}{safe(source)}"
        line += f" ({safe(reason)})" if reason else ""
        yield f"\x1b[2m{line}\x1b[0m" if dim else line


def _said(each: Origin) -> str:
    if each.value is None:
        return "-"
    text = safe("***" if each.field.kind == "secret" else each.field.write(each.value))
    return text if len(text) < VALUE_CHARS else f"{text[: VALUE_CHARS - 2]}…"


def _json(each: Origin, reason: str, model: models.Model) -> dict[str, Any]:
    known = each.field
    return {
        "name": known.name,
        "value": "***" if known.kind == "secret" and each.value else each.value,
        "source": each.source,
        "path": known.path or None,
        "takes": known.takes,
        "change": availability.change(known, model),
        "unavailable": reason or None,
        "help": known.help,
        "variable": layers.variable(known),
    }


# ---- profiles


def _list() -> None:
    last = profiles.last()
    for name in profiles.names():
        print(f"{'*' if name == last else ' '} {name}")
    if last and last not in profiles.names():
        print(f"* {safe(last)}")
    if not profiles.names():
        print("There is no profile yet: bidiscope config set FIELD VALUE makes one.")


def _change(profile: str | None, values: dict[str, Any]) -> None:
    name = profile or profiles.last() or FIRST
    path = profiles.place(name)
    before = profiles.load(name) if path.is_file() else Configuration()
    after = before.with_values(**values)
    profiles.save(name, after)
    if not profile:
        profiles.hold(name)
    (field, value), *_ = values.items()
    said = "is left to what comes next" if value is None else f"is {fields()[field].write(value)}"
    print(f"{field} {safe(said)} in {safe(str(path))}")
    known = configured.known_trouble(before)
    for trouble in configured.known_trouble(after):
        if trouble not in known:
            print(f"bidiscope: {trouble}", file=sys.stderr)


def _use(name: str) -> None:
    if name == profiles.NONE:
        profiles.remember(profile=None)
        print("No profile holds from now on.")
        return
    profiles.load(name)
    profiles.hold(name)
    print(f"The profile {safe(name)} holds from now on; bidiscope config use none ends that.")


def _check(path: Path) -> int:
    configuration = profiles.load(f"./{path}" if path.suffix != ".toml" else str(path))
    origin = configured.origin(configuration)
    model = models.model(configured.model_of(configuration))
    found = check(compose(configuration, model), origin, time.time())
    for each in found:
        print(f"{each.severity.word}: {each.ahead} {each.rule.advice}")
    grave = any(each.severity >= Severity.WARN for each in found)
    print(f"{safe(str(path))}: {'not without a warning' if grave else 'can be used'}, {model.name}")
    return Outcome.FOUND if grave else Outcome.OK
