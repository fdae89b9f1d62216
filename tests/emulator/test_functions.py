"""Function calls, from the question to what is made of the responses; no socket, no real clock."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.emulator.caller import (
    ASKED,
    EXTENDED,
    GEMINI_25,
    GEMINI_31,
    LIGHTS,
    TURN_END,
    TWICE,
    asked,
    calls,
    client_of,
    respond,
    say,
    stretches,
)
from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Message


def test_a_2_x_model_completes_the_turn_after_a_blocking_call() -> None:
    client = client_of(TEXT_MODEL)
    say(client, ASKED)
    client.run()
    assert client.kinds() == ["toolCall", "generationComplete", TURN_END]
    [call] = calls(client)
    client.forget()
    client.run()
    assert client.kinds() == []
    respond(client, call, {"output": "18 degrees and sunny"})
    client.run()
    assert client.kinds() == ["text", "generationComplete", TURN_END]
    assert client.words() == "Get weather: 18 degrees and sunny."


def test_a_3_x_model_waits_for_the_response_in_the_same_turn() -> None:
    client = client_of(GEMINI_31)
    say(client, ASKED)
    client.run()
    assert client.kinds() == ["toolCall"]
    respond(client, calls(client)[0], {"temperature": 18, "sky": "clear"})
    client.run()
    assert stretches(client) == ["toolCall", "answer", "generationComplete", TURN_END]
    assert client.words() == "Get weather: temperature 18 and sky clear."


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (TEXT_MODEL, r"function-call-\d{19}"),
        (GEMINI_25, r"function-call-\d{19}"),
        (GEMINI_31, r"fc_\d{16}"),
        (AUDIO_MODEL, r"fc_\d{16}"),
    ],
)
def test_ids_look_like_the_models(model: str, shape: str) -> None:
    client = client_of(model)
    call = asked(client, TWICE)
    assert re.fullmatch(shape, call["id"])
    assert list(call) == ["name", "args", "id"]


def test_calls_are_the_same_in_each_run() -> None:
    clients = [client_of(GEMINI_31), client_of(GEMINI_31)]
    assert asked(clients[0]) == asked(clients[1])


def test_vertex_calls_have_no_ids_and_are_answered_by_name() -> None:
    client = client_of(TEXT_MODEL, vertex=True)
    client.ask(TWICE)
    client.run()
    assert [list(call) for call in calls(client)] == [["name", "args"]] * 2
    client.forget()
    answers = [{"name": "get_weather", "response": {"output": sky}} for sky in ("rain", "snow")]
    client.send({"toolResponse": {"functionResponses": answers}})
    client.run()
    assert client.words() == "Get weather: rain. Get weather: snow."


def test_parallel_calls_come_in_one_message_and_all_are_waited_for() -> None:
    client = client_of(GEMINI_31)
    say(client, TWICE)
    client.run()
    [message] = client.messages
    first, second = message["toolCall"]["functionCalls"]
    assert [first["args"], second["args"]] == [{"city": "Paris"}, {"city": "London"}]
    assert first["id"] != second["id"]
    respond(client, second, {"output": "rain"})
    client.run()
    assert client.kinds() == ["toolCall"], "one is still missing"
    respond(client, first, {"output": "sun"})
    client.run()
    assert client.words() == "Get weather: rain. Get weather: sun."


def test_what_answers_no_call_is_passed_over() -> None:
    client = client_of(GEMINI_31)
    call = asked(client)
    respond(client, {"id": "fc_1", "name": "get_weather"}, {"output": "unknown"})
    client.run()
    assert client.kinds() == []
    respond(client, call, {"output": "sun"})
    respond(client, call, {"output": "again"})
    client.run()
    assert client.words() == "Get weather: sun."
    client.forget()
    respond(client, call, {"output": "again"})
    client.run()
    assert client.kinds() == []


def test_extended_thinking_takes_a_response_without_a_name_for_a_failed_call() -> None:
    client = client_of(EXTENDED)
    call = asked(client)
    answer = {"id": call["id"], "response": {"output": "sun"}}
    client.send({"toolResponse": {"functionResponses": [answer]}})
    client.run()
    assert client.words() == "Get weather failed: the response has no name."


def test_extended_thinking_says_whether_more_is_to_come() -> None:
    client = client_of(EXTENDED)
    say(client, ASKED)
    client.run()
    ends = [m["serverContent"] for m in client.messages if "turnComplete" in str(m)]
    assert ends[-1] == {"turnComplete": True, "interactionStatus": "IN_PROGRESS"}
    respond(client, calls(client)[0], {"output": "sun"})
    client.run()
    ends = [m["serverContent"] for m in client.messages if "turnComplete" in str(m)]
    assert ends[-1] == {"turnComplete": True, "interactionStatus": "IDLE"}


def test_a_silent_response_ends_the_interaction() -> None:
    client = client_of(EXTENDED)
    respond(client, asked(client), {"output": "sun"}, scheduling="SILENT")
    assert client.messages[-1] == {"serverContent": {"interactionStatus": "IDLE"}}


RESPONSES: list[tuple[Message, str]] = [
    ({}, "Get weather: done."),
    ({"output": {}}, "Get weather: done."),
    ({"error": "no such city"}, "Get weather failed: no such city."),
    ({"error": {"code": 404}}, "Get weather failed: code 404."),
    ({"output": None, "error": ""}, "Get weather: done."),
    ({"isRaining": True, "wind": None}, "Get weather: is raining yes and wind nothing."),
    (
        {"result": {"temp_c": 18.5, "sky": ["clear", "blue"]}},
        "Get weather: result (temp c 18.5 and sky clear and blue).",
    ),
    ({"list": list(range(10))}, "Get weather: list 0, 1, 2, 3, 4, 5, 6, 7 and 2 more."),
]


@pytest.mark.parametrize(("response", "words"), RESPONSES)
def test_answers_tell_the_response_in_words(response: Message, words: str) -> None:
    client = client_of(TEXT_MODEL)
    call = asked(client)
    client.send(
        {
            "toolResponse": {
                "functionResponses": [{"id": call["id"], "name": "x", "response": response}]
            }
        }
    )
    client.run()
    assert client.words() == words


def test_media_of_a_response_are_mentioned() -> None:
    client = client_of(TEXT_MODEL)
    part = {"inlineData": {"mimeType": "image/png", "data": "AAAA", "displayName": "map.png"}}
    respond(client, asked(client), {"output": {"map": {"$ref": "map.png"}}}, parts=[part])
    client.run()
    assert client.words() == "Get weather: map the file map.png; it sent image/png."


def test_a_huge_response_is_told_in_part() -> None:
    client = client_of(TEXT_MODEL)
    nested: Any = "deep"
    for _ in range(50):
        nested = {"in": nested}
    respond(client, asked(client), {"words": "long " * 10_000, "nested": nested})
    client.run()
    assert len(client.words()) < 450


BAD_RESPONSES: list[Message] = [
    {"functionResponses": [{"id": "1", "name": "f", "response": "text"}]},
    {"functionResponses": ["text"]},
    {"functionResponses": [{"id": "1", "scheduling": "SOMETIMES"}]},
    {"functionResponses": [{"id": "1", "willContinue": "yes"}]},
]


@pytest.mark.parametrize("message", BAD_RESPONSES)
def test_a_response_of_a_wrong_type_closes_the_session(message: Message) -> None:
    client = client_of(TEXT_MODEL)
    asked(client)
    client.send({"toolResponse": message})
    assert client.closed is not None
    assert client.closed.code == 1007


def test_usage_counts_calls_as_output_and_responses_apart() -> None:
    client = client_of(TEXT_MODEL)
    say(client, ASKED)
    client.run()
    call = calls(client)[0]
    assert client.usage()["responseTokenCount"] == 8
    assert "toolUsePromptTokenCount" not in client.usage()
    respond(client, call, {"output": "x" * 87})
    client.run()
    usage = client.usage()
    assert usage["toolUsePromptTokenCount"] == 26
    assert usage["toolUsePromptTokensDetails"] == [{"modality": "TEXT", "tokenCount": 26}]
    parts = ("promptTokenCount", "responseTokenCount", "toolUsePromptTokenCount")
    assert usage["totalTokenCount"] == sum(usage[part] for part in parts)


def test_functions_can_be_changed_in_the_middle_of_a_session() -> None:
    client = client_of(AUDIO_MODEL)
    client.send({"contextUpdate": {"tools": {"tools": []}}})
    assert "know only a few things" in client.answer(ASKED)
    tool = {"functionDeclarations": [LIGHTS | {"behavior": "BLOCKING"}]}
    client.send({"contextUpdate": {"tools": {"tools": [tool]}}})
    assert asked(client, "Turn on the lights!")["args"] == {}


def test_a_history_may_hold_calls_and_responses() -> None:
    client = client_of(TEXT_MODEL)
    call = {"functionCall": {"id": "1", "name": "get_weather", "args": {"city": "Paris"}}}
    answer = {"functionResponse": {"id": "1", "name": "get_weather", "response": {"output": 1}}}
    turns = [
        {"role": "user", "parts": [{"text": "My number is 7."}]},
        {"role": "model", "parts": [call]},
        {"role": "user", "parts": [answer]},
        {"role": "model", "parts": [{"text": "It is fine."}]},
        {"role": "user", "parts": [{"text": "What is my number?"}]},
    ]
    client.send({"clientContent": {"turns": turns, "turnComplete": True}})
    client.run()
    assert client.words() == "You told me the number 7."
    assert client.usage()["promptTokenCount"] > 20
