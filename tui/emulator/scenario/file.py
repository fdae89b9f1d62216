"""A scenario file: TOML → `Script`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import regex

from tui.core.fault import Fault, FaultError
from tui.emulator.refusal import REASON_BYTES
from tui.emulator.scenario.script import (
    ANY,
    Condition,
    Exchange,
    Expectation,
    Script,
    pattern,
    plain,
)
from tui.emulator.scenario.tables import Source, Table
from tui.emulator.session import steps
from tui.emulator.terms import profiles

MOST_TURNS = 1000
LONGEST_S = 3600.0

_TOP = ("about", "order", "loop", "otherwise", "on_failure", "model", "seed")
_TURN = ("when", "times", "must")
_CALL = ("name", "args", "id", "expect", "within_s")
_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))


def load(path: Path) -> Script:
    """The scenario in a file.

    Raises:
        ScenarioError: It cannot be read, or something in it is a mistake: one sentence with its
            line.
    """
    source, value = Source.read(path)
    top = Table(source, value, "", range(len(source.lines)))
    top.only((*_TOP, "setup", "turn", "fault"))
    blocks = top.blocks("turn", MOST_TURNS)
    strict = top.choice("order", ("match", "strict"), "match") == "strict"
    if not blocks:
        top.fail("turn", 'is missing: write [[turn]], and below it when = "hello" and say = "Hi!".')
    setup = top.table("setup")
    setup.only(("model", "require"))
    return Script(
        name=path.stem,
        exchanges=tuple(_exchange(block, strict) for block in blocks),
        about=top.text("about"),
        strict=strict,
        loop=top.flag("loop"),
        otherwise=top.choice("otherwise", ("brain", "silence"), "brain"),
        closes=top.choice("on_failure", ("say", "close"), "say") == "close",
        model=_model(top),
        seed=top.whole("seed", 2**63 - 1),
        required_model=_model(setup),
        required=setup.texts("require"),
        faults=tuple(_fault(row, "name", row.value) for row in top.blocks("fault", MOST_TURNS)),
    )


def examples() -> Mapping[str, Path]:
    """The scenarios that come with bidiscope, by name."""
    folder = Path(str(resources.files(__package__).joinpath("examples")))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _model(table: Table) -> str:
    name = table.text("model")
    return table.choice("model", profiles.names(), "") if name else ""


def _exchange(block: Table, strict: bool) -> Exchange:
    block.only((*_TURN, *_STEPS))
    when = block.texts("when") or [ANY]
    number = int(block.name.rpartition(" ")[2])
    played: list[steps.Step] = []
    expectations: list[Expectation] = []
    for key in block.value:
        if key in _STEPS:
            made, expected = _steps(block, key)
            played += made
            expectations += expected
    if not played:
        block.fail("say", f"is missing: a turn has one of {', '.join(_STEPS)}.")
    return Exchange(
        number,
        tuple(_condition(block, each) for each in when),
        " or ".join(when),
        tuple(played),
        tuple(expectations),
        block.whole("times", 10**9, 1) or (1 if strict else None),
        strict or block.flag("must"),
    )


def _condition(block: Table, text: str) -> Condition:
    if text == ANY:
        return Condition()
    if source := pattern(text):
        return Condition(pattern=_compiled(block, "when", source))
    if not plain(text):
        block.fail("when", f'has no words: "{ANY}" fits whatever is said.')
    return Condition(plain(text))


def _compiled(table: Table, key: str, source: str) -> regex.Pattern[str]:
    try:
        return regex.compile(source, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError) as error:
        table.fail(key, f"is no regular expression: {error}.")


def _check_patterns(table: Table, value: Any) -> None:
    """Every ``/pattern/`` that a response is to hold is one."""
    if isinstance(value, dict):
        for below in value.values():
            _check_patterns(table, below)
    elif isinstance(value, str) and (source := pattern(value)):
        _compiled(table, "expect", source)


Made = tuple[list[steps.Step], list[Expectation]]


def _steps(table: Table, key: str) -> Made:
    return _STEPS[key](table, key)


def _list(table: Table, key: str) -> Made:
    played: list[steps.Step] = []
    expectations: list[Expectation] = []
    for row in table.tables(key):
        names = [name for name in _STEPS if name != "steps"]
        row.only(names)
        if len(row.value) != 1:
            table.fail(key, f"must be tables with one key each: one of {', '.join(names)}.")
        made, expected = _steps(row, *row.value)
        played += made
        expectations += expected
    return played, expectations


def _say(table: Table, key: str) -> Made:
    return [steps.Say(_words(table, key))], []


def _think(table: Table, key: str) -> Made:
    return [steps.Think(_words(table, key))], []


def _words(table: Table, key: str) -> str:
    text = table.text(key)
    if not text.strip():
        table.fail(key, "has no words; silence = true answers nothing.")
    return text


def _call(table: Table, key: str) -> Made:
    rows = table.tables(key)
    if not rows:
        table.fail(key, 'calls nothing: write {name = "function"}.')
    functions, expectations = [], []
    for row in rows:
        row.only(_CALL)
        name = row.text("name")
        if not name:
            table.fail(key, 'needs a name: {name = "function"}.')
        functions.append(steps.FunctionCall(name, row.json("args"), row.text("id")))
        within_s = row.number("within_s", LONGEST_S)
        if "expect" in row.value or within_s is not None:
            _check_patterns(row, row.json("expect"))
            expectations.append(Expectation(name, row.json("expect"), within_s))
    return [steps.Call(tuple(functions))], expectations


def _pause(table: Table, key: str) -> Made:
    return [steps.Pause((table.whole(key, int(LONGEST_S * 1000)) or 0) / 1000)], []


def _go_away(table: Table, key: str) -> Made:
    return [steps.GoAway(table.number(key, LONGEST_S) or 0.0)], []


def _close(table: Table, key: str) -> Made:
    row = table.table(key)
    row.only(("code", "reason"))
    code, reason = row.whole("code", 4999) or 1000, row.text("reason")
    if not any(code in codes for codes in _CODES):
        row.fail("code", "is none that a close frame may have: 1000-1003, 1007-1014, 3000-4999.")
    if len(reason.encode("utf-8", "replace")) > REASON_BYTES:
        row.fail("reason", f"is too long: a close frame has room for {REASON_BYTES} bytes.")
    return [steps.HangUp(code, reason)], []


def _frame(table: Table, key: str) -> Made:
    return [steps.Frame(table.json(key))], []


def _raw(table: Table, key: str) -> Made:
    return [steps.Frame(table.text(key).encode())], []


def _silence(table: Table, key: str) -> Made:
    if not table.flag(key):
        table.fail(key, "can only be true.")
    return [steps.Silence()], []


def _code(table: Table, key: str) -> Made:
    row = table.table(key)
    row.only(("code", "output", "failed"))
    outcome = steps.FAILED if row.flag("failed") else steps.OK
    return [steps.Code(row.text("code"), row.text("output"), outcome)], []


def _search(table: Table, key: str) -> Made:
    row = table.table(key)
    row.only(("queries", "websites"))
    found = []
    for site in row.tables("websites"):
        site.only(("title", "uri"))
        found.append(steps.Website(site.text("title"), site.text("uri")))
    return [steps.Ground(tuple(row.texts("queries")), tuple(found))], []


def _injected(table: Table, key: str) -> Made:
    value = table.value[key]
    return [steps.Inject(_fault(table, key, value))], []


def _fault(table: Table, key: str, value: object) -> Fault:
    try:
        if isinstance(value, dict):
            return Fault.of_row(value)
        return Fault.read(table.text(key))
    except FaultError as error:
        table.fail(key, f"is no fault: {error}")


_STEPS: Mapping[str, Callable[[Table, str], Made]] = {
    "say": _say,
    "think": _think,
    "call": _call,
    "pause_ms": _pause,
    "search": _search,
    "code": _code,
    "silence": _silence,
    "frame": _frame,
    "raw": _raw,
    "fault": _injected,
    "go_away_s": _go_away,
    "close": _close,
    "steps": _list,
}
"""The steps of an answer by their key; they are played in the order in which they stand."""
