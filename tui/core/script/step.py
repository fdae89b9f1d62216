"""One step of a script, and the table of all verbs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tui.core import query
from tui.core.configuration.field import fields
from tui.core.fields import QueryError
from tui.core.tool import SCHEDULES

WAITS = ("connected", "turn", "passage", "call", "closed")
"""What can be waited for by name; all else is a query."""
MOMENTS = {
    "connected": "the server has accepted the setup",
    "turn": "a turn that began after the last input is complete, and was heard where it is played",
    "passage": "what was said after the last input is final, and translated by a model that does",
    "call": "the model waits for the answer to a function call",
    "closed": "the connection is over",
}
VIEWS = ("audio", "text-view", "text")
LONGEST_S = 86_400.0


class ScriptError(ValueError):
    """What is wrong with a script, in a sentence that names the place."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next."""

    verb: str
    value: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    """Where it stands: `line 3` or `step 3`."""
    folder: str = ""
    """Of the script; empty for lines that are typed."""

    @property
    def words(self) -> str:
        """The step as it would be typed."""
        if self.value is True:
            return self.verb
        shown = self.value if isinstance(self.value, str) else json.dumps(self.value)
        return f"{self.verb} {shown}"

    @property
    def path(self) -> Path:
        """The file that it names, looked for beside the script."""
        return Path(self.folder, Path(str(self.value)).expanduser())


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the language."""

    form: str
    meaning: str
    read: Callable[[Any], Any]
    """The value, checked; raises ValueError with a clause."""
    options: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


def step(verb: str, value: Any, options: Mapping[str, Any], place: str) -> Step:
    """A checked step; raises `ScriptError`."""
    known = VERBS.get(verb)
    if known is None:
        near = get_close_matches(verb, VERBS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(VERBS)}"
        raise ScriptError(f"{place}: there is no {verb!r}: {hint}")
    for name in options:
        if name not in known.options:
            have = f"it has {', '.join(known.options)}" if known.options else "it has none"
            raise ScriptError(f"{place}: {verb} has no option {name!r}: {have}")
    try:
        read = {name: known.options[name](each) for name, each in options.items()}
        return Step(verb, known.read(value), read, place)
    except (ValueError, QueryError) as error:
        raise ScriptError(f"{place}: {verb}: {error}; write {known.form}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("it needs a text")
    return value


def _nothing(value: Any) -> bool:
    if value not in ("", True):
        raise ValueError("it takes no value")
    return True


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 < seconds <= LONGEST_S:
        raise ValueError("it needs a number of seconds above 0")
    return seconds


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"that is no JSON ({error})") from None
    if not isinstance(value, dict):
        raise ValueError("it needs a JSON object")
    return value


def _reply(value: Any) -> dict[str, Any]:
    """``NAME {json}``, or a table with name and response."""
    if isinstance(value, str):
        name, _, response = value.partition(" ")
        return {"name": name if name != "{" else "", "response": _object(response or "{}")}
    reply = _object(value)
    _text(reply.get("name"))
    _object(reply.get("response", {}))
    return {"response": {}, **reply}


def _wait(value: Any) -> str:
    text = _text(value)
    if text not in WAITS:
        query.parse(text)
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return str(value)

    return read


def _flag(value: Any) -> bool:
    if value not in (True, False, "true", "false"):
        raise ValueError("continues is true or false")
    return value in (True, "true")


EXPECTATIONS: Mapping[str, Callable[[Any], Any]] = {
    "answer": lambda value: _pattern(value),
    "heard": lambda value: _pattern(value),
    "tool": _text,
    "match": lambda value: query.parse(_text(value)) and value,
    "findings": _one_of(("none", "note", "warning")),
    "latency-ratio": _seconds,
}
"""What a step may expect of the turn, the session, the wire."""


def _pattern(value: Any) -> str:
    try:
        re.compile(_text(value))
    except re.error as error:
        raise ValueError(f"that is no regular expression ({error})") from None
    return str(value)


def _expect(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        what, _, rest = value.strip().partition(" ")
        value = {what: rest.strip()}
    if not isinstance(value, dict) or not value:
        raise ValueError(f"it needs one of {', '.join(EXPECTATIONS)}")
    for what in value:
        if what not in EXPECTATIONS:
            raise ValueError(f"{what!r} is none of {', '.join(EXPECTATIONS)}")
    return {what: EXPECTATIONS[what](wanted) for what, wanted in value.items()}


_TIMEOUT = {"timeout": _seconds}

VERBS: Mapping[str, Verb] = {
    "say": Verb("say TEXT", "sends a typed question", _text),
    "audio": Verb("audio FILE", "sends the sound of a file in real time, as if spoken", _text),
    "image": Verb("image FILE", "sends a picture as one of the camera's", _text),
    "tool-reply": Verb(
        "tool-reply NAME {json} scheduling=SILENT continues=true",
        "answers the oldest pending call of that name; one that continues waits for more",
        _reply,
        {"scheduling": _one_of(SCHEDULES), "continues": _flag},
    ),
    "send": Verb("send {json}", "sends a raw message of the protocol", _object),
    "interrupt": Verb("interrupt", "stops the answer", _nothing),
    "go-on": Verb("go-on", "asks for the rest of the answer that was interrupted", _nothing),
    "modality": Verb(f"modality {'|'.join(VIEWS)}", "how answers come", _one_of(VIEWS)),
    "model": Verb("model NAME", "goes on with another model", _text),
    "connect": Verb("connect", "connects again, carrying over what was said", _nothing),
    "disconnect": Verb("disconnect", "closes the connection", _nothing),
    "sleep": Verb("sleep SECONDS", "does nothing", _seconds),
    "wait": Verb(
        f"wait {'|'.join(WAITS)}|QUERY timeout=SECONDS",
        "goes on when that has come since the last input",
        _wait,
        _TIMEOUT,
    ),
    "expect": Verb(
        f"expect {'|'.join(EXPECTATIONS)} VALUE",
        "fails where it does not hold of what came since the last input",
        _expect,
    ),
}
FILES = frozenset({"audio", "image"})
"""What names a file."""
INPUTS = frozenset({"say", "audio", "image", "tool-reply", "send", "interrupt", "go-on"})
"""What `wait` and `expect` look back to."""


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
        raise ValueError("it needs a number above 0")
    return float(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is true or false")
    return value


def _names(value: Any) -> list[str]:
    rows = value if isinstance(value, list) else [value]
    return [_text(each) for each in rows]


def _fields(value: Any) -> dict[str, Any]:
    """Fields of the configuration and their values, as a profile has them."""
    found = {}
    if not isinstance(value, dict):
        raise ValueError("it needs a table of fields")
    for name, each in value.items():
        known = fields().get(name.replace("-", "_"))
        if known is None or known.kind == "secret":
            raise ValueError(f"{name} is no field: bidiscope config show lists them")
        found[known.name] = known.check(each)
    return found


SETTINGS: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "model": _text,
    "modality": _one_of(VIEWS),
    "voice": _text,
    "system": _text,
    "profile": _text,
    "set": _fields,
    "tools": _names,
    "scenario": _text,
    "emulator": _switch,
    "timeout": _number,
    "budget": _number,
}
"""What a TOML script may say before its steps; flags of the command come before it."""
