"""Arguments that fit a function's schema, filled from the words of a request.

What the words say comes first, then the schema's own default, then an example; a required value
that is nowhere to be found is made up, and looks it. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tui.emulator.mind.wording import Wording
from tui.emulator.session.toolbox import spelt

DEPTH = 8
"""Objects in objects that are filled."""
_NOTHING: Any = object()
_DAYS = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_ON = r"\b(?:on|enable|start|open|activate|true|yes)\b"
_OFF = r"\b(?:off|disable|stop|close|deactivate|without|false|no|not|don't)\b"
_SWITCHES = {"on", "enabled", "enable", "state", "power", "active", "status", "open"}
_EXAMPLE = re.compile(r"\be\.?g\.?,?:?\s*[\"'“`]?([^\"'”`();]+?)[\"'”`]?(?:[;)]|\.?\s*$|, or\b)")
_MADE = ("text", "12345", "A1", "a", "2026-01-31", "12:00", "+15550123456", "me@example.com")
"""Tried in turn where a pattern must be matched."""
_FORMATS = {
    "time": "12:00:00Z",
    "email": "me@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "hostname": "example.com",
}


class Unfillable(Exception):
    """No arguments were found that fit; the message says why, in a sentence."""


def prepare() -> None:
    """Import what `filled` needs, which takes longer than a session should have to wait."""
    import jsonschema  # noqa: F401
    import referencing  # noqa: F401


def filled(schema: Mapping[str, Any], wording: Wording, today: date) -> dict[str, Any]:
    """Arguments for ``schema``; raises `Unfillable` where they could not be made to fit."""
    import jsonschema
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
        validator.check_schema(schema)
        filler = _Filler(schema, wording, today)
        arguments: dict[str, Any] = filler.object(schema, DEPTH, must=True)
        # A registry of its own, so that no schema makes it fetch another one.
        validator(schema, registry=Registry()).validate(arguments)
    except jsonschema.ValidationError as error:
        where = spelt(str(error.path[-1])) if error.path else "them"
        raise Unfillable(f"I found nothing that fits for {where}: {error.message}.") from None
    except Unresolvable:
        raise Unfillable("Its schema refers to what is not there.") from None
    except (jsonschema.SchemaError, re.error, RecursionError) as error:
        raise Unfillable(f"Its schema is none: {getattr(error, 'message', error)}.") from None
    return arguments


def told(schema: Mapping[str, Any], wording: Wording, today: date) -> dict[str, Any]:
    """Only the arguments that the words say."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    filler = _Filler(schema, wording, today)
    values = {name: filler.value(one, name, DEPTH, must=False) for name, one in properties.items()}
    return {name: value for name, value in values.items() if value is not _NOTHING}


