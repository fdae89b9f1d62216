from __future__ import annotations

import json
import re
from typing import Any

import pytest
from google.genai import types

from tui.core import schema, wire

BEYOND_THE_MODELS = {
    "LiveClientSetup": {"realtimeInputConfig"},
    "UsageMetadata": {"candidatesTokenCount", "candidatesTokensDetails"},
    "VoiceActivity": {"type"},
}
"""Fields that `schema.json` adds to the SDK's models, for the reasons it names."""

DROPPED = {"VoiceActivity": {"voiceActivityType"}}


def reachable(message: schema.Message, seen: list[schema.Message]) -> list[schema.Message]:
    seen.append(message)
    for field in message.values():
        if field.message is not None and not any(field.message is each for each in seen):
            reachable(field.message, seen)
    return seen


def camel(name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)


def sdk_fields(name: str) -> set[str]:
    model = getattr(types, name)
    return {camel(field.alias or key) for key, field in model.model_fields.items()}


@pytest.mark.parametrize("root", ["LiveServerMessage", "LiveClientMessage"])
def test_every_message_has_the_fields_of_the_sdks_model(root: str) -> None:
    names = {id(message): name for name, message in schema.messages().items()}
    messages = reachable(schema.messages()[root], [])
    for message in messages:
        name = names[id(message)]
        fields = {field.name for field in message.values()}
        expected = sdk_fields(name) | BEYOND_THE_MODELS.get(name, set())
        assert fields == expected - DROPPED.get(name, set()), name


def test_a_field_is_found_by_both_of_its_names() -> None:
    server = schema.server()
    assert server["goAway"] is server["go_away"]
    assert server["goAway"].name == "goAway"


def test_either_direction_can_be_read_from_one_table() -> None:
    assert set(schema.either()) == {*schema.client(), *schema.server()}
    assert not set(schema.client()) & set(schema.server())


def said(message: Any, direction: str) -> tuple[wire.Fact, ...]:
    return wire.decode(json.dumps(message).encode(), direction)


USER_DATA = {"a_b": {"c_d": [{"e_f": 1}]}, "gH": 2}
"""Not the protocol's keys: they stay as the user wrote them."""


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        (
            {
                "client_content": {
                    "turn_complete": True,
                    "turns": [{"parts": [{"inline_data": {}}]}],
                }
            },
            {"clientContent": {"turnComplete": True, "turns": [{"parts": [{"inlineData": {}}]}]}},
        ),
        (
            {"realtime_input": {"audio": {"mime_type": "audio/pcm", "data": "AA=="}}},
            {"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "AA=="}}},
        ),
        (
            {
                "tool_response": {
                    "function_responses": [{"will_continue": 1, "response": USER_DATA}]
                }
            },
            {"toolResponse": {"functionResponses": [{"willContinue": 1, "response": USER_DATA}]}},
        ),
        (
            {
                "setup": {
                    "labels": {"my_team": "x"},
                    "realtime_input_config": {"turn_coverage": "A"},
                }
            },
            {"setup": {"labels": {"my_team": "x"}, "realtimeInputConfig": {"turnCoverage": "A"}}},
        ),
        (
            {
                "setup": {
                    "tools": [{"function_declarations": [{"parameters_json_schema": USER_DATA}]}]
                }
            },
            {"setup": {"tools": [{"functionDeclarations": [{"parametersJsonSchema": USER_DATA}]}]}},
        ),
        (
            {"context_update": {"system_instruction": {"parts": [{"part_metadata": USER_DATA}]}}},
            {"contextUpdate": {"systemInstruction": {"parts": [{"partMetadata": USER_DATA}]}}},
        ),
    ],
)
def test_both_casings_of_a_client_message_say_the_same(
    snake: dict[str, Any], camel: dict[str, Any]
) -> None:
    assert wire.canonical(snake) == camel
    assert said(snake, "send") == said(camel, "send")
    assert not any(fact.unknown for fact in said(snake, "send"))


def test_both_casings_of_a_server_message_say_the_same() -> None:
    turn = {"parts": [{"function_call": {"name": "f", "args": USER_DATA, "will_continue": True}}]}
    snake = {"server_content": {"model_turn": turn, "turn_complete": True}, "go_away": {}}
    (call, complete, go_away) = said(snake, "receive")
    assert call.value == {"functionCall": {"name": "f", "args": USER_DATA, "willContinue": True}}
    assert (call.kind, complete.kind) == (
        "serverContent.modelTurn.functionCall",
        "serverContent.turnComplete",
    )
    assert (call, complete, go_away) == said(wire.canonical(snake), "receive")


def test_a_parameter_schema_is_canonical_but_for_the_names_of_its_properties() -> None:
    nested = {"any_of": [{"max_items": 1}], "property_ordering": ["my_city"]}
    snake = {"type": "OBJECT", "properties": {"my_city": nested}, "default": {"my_city": 1}}
    message = {"setup": {"tools": [{"functionDeclarations": [{"parameters": snake}]}]}}
    (fact,) = said(message, "send")
    declaration = fact.value["tools"][0]["functionDeclarations"][0]
    assert declaration["parameters"] == {
        "type": "OBJECT",
        "properties": {
            "my_city": {"anyOf": [{"maxItems": 1}], "propertyOrdering": ["my_city"]},
        },
        "default": {"my_city": 1},
    }
    assert fact.unknown == ()


def test_canonical_keys_stay_as_they_are() -> None:
    message = {"setup": {"tools": [{"googleSearch": {}}]}, "new_top": {"goAway": 1}}
    assert wire.canonical(message) == message
