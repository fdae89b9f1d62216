"""Arguments always fit the schema, whatever the words are."""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.emulator.mind import arguments
from tui.emulator.mind.arguments import Unfillable
from tui.emulator.mind.wording import Wording
from tui.emulator.session.toolbox import json_schema

TODAY = date(2026, 11, 25)
_WORDS = """
turn on off the lights in Paris London tomorrow to 50 5 minus 3 21.5 forty-two percent please
with Bob and Alice about 'the budget' named red warm not no from for at 10:30 2026-12-01 room
"""
_NAMES = "location city unit brightness enabled date startTime message order_id to items x"
_KEYWORDS = "type properties required items enum $ref allOf anyOf pattern minLength maximum x"

sentences = st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join) | st.text(
    max_size=60
)


def ordered(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda pair: (min(pair), max(pair))
    )


def some(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=strategies)


texts = st.one_of(
    some(description=st.sampled_from(["", "The city, e.g. San Francisco, CA", "e.g.: 'x y'"])),
    st.builds(lambda bounds: {"minLength": bounds[0], "maxLength": bounds[1]}, ordered(0, 30)),
    st.lists(st.sampled_from(["red", "warm_white", "C", "on", "10"]), min_size=1, unique=True).map(
        lambda values: {"enum": values}
    ),
    st.sampled_from([{"format": "date"}, {"format": "date-time"}, {"const": "x"}]),
).map(lambda schema: {"type": "string"} | schema)
whole = st.one_of(
    some(),
    st.builds(lambda bounds: {"minimum": bounds[0], "maximum": bounds[1]}, ordered(-99, 99)),
    st.builds(
        lambda bounds: {"exclusiveMinimum": bounds[0] - 1, "exclusiveMaximum": bounds[1] + 1},
        ordered(-99, 99),
    ),
    st.builds(
        lambda step, least: {"multipleOf": step, "minimum": least},
        st.integers(1, 9),
        st.integers(-50, 50),
    ),
    st.lists(st.integers(-9, 9), min_size=1, unique=True).map(lambda values: {"enum": values}),
)
integers = whole.map(lambda schema: {"type": "integer"} | schema)
numbers = whole.map(lambda schema: {"type": "number"} | schema)
leaves = st.one_of(texts, integers, numbers, st.just({"type": "boolean"}))


def arrays(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda one, bounds, more: (
            {"type": "array", "items": one}
            | ({"minItems": bounds[0], "maxItems": bounds[1]} if more else {})
        ),
        items,
        ordered(0, 4),
        st.booleans(),
    )


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(st.sampled_from(_NAMES.split()), values, max_size=5))
    names = st.sampled_from(sorted(properties)) if properties else st.nothing()
    required = draw(st.lists(names, unique=True))
    return {"type": "object", "properties": properties, "required": required}


schemas = objects(
    st.recursive(
        leaves,
        lambda inner: st.one_of(
            arrays(inner),
            objects(inner),
            st.lists(inner, min_size=1, max_size=3).map(lambda ways: {"anyOf": ways}),
            inner.map(lambda one: {"anyOf": [one, {"type": "null"}]}),
        ),
        max_leaves=6,
    )
)


@settings(max_examples=400, deadline=None)
@given(schemas, sentences)
def test_arguments_validate(schema: dict[str, Any], text: str) -> None:
    filled = arguments.filled(schema, Wording(text), TODAY)
    jsonschema.Draft202012Validator(schema).validate(filled)
    assert set(schema["required"]) <= set(filled)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYWORDS.split()), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(junk, sentences)
def test_what_is_no_schema_is_told_in_words(schema: Any, text: str) -> None:
    schema = schema if isinstance(schema, dict) else {"properties": {"x": schema}}
    try:
        filled = arguments.filled(schema, Wording(text), TODAY)
    except Unfillable as failure:
        assert str(failure).endswith(".")
    else:
        assert isinstance(filled, dict)


