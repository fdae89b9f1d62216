"""Values as the JSON of a set-up, and back. What no field stands for is kept as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui.core import models, schema
from tui.core.configuration.field import Field, ValueRefused, Values, fields
from tui.core.models import Model

DEFAULTS: Values = {
    "modality": "audio",
    "history": True,
    "input_transcription": True,
    "output_transcription": True,
    "resumption": True,
}
"""What bidiscope asks for where nobody has chosen; all else is left to the model."""

Setup = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """What is asked of a session: values by field, and the part of the set-up beyond the fields."""

    values: Values = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """A field's value, or its default; None where it is left to the model."""
        return self.values.get(name, DEFAULTS.get(name))

    @property
    def manual(self) -> bool:
        """Whether the person tells when they speak."""
        return self.get("push_to_talk") is True

    @property
    def interrupts(self) -> bool:
        """Whether speech interrupts the model."""
        return bool(self.get("activity_handling") != "waits")

    @property
    def answers_oddly(self) -> bool:
        """Whether the set-up names modalities that no field stands for, such as two."""
        return _at(self.rest, _MODALITIES) is not None

    def with_values(self, **values: Any) -> Configuration:
        """The same with these values in place of its own; None takes one out."""
        merged = {**self.values, **values}
        return Configuration(
            {name: value for name, value in merged.items() if value is not None}, self.rest
        )


def compose(configuration: Configuration, model: Model) -> Setup:
    """The set-up as it would be sent to the model, its path less the service's own prefix.

    A value that was chosen stands in it, whatever the model thinks of it. A default gives way to
    what the model lacks, and a voice to answers that are written.
    """
    values = {**DEFAULTS, **configuration.values}
    if "modality" not in configuration.values and not model.speaks("AUDIO"):
        values["modality"] = "text"
    written = values["modality"] == "text"
    for name, lacks in (("resumption", not model.resumption), ("output_transcription", written)):
        values[name] = values[name] and not (lacks and name not in configuration.values)
    if written:
        values = {name: value for name, value in values.items() if name not in _SPOKEN}
    setup: Setup = copy.deepcopy(dict(configuration.rest))
    if model.client_content == "history":
        setup.setdefault("historyConfig", dict(_SEEDED))
    values["model"] = f"models/{model.name}"
    if configuration.answers_oddly:
        del values["modality"]
    for each in fields().values():
        if each.path and each.name in values:
            _put(setup, each, values[each.name])
    for each in fields().values():  # last, so that what is off takes all below it along
        if each.kind == "presence" and values.get(each.name) is False:
            _take(setup, each.path.split("."))
    return setup


_SPOKEN = ("voice", "language")
_MODALITIES = ["generationConfig", "responseModalities"]
_SEEDED = {"initialHistoryInClientContent": True}


def split(setup: Mapping[str, Any]) -> Configuration:
    """The values that stand in a set-up, and what is left of it; `compose` puts them together.

    Keys may have either spelling. A value that its field does not take is left where it is.
    """
    rest, _ = schema.read(copy.deepcopy(dict(setup)), schema.messages()["LiveClientSetup"])
    values: dict[str, Any] = {}
    presences = [each for each in fields().values() if each.kind == "presence"]
    written = False
    for each in presences:
        found = _at(rest, each.path.split("."), default=_ABSENT)
        if isinstance(found, dict):
            values[each.name] = True
        elif found is _ABSENT and each.name in DEFAULTS:
            values[each.name] = False
    for each in fields().values():
        if each.path and each.kind != "presence":
            value = None if each.name in _SPOKEN and written else _drawn(rest, each)
            if value is not None:
                values[each.name] = value
        written = values.get("modality") == "text"
    seeded = models.model(values.get("model", "")).client_content == "history"
    if seeded and rest.get("historyConfig") == _SEEDED:
        del rest["historyConfig"]
    for each in presences:
        if _at(rest, each.path.split(".")) == {}:
            _take(rest, each.path.split("."))
    return Configuration(values, rest)


# ---- into the set-up


