"""Where values come from: flags before the profile, the profile before the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui.core.configuration.field import Field, ValueRefused, Values, fields
from tui.core.configuration.message import DEFAULTS

FLAG, DEFAULT, MODEL = "flag", "default", "left to the model"
SESSION = "this session"


@dataclass(frozen=True, slots=True)
class Layer:
    """Values of one origin."""

    source: str
    """In words: ``flag``, ``profile kiosk``, ``default``."""
    values: Values


@dataclass(frozen=True, slots=True)
class Origin:
    """A field's value, and where it comes from; None is left to the model."""

    field: Field
    value: Any
    source: str


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """The values that hold; the first layer is the strongest."""
    values: dict[str, Any] = {}
    for layer in reversed(layers):
        values |= layer.values
    return values


def origins(layers: Sequence[Layer]) -> list[Origin]:
    """Every field, in the table's order."""
    layers = [*layers, Layer(DEFAULT, DEFAULTS)]
    return [_origin(each, layers) for each in fields().values()]


def sources(layers: Sequence[Layer], values: Values) -> dict[str, str]:
    """Where these values come from; what no layer has was changed since."""
    found = {}
    for name, value in values.items():
        layer = next((each for each in layers if name in each.values), None)
        if layer is not None and layer.values[name] == value:
            found[name] = layer.source
        elif value != DEFAULTS.get(name):
            found[name] = SESSION
    return found


def _origin(each: Field, layers: Sequence[Layer]) -> Origin:
    for layer in layers:
        if each.name in layer.values:
            return Origin(each, layer.values[each.name], layer.source)
    return Origin(each, None, MODEL)


def variable(each: Field) -> str:
    """The environment variable that sets the field."""
    return f"BIDISCOPE_{each.name.upper()}"


def of_environment(environ: Mapping[str, str]) -> list[Layer]:
    """One layer for each variable that is set, ours before the SDK's own.

    Raises:
        ValueRefused: A variable holds what its field does not take; the sentence names it.
    """
    layers = []
    for each in fields().values():
        for name in filter(None, (variable(each), each.variable)):
            if environ.get(name, "").strip():
                layers.append(Layer(name, {each.name: _read(each, name, environ[name])}))
    return layers


def _read(each: Field, name: str, text: str) -> Any:
    try:
        return each.read(text)
    except ValueRefused as error:
        raise ValueRefused(f"{name}: {error}") from None