PERSON = {
    "type": "object",
    "properties": {"name": {"$ref": "#/$defs/Name"}, "parent": {"$ref": "#/$defs/Person"}},
    "required": ["name"],
}
STRING = {"type": "string"}
CITY = {"type": "object", "properties": {"city": STRING}, "required": ["city"]}
COLORS = {"type": "array", "items": {"enum": ["red", "blue", "green"]}}
EXACT: list[tuple[str, dict[str, Any], str, Any]] = [
    ("city", STRING, "the weather in New York please", "New York"),
    ("unit", {"enum": ["celsius", "fahrenheit"]}, "in Fahrenheit", "fahrenheit"),
    ("level", {"type": "integer", "maximum": 100}, "set the level to 250", 100),
    ("level", {"type": "integer"}, "twenty-five", 25),
    ("degrees", {"type": "number"}, "to 21.5 degrees", 21.5),
    ("enabled", {"type": "boolean"}, "turn it off", False),
    ("enabled", {"type": "boolean"}, "turn it on", True),
    ("when", {"type": "string", "format": "date"}, "for tomorrow", "2026-11-26"),
    ("order_id", {"type": "string", "pattern": "^A-"}, "order A-77", "A-77"),
    ("message", STRING, "tell Bob that I am late", "I am late"),
    ("colors", COLORS, "red and green", ["red", "green"]),
    ("cities", {"type": "array", "items": STRING}, "in Rome and Oslo?", ["Rome", "Oslo"]),
    ("cities", {"type": "array", "items": STRING}, "in A, B and C?", ["A", "B", "C"]),
    ("place", CITY, "in Rome", {"city": "Rome"}),
    ("x", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "7", 7),
]


@pytest.mark.parametrize(("name", "schema", "text", "expected"), EXACT)
def test_the_words_fill_what_they_say(
    name: str, schema: dict[str, Any], text: str, expected: Any
) -> None:
    for required in ([], [name]):
        whole = {"type": "object", "properties": {name: schema}, "required": required}
        assert arguments.filled(whole, Wording(text), TODAY) == {name: expected}


MADE: list[tuple[dict[str, Any], Any]] = [
    ({"type": "string", "default": "here"}, "here"),
    ({"type": "string", "examples": ["Oslo"]}, "Oslo"),
    ({"type": "string", "description": "A city, e.g. San Francisco, CA"}, "San Francisco, CA"),
    ({"type": "string", "enum": ["b", "a"]}, "b"),
    ({"type": "string"}, "some value"),
    ({"type": "string", "format": "date"}, "2026-11-25"),
    ({"type": "string", "pattern": "^[A-Z][0-9]$"}, "A1"),
    ({"type": "integer", "minimum": 3}, 3),
    ({"const": 5}, 5),
    ({"type": "null"}, None),
    ({"type": "array", "items": STRING, "minItems": 2}, ["some value", "some value"]),
    (
        {"type": "array", "items": STRING, "minItems": 2, "uniqueItems": True},
        ["some value", "2 some value"],
    ),
]


@pytest.mark.parametrize(("schema", "expected"), MADE)
def test_what_nobody_said_is_made_up_where_it_is_required(
    schema: dict[str, Any], expected: Any
) -> None:
    whole = {"type": "object", "properties": {"value": schema}}
    assert arguments.filled(whole, Wording(""), TODAY) == {}
    whole |= {"required": ["value"]}
    assert arguments.filled(whole, Wording(""), TODAY) == {"value": expected}


def test_references_are_followed_but_not_for_ever() -> None:
    schema = {
        "properties": {"person": {"$ref": "#/$defs/Person"}},
        "required": ["person"],
        "$defs": {"Person": PERSON, "Name": {"type": "string", "maxLength": 4}},
    }
    filled = arguments.filled(schema, Wording("for Ada"), TODAY)
    jsonschema.validate(filled, schema)
    assert filled["person"]["name"] == "Ada"


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"x": {"type": "string", "pattern": "^zz[0-9]{7}$"}}, "required": ["x"]},
        {"properties": {"x": {"type": "string", "pattern": "("}}, "required": ["x"]},
        {"properties": {"x": {"$ref": "#/$defs/none"}}, "required": ["x"]},
        {"properties": {"x": {"$ref": "http://127.0.0.1:9/schema"}}, "required": ["x"]},
        {"properties": {"x": {"type": "integer", "minimum": 5, "maximum": 4}}, "required": ["x"]},
        {"type": "smell"},
        {"not": {}},
    ],
)
def test_what_cannot_be_filled_is_told_in_a_sentence(schema: dict[str, Any]) -> None:
    with pytest.raises(Unfillable) as failure:
        arguments.filled(schema, Wording("anything"), TODAY)
    assert str(failure.value).endswith(".")


def test_the_apis_own_schema_is_read_like_json_schema() -> None:
    openapi = {
        "type": "OBJECT",
        "properties": {
            "city": {"type": "STRING", "minLength": "2", "nullable": True},
            "days": {"type": "ARRAY", "items": {"type": "INTEGER"}, "maxItems": "3"},
            "type": {"type": "STRING", "enum": ["hourly", "daily"], "format": "enum"},
        },
        "required": ["city"],
        "propertyOrdering": ["city"],
    }
    schema = json_schema(openapi)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["city"] == {"type": ["string", "null"], "minLength": 2}
    assert schema["properties"]["days"]["maxItems"] == 3
    filled = arguments.filled(schema, Wording("the daily weather in Rome"), TODAY)
    assert filled == {"city": "Rome", "type": "daily"}