class _Filler:
    """Fills one call; `must` is for values that have to be there."""

    def __init__(self, root: Mapping[str, Any], wording: Wording, today: date) -> None:
        self._root, self._wording, self._today = root, wording, today

    def object(self, schema: Mapping[str, Any], depth: int, *, must: bool) -> Any:
        schema = self._resolved(schema, depth)
        properties, required = schema.get("properties", {}), schema.get("required", ())
        if not isinstance(properties, dict) or not isinstance(required, list | tuple):
            return {}
        # What must be there takes its words first.
        order = sorted(properties, key=lambda name: name not in required)
        values = {
            name: self.value(properties[name], name, depth - 1, must=must and name in required)
            for name in order
        }
        values = {name: values[name] for name in properties if values[name] is not _NOTHING}
        if values and not must:  # It is there after all, so it has to be whole.
            return values | {
                name: self.value(properties[name], name, depth - 1, must=True)
                for name in required
                if name not in values and name in properties
            }
        return values if values or must else _NOTHING

    def value(self, schema: Any, name: str, depth: int, *, must: bool) -> Any:
        if depth < 0 or not isinstance(schema, dict):
            return "" if must else _NOTHING
        schema = self._resolved(schema, depth)
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        if alternatives:
            return self._alternative(schema, alternatives, name, depth, must=must)
        if "const" in schema:
            return schema["const"] if must else _NOTHING
        found = self._told(schema, name, depth)
        return self._made(schema, name, depth) if found is _NOTHING and must else found

    def _resolved(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """The schema without references, and with what it is all of."""
        whole = dict(schema)
        for _ in range(depth):
            if not isinstance(reference := whole.pop("$ref", None), str):
                break
            target: Any = self._root
            for step in reference.removeprefix("#").strip("/").split("/"):
                target = target.get(step, {}) if isinstance(target, dict) and step else target
            whole = (dict(target) if isinstance(target, dict) else {}) | whole
        for one in whole.pop("allOf", ()):
            part = self._resolved(one, depth - 1) if depth > 0 and isinstance(one, dict) else {}
            both = ("properties", dict), ("required", list)
            joined = {
                key: _joined(kind(whole.get(key) or kind()), part[key])
                for key, kind in both
                if key in part
            }
            whole = part | whole | joined
        return whole

    def _alternative(
        self, schema: dict[str, Any], alternatives: list[Any], name: str, depth: int, *, must: bool
    ) -> Any:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        ways = [rest | one for one in alternatives if isinstance(one, dict)]
        ways = [way for way in ways if way.get("type") != "null"] or ways
        for way in ways:
            if (value := self.value(way, name, depth - 1, must=False)) is not _NOTHING:
                return value
        return self.value(ways[0], name, depth - 1, must=True) if must and ways else _NOTHING

    def _told(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        """What the words say of it; or nothing."""
        if "enum" in schema:
            return self._wording.choice(schema["enum"], _NOTHING)
        match _kind(schema):
            case "boolean":
                return self._switch(name)
            case "integer" | "number" as kind:
                number = self._wording.number(name)
                return _NOTHING if number is None else _bounded(number, schema, kind)
            case "string":
                found = _sized(self._date(schema, name) or self._wording.phrase(name) or "", schema)
                return found if found.strip(".") and _matches(found, schema) else _NOTHING
            case "array":
                return self._list(schema, name, depth)
            case "object":
                return self.object(schema, depth, must=False)
        return _NOTHING

    def _switch(self, name: str) -> Any:
        text, words = self._wording.text.lower(), spelt(name)
        if re.search(rf"\b(?:no|not|without|don't|disable) (?:\w+ )?{re.escape(words)}\b", text):
            return False
        if _SWITCHES.intersection(words.split()):
            if re.search(_OFF, text):
                return False
            if re.search(_ON, text):
                return True
        return True if re.search(rf"\b{re.escape(words)}\b", text) else _NOTHING

    def _date(self, schema: dict[str, Any], name: str) -> str | None:
        form = schema.get("format")
        dated = form in ("date", "date-time") or spelt(name).split()[-1:] == ["date"]
        if not dated:
            return None
        if exact := re.search(r"\b\d{4}-\d\d-\d\d\b", self._wording.text):
            return _moment(exact[0], form)
        for word, days in _DAYS.items():
            if re.search(rf"\b{word}\b", self._wording.text, re.I):
                return _moment((self._today + timedelta(days)).isoformat(), form)
        return None

    def _list(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        items = schema.get("items")
        items = self._resolved(items, depth - 1) if isinstance(items, dict) and depth > 0 else {}
        if "enum" in items:
            found = self._wording.choices(items["enum"])
        elif _kind(items) in ("integer", "number"):
            numbers = self._wording.numbers()
            found = [_bounded(number, items, _kind(items)) for number in numbers]
        elif items.get("type") == "string" and "const" not in items:
            found = [_sized(one, items) for one in self._wording.phrases(name)]
        else:
            one = self.value(items, name, depth - 1, must=False) if items else _NOTHING
            found = [] if one is _NOTHING else [one]
        return self._counted(found, schema, items, name, depth) if found else _NOTHING

    def _counted(
        self, found: list[Any], schema: dict[str, Any], items: dict[str, Any], name: str, depth: int
    ) -> list[Any]:
        """As many as there must be; made-up ones are told apart by their number."""
        if schema.get("uniqueItems"):
            found = [one for index, one in enumerate(found) if one not in found[:index]]
        choices = [one for one in items.get("enum", ()) if one not in found]
        while len(found) < schema.get("minItems", 0):
            if choices:
                found.append(choices.pop(0))
                continue
            one = self.value(items, name, depth - 1, must=True) if items else name
            again = schema.get("uniqueItems") and one in found
            if again and isinstance(one, str):
                one = _sized(f"{len(found) + 1} {one}", items)
            elif again and _kind(items) in ("integer", "number"):
                one = _bounded(max(found) + items.get("multipleOf", 1), items, _kind(items))
            found.append(one)
        return found[: schema.get("maxItems")]

    def _made(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        """A value where one must be and the words say none."""
        for given in (schema.get("default"), *schema.get("examples", ()), schema.get("example")):
            if given is not None:
                return given
        if "enum" in schema:
            return schema["enum"][0] if schema["enum"] else None
        kind = _kind(schema)
        match kind:
            case "boolean":
                return True
            case "integer" | "number":
                return _bounded(schema.get("minimum", 1), schema, kind)
            case "array":
                items = schema.get("items")
                items = self._resolved(items, depth) if isinstance(items, dict) else {}
                return self._counted([], schema, items, name, depth)
            case "object":
                return self.object(schema, depth, must=True)
            case "null":
                return None
        return self._made_text(schema, name)

    def _made_text(self, schema: dict[str, Any], name: str) -> str:
        form = schema.get("format")
        if form in ("date", "date-time"):
            return _moment(self._today.isoformat(), form)
        example = _EXAMPLE.search(str(schema.get("description", "")))
        words = example[1].strip() if example else _FORMATS.get(str(form))
        words = words or self._wording.rest() or f"some {spelt(name)}"
        tries = [_sized(one, schema) for one in (words, *_MADE)]
        return next((one for one in tries if _matches(one, schema)), tries[0])


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kind)


def _joined(mine: Any, other: Any) -> Any:
    return mine | other if isinstance(mine, dict) else [*mine, *other]


def _moment(day: str, form: str | None) -> str:
    return f"{day}T12:00:00Z" if form == "date-time" else day


def _matches(text: str, schema: Mapping[str, Any]) -> bool:
    pattern = schema.get("pattern")
    return not isinstance(pattern, str) or re.search(pattern, text) is not None


def _sized(text: str, schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    return text.ljust(least, ".")[:most]


def _bounded(number: float, schema: Mapping[str, Any], kind: str) -> float | int:
    """The nearest number that the schema allows, as far as bounds and steps go."""
    whole = kind == "integer"
    step = schema.get("multipleOf") or (1 if whole else 0)
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above: Any = schema.get("exclusiveMinimum")
    below: Any = schema.get("exclusiveMaximum")
    if _is_number(above):
        least = max(least, above + (step or max(abs(above), 1) * 1e-9))
    if _is_number(below):
        most = min(most, below - (step or max(abs(below), 1) * 1e-9))
    number = min(max(number, least), most)
    if step:
        number = round(number / step) * step
        number += step if number < least else 0
        number -= step if number > most else 0
    return int(number) if whole or float(number).is_integer() else float(number)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