def _put(setup: Setup, each: Field, value: Any) -> None:
    match each.kind:
        case "tool":
            if value:
                setup["tools"] = [*_list(setup, "tools"), {each.path[6:-1]: {}}]
        case "safety":
            row = {"category": each.path[15:-1], "threshold": each.choices[value]}
            setup["safetySettings"] = [*_list(setup, "safetySettings"), row]
        case "presence":
            if value:
                _set(setup, each.path.split("."), {}, keep=True)
        case "lines":
            setup["systemInstruction"] = {"parts": [{"text": value}], "role": "user"}
        case _:
            said = each.choices[value] if each.choices else value
            said = [said] if each.name == "modality" else said
            said = dict(pair.split("=", 1) for pair in said) if each.kind == "pairs" else said
            _set(setup, each.path.split("."), said)


def _list(setup: Setup, name: str) -> list[Any]:
    there = setup.get(name)
    return there if isinstance(there, list) else []


def _set(setup: Setup, steps: list[str], value: Any, *, keep: bool = False) -> None:
    for step in steps[:-1]:
        below = setup.get(step)
        setup[step] = below if isinstance(below, dict) else {}
        setup = setup[step]
    if not (keep and steps[-1] in setup):
        setup[steps[-1]] = value


# ---- out of it


def _drawn(rest: Setup, each: Field) -> Any:
    """The field's value, taken out; None where there is none that the field takes."""
    if each.kind in ("tool", "safety"):
        return _drawn_row(rest, each)
    steps = each.path.split(".")
    value = _read(each, _at(rest, steps))
    if value is not None:
        _take(rest, steps)
    return value


def _read(each: Field, found: Any) -> Any:
    if each.name == "model":
        found = found.rpartition("/")[2] if isinstance(found, str) else None
    elif each.kind == "lines":
        found = _only_text(found)
    elif each.kind == "pairs":
        found = _paired(found)
    elif each.name == "modality":
        found = found[0] if isinstance(found, list) and len(found) == 1 else None
    if each.choices:
        words = (word for word, said in each.choices.items() if said == found)
        return next(words, None)
    try:
        return None if found is None else each.check(found)
    except ValueRefused:
        return None


def _paired(found: Any) -> list[str] | None:
    """An object of texts as pairs; one that cannot be written so is left where it is."""
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        return None
    return [f"{name}={value}" for name, value in found.items()]


def _only_text(found: Any) -> str | None:
    """The text of a `Content` that is nothing else; its role may be left out."""
    match found:
        case {"parts": [{"text": str(text), **more}], **others}:
            return None if more or others not in ({}, {"role": "user"}) else text
    return None


def _drawn_row(rest: Setup, each: Field) -> Any:
    name = "tools" if each.kind == "tool" else "safetySettings"
    rows = _list(rest, name)
    for row, value in _rows(rows, each):
        rows.remove(row)
        if not rows:
            del rest[name]
        return value
    return None


def _rows(rows: list[Any], each: Field) -> Iterator[tuple[Any, Any]]:
    for row in rows:
        if each.kind == "tool" and row == {each.path[6:-1]: {}}:
            yield row, True
        for word, said in each.choices.items():
            if row == {"category": each.path[15:-1], "threshold": said}:
                yield row, word


_ABSENT = object()


def _at(setup: Any, steps: Sequence[str], default: Any = None) -> Any:
    for step in steps:
        setup = setup.get(step, default) if isinstance(setup, dict) else default
    return setup


def _take(setup: Any, steps: list[str]) -> bool:
    """Take a value out, and the objects that held nothing else, but for those that mean a thing."""
    if not isinstance(setup, dict) or steps[0] not in setup:
        return False
    if len(steps) > 1:
        if not _take(setup[steps[0]], steps[1:]):
            return False
        if setup[steps[0]] != {} or steps[0] in _MEANT_EMPTY:
            return True
    del setup[steps[0]]
    return True


_MEANT_EMPTY = frozenset(
    each.path.split(".")[-1] for each in fields().values() if each.kind == "presence"
)
