"""Which functions a sentence asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tui.emulator.mind.requests import MOST, calls
from tui.emulator.session.toolbox import Declaration

TODAY = date(2026, 11, 25)
STRING, WHOLE = {"type": "string"}, {"type": "integer"}


def declared(
    name: str, description: str = "", required: tuple[str, ...] = (), **properties: Any
) -> Declaration:
    schema = {"type": "object", "properties": properties, "required": [*required]}
    return Declaration(name, description, schema, blocking=True)


FUNCTIONS = [
    declared(
        "get_current_weather",
        "Get the current weather in a given location",
        ("location",),
        location=STRING | {"description": "The city, e.g. San Francisco, CA"},
        unit=STRING | {"enum": ["celsius", "fahrenheit"]},
    ),
    declared("turn_on_the_lights", "Turns on the lights"),
    declared("turn_off_the_lights"),
    declared(
        "setLightValues",
        "Set the brightness and color temperature of a room light",
        ("brightness",),
        brightness=WHOLE | {"maximum": 100},
        color_temp=STRING | {"enum": ["daylight", "cool", "warm"]},
    ),
    declared("send_message", "", ("to", "message"), to=STRING, message=STRING),
    declared("play_music", "Play a song", ("title",), title=STRING),
    declared("set_timer", "", ("minutes",), minutes=WHOLE),
    declared("add_to_list", "Adds to the shopping list", ("items",), items={"items": STRING}),
]
ASKED: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
    ("what is the weather in Paris?", [("get_current_weather", {"location": "Paris"})]),
    (
        "Could you tell me the weather in San Francisco, CA in Fahrenheit, please?",
        [("get_current_weather", {"location": "San Francisco, CA", "unit": "fahrenheit"})],
    ),
    ("how is the weather", [("get_current_weather", {"location": "San Francisco, CA"})]),
    (
        "weather in Paris and in London, please.",
        [
            ("get_current_weather", {"location": "Paris"}),
            ("get_current_weather", {"location": "London"}),
        ],
    ),
    (
        "What's the weather in Paris, Rome and New York?",
        [("get_current_weather", {"location": one}) for one in ("Paris", "Rome", "New York")],
    ),
    ("turn on the lights", [("turn_on_the_lights", {})]),
    ("Please turn off the lights!", [("turn_off_the_lights", {})]),
    ("turn on the TV", []),
    (
        "set the lights to 50 percent and warm",
        [("setLightValues", {"brightness": 50, "color_temp": "warm"})],
    ),
    (
        "turn on the lights and play Yesterday",
        [("turn_on_the_lights", {}), ("play_music", {"title": "Yesterday"})],
    ),
    (
        "send a message to Bob saying hello there",
        [("send_message", {"to": "Bob", "message": "hello there"})],
    ),
    ("set a timer for five minutes", [("set_timer", {"minutes": 5})]),
    ("add milk and bread to the list", [("add_to_list", {"items": ["milk", "bread"]})]),
    ("I like the weather.", []),
    ("My favourite weather is rain.", []),
    ("hello", []),
    ("what is 6 times 7?", []),
    ("", []),
]


@pytest.mark.parametrize(("sentence", "expected"), ASKED)
def test_functions_are_called_when_the_words_ask_for_it(
    sentence: str, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    found = calls(sentence, FUNCTIONS, TODAY)
    assert [(one.name, one.args) for one in found] == expected


def test_without_functions_nothing_is_called() -> None:
    assert calls("what is the weather in Paris?", [], TODAY) == ()


def test_one_sentence_asks_for_so_many_calls_and_no_more() -> None:
    cities = " and ".join(f"City{number}" for number in range(50))
    assert len(calls(f"The weather in {cities}", FUNCTIONS, TODAY)) == MOST
