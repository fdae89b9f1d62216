"""A configuration that is being changed: what is shown of each field, and what would be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui.core import models
from tui.core.configuration import availability
from tui.core.configuration.change import Update, context_update
from tui.core.configuration.field import Field, ValueRefused, fields
from tui.core.configuration.layers import DEFAULT, MODEL
from tui.core.configuration.message import DEFAULTS, Configuration, Setup, compose, split
from tui.core.configuration.profile import beyond
from tui.core.models import Model

HERE = "changed here"


@dataclass(frozen=True, slots=True)
class Row:
    """A field as it stands in the draft."""

    field: Field
    value: str
    """As a person would write it; empty where it is left to the model."""
    source: str
    change: str
    """`availability.LIVE` or `availability.RECONNECT`."""
    reason: str
    """Why the model has it not; empty where it has."""
    changed: bool


class Draft:
    """Changes nothing but itself; `configuration` is what came of it.

    Args:
        before: the configuration that holds, its model and modality named.
        sources: where its values come from, by field.
        origin: the service that answers now, or would where nobody names one.
    """

    def __init__(
        self, before: Configuration, sources: Mapping[str, str], origin: str = "emulator"
    ) -> None:
        self.before = self.configuration = before
        self._sources, self._origin = sources, origin

    @property
    def model(self) -> Model:
        """The model that it is for."""
        return models.model(str(self.configuration.values.get("model", "")))

    @property
    def origin(self) -> str:
        """The service that it is for."""
        return str(self.configuration.values.get("service", self._origin))

    @property
    def setup(self) -> Setup:
        """What would be sent."""
        return compose(self.configuration, self.model)

    @property
    def setup_before(self) -> Setup:
        """What was sent."""
        return compose(self.before, models.model(str(self.before.values.get("model", ""))))

    @property
    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Before and now to be compared; what is no part of a set-up is under `session`."""
        return (
            {**self.setup_before, "session": _beside(self.before)},
            {**self.setup, "session": _beside(self.configuration)},
        )

    @property
    def changed(self) -> list[str]:
        """The fields that are other than before; ``setup`` for what no field stands for."""
        names = [name for name in fields() if self._value(name) != self.before.get(name)]
        return [*names, *(["setup"] if self.configuration.rest != self.before.rest else [])]

    @property
    def update(self) -> Update | None:
        """What the session can be told of the change; None where it must connect anew."""
        if {"service", "api_version", "project", "location", "token"} & set(self.changed):
            return None
        return context_update(self.setup_before, self.setup, self.model)

    def rows(self, words: str = "") -> Iterator[Row]:
        """The fields that say all these words in name, group, value or help."""
        wanted = words.lower().split()
        for each in fields().values():
            row = self.row(each)
            said = f"{each.group} {each.label} {each.name} {row.value} {each.help}".lower()
            if all(word in said for word in wanted):
                yield row

    def row(self, each: Field) -> Row:
        """One field."""
        value = self._value(each.name)
        changed = value != self.before.get(each.name)
        source = HERE if changed else self._sources.get(each.name, "")
        unset = DEFAULT if value is not None else MODEL
        shown = "" if value is None else "***" if each.kind == "secret" else each.write(value)
        reason = availability.reason(each, self.model, self.configuration, self.origin)
        way = availability.change(each, self.model)
        return Row(each, shown, source or unset, way, reason, changed)

    def _value(self, name: str) -> Any:
        return self.configuration.get(name)

    # ---- changes

    def problem(self, each: Field, text: str) -> str:
        """Why that cannot be its value, in a sentence; empty where it can."""
        if not text.strip():
            return ""
        try:
            each.read(text)
        except ValueRefused as error:
            return str(error)
        return ""

    def write(self, each: Field, text: str) -> None:
        """Give a field the value that is written; nothing leaves it to the model.

        Raises:
            ValueRefused: It is none.
        """
        value = each.read(text) if text.strip() else None
        self.configuration = self.configuration.with_values(**{each.name: value})
        if each.name == "model":
            self._follow_model()

    def _follow_model(self) -> None:
        """Ask for the other modality where a model that is known has but that one."""
        model, written = self.model, self._value("modality") == "text"
        if model.listed and not model.speaks("TEXT" if written else "AUDIO"):
            other = "audio" if written else "text"
            self.configuration = self.configuration.with_values(modality=other)

    def clear(self, each: Field) -> None:
        """Leave the field to the model, or to the default."""
        if each.name != "model":
            self.configuration = self.configuration.with_values(**{each.name: None})

    def suggested(self, each: Field) -> tuple[str, ...]:
        """What its service and model are known to have; other things may be written, too."""
        if each.suggestions == "models":
            return tuple(models.offered(self.origin))
        return tuple(models.voices(self.model)) if each.suggestions == "voices" else each.suggested

    def turn(self, each: Field, step: int = 1) -> bool:
        """The next of its choices, after the last none; False where it has none."""
        words = self.suggested(each)
        if not words:
            return False
        ring = words if each.name in ("model", *DEFAULTS) else (*words, "")
        now = self._value(each.name)
        written = "" if now is None else each.write(now)
        at = ring.index(written) if written in ring else -1
        self.write(each, ring[(at + step) % len(ring)])
        return True

    def revert(self) -> None:
        """All as it was."""
        self.configuration = self.before

    def take(self, configuration: Configuration) -> None:
        """Another configuration, such as a profile's; its model is the one before unless named."""
        kept = {name: self.before.values[name] for name in _KEPT if name in self.before.values}
        self.configuration = replace(configuration, values={**kept, **configuration.values})

    # ---- the set-up itself

    @property
    def raw(self) -> str:
        """The set-up as JSON to be edited."""
        return json.dumps(self.setup, ensure_ascii=False, indent=2)

    def raw_problem(self, text: str) -> str:
        """Why that is no set-up, in a sentence; empty where it is."""
        try:
            setup = json.loads(text)
        except RecursionError:
            return "The set-up nests too deep: a service would refuse it."
        except ValueError as error:
            return f"This is no JSON: {error}."
        if not isinstance(setup, dict):
            return "A set-up is an object, in braces."
        why = beyond(setup)
        if not why and not isinstance(setup.get("model"), str):
            why = 'the set-up names no model: add "model": "models/NAME"'
        return f"{why[0].upper()}{why[1:]}." if why else ""

    def write_raw(self, text: str) -> None:
        """Take an edited set-up whose `raw_problem` is none; what is no part of one stays."""
        found = split(json.loads(text))
        kept = {
            name: value
            for name, value in self.configuration.values.items()
            if not fields()[name].path
        }
        views = {self.configuration.values.get("modality"), found.values.get("modality")}
        if views == {"text-view", "audio"}:  # the same to the service
            kept["modality"] = self.configuration.values["modality"]
        self.configuration = replace(found, values={**found.values, **kept})


def _beside(configuration: Configuration) -> dict[str, Any]:
    fields_ = (each for each in fields().values() if not each.path)
    values = {each.name: configuration.get(each.name) for each in fields_}
    if values.get("token"):
        values["token"] = "***"
    return {name: value for name, value in values.items() if value is not None}


_KEPT = ("model", "modality", "service", "token")
