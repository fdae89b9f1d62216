"""Calls that are waited for, or not: what interrupts, what is put off, what is called off."""

from __future__ import annotations

import pytest

from tests.emulator.caller import (
    ASKED,
    GEMINI_31,
    TURN_END,
    TWICE,
    asked,
    calls,
    client_of,
    respond,
    say,
    stretches,
)
from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL


def test_a_model_of_3_8_does_not_wait_unless_it_is_told_to() -> None:
    client = client_of(AUDIO_MODEL)
    say(client, ASKED)
    client.run()
    assert stretches(client) == ["toolCall", "answer", "generationComplete", TURN_END]
    assert client.words() == "I have called get weather. We can talk on meanwhile."
    waiting = client_of(AUDIO_MODEL, behavior="BLOCKING")
    say(waiting, ASKED)
    waiting.run()
    assert waiting.kinds() == ["toolCall"]


def test_a_synchronous_model_waits_whatever_is_declared() -> None:
    client = client_of(GEMINI_31, behavior="NON_BLOCKING")
    say(client, ASKED)
    client.run()
    assert client.kinds() == ["toolCall"]


def test_the_conversation_goes_on_while_a_call_is_pending() -> None:
    client = client_of(AUDIO_MODEL)
    call = asked(client)
    assert client.answer("What is 6 * 7?") == "That is 42."
    client.forget()
    respond(client, call, {"output": "sun"})
    client.run()
    assert stretches(client) == ["answer", "generationComplete", TURN_END]
    assert client.words() == "Get weather: sun."


def test_by_default_a_response_waits_until_nobody_speaks() -> None:
    client = client_of(AUDIO_MODEL)
    call = asked(client)
    say(client, "Tell me a very long story.")
    client.run(2.0)
    respond(client, call, {"output": "sun"})
    client.run()
    assert stretches(client) == ["answer", "generationComplete", TURN_END] * 2
    assert client.words().endswith("That is the end of the story.Get weather: sun.")


@pytest.mark.parametrize("inside", [False, True])
def test_a_response_may_interrupt(inside: bool) -> None:
    client = client_of(AUDIO_MODEL)
    call = asked(client)
    say(client, "Tell me a very long story.")
    client.run(2.0)
    client.forget()
    more = {"scheduling": "INTERRUPT"}
    response = {"output": "sun"} | (more if inside else {})
    respond(client, call, response, **({} if inside else more))
    assert client.kinds()[:2] == ["interrupted", TURN_END]
    client.run()
    assert stretches(client)[2:] == ["answer", "generationComplete", TURN_END]
    assert client.words() == "Get weather: sun."


@pytest.mark.parametrize("scheduling", ["INTERRUPT", "WHEN_IDLE"])
def test_responses_that_come_together_are_answered_together(scheduling: str) -> None:
    client = client_of(AUDIO_MODEL)
    say(client, TWICE)
    client.run()
    answers = [
        {"id": call["id"], "name": "get_weather", "scheduling": scheduling, "response": {"n": n}}
        for n, call in enumerate(calls(client))
    ]
    client.forget()
    client.send({"toolResponse": {"functionResponses": answers}})
    client.run()
    assert stretches(client) == ["answer", "generationComplete", TURN_END]
    assert client.words() == "Get weather: n 0. Get weather: n 1."


def test_a_silent_response_is_only_remembered() -> None:
    client = client_of(AUDIO_MODEL, sessionResumption={})
    call = asked(client)
    client.answer("What is 6 * 7?")
    before = client.usage()["promptTokenCount"]
    client.forget()
    respond(client, call, {"output": "sun " * 100}, scheduling="SILENT")
    client.run()
    assert client.kinds() == []
    assert client.answer("What is 6 * 7?") == "That is 42."
    assert client.usage()["promptTokenCount"] > before + 90


def test_vertex_ignores_scheduling() -> None:
    client = client_of(AUDIO_MODEL, vertex=True)
    client.ask(ASKED)
    client.run()
    client.forget()
    respond(client, {"id": "", "name": "get_weather"}, {"output": "sun"}, scheduling="SILENT")
    client.run()
    assert client.words() == "Get weather: sun."


def test_a_generator_may_answer_many_times() -> None:
    client = client_of(AUDIO_MODEL)
    call = asked(client)
    for city in ("one", "two"):
        respond(client, call, {"output": city}, willContinue=True)
        client.run()
        assert client.words() == f"Get weather: {city}."
        client.forget()
    respond(client, call, {}, willContinue=False, scheduling="SILENT")
    respond(client, call, {"output": "three"})
    client.run()
    assert client.kinds() == [], "it was over"


@pytest.mark.parametrize("model", [TEXT_MODEL, GEMINI_31])
def test_an_interruption_cancels_what_the_model_waits_for(model: str) -> None:
    client = client_of(model)
    say(client, TWICE)
    client.run()
    ids = [call["id"] for call in calls(client)]
    client.forget()
    say(client, "What is 6 * 7?")
    expected = ["interrupted", "toolCallCancellation", TURN_END]
    in_turn = model == GEMINI_31
    assert client.kinds()[:3] == expected if in_turn else client.kinds() == expected[1:2]
    cancelled = next(m["toolCallCancellation"] for m in client.messages if "Cancell" in str(m))
    assert cancelled == {"ids": ids}
    client.run()
    assert client.words() == "That is 42."
    client.forget()
    respond(client, {"id": ids[0], "name": "get_weather"}, {"output": "late"})
    client.run()
    assert client.kinds() == []


def test_speech_cancels_what_the_model_waits_for() -> None:
    client = client_of(TEXT_MODEL)
    asked(client)
    client.understood.append("What is 6 * 7?")
    client.sound(1.0, speech=0.9)
    assert client.kinds() == ["toolCallCancellation"]
    client.sound(2.0)
    client.run()
    assert client.words() == "That is 42."


def test_interrupting_the_running_line_cancels_its_call() -> None:
    client = client_of(AUDIO_MODEL)
    say(client, ASKED)
    client.run(0.5)
    client.forget()
    client.send({"clientContent": {"turnComplete": False}})
    assert client.kinds() == ["interrupted", "toolCallCancellation", TURN_END]


def test_speech_that_may_not_interrupt_waits_for_the_call() -> None:
    config = {"activityHandling": "NO_INTERRUPTION"}
    client = client_of(TEXT_MODEL, realtimeInputConfig=config)
    call = asked(client)
    client.understood.append("What is 6 * 7?")
    client.sound(1.0, speech=0.9)
    client.sound(2.0)
    client.run()
    assert client.kinds() == []
    respond(client, call, {"output": "sun"})
    client.run()
    assert client.kinds() == ["text", "generationComplete", TURN_END] * 2
    assert client.words() == "Get weather: sun.That is 42."
