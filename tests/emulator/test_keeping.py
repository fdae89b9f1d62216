"""What a session keeps and for how long: handles, the context, the connection."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.emulator.cast import INVALID, LIVE, NATIVE, YOUNG, begin, known, why
from tests.emulator.driver import Client
from tui.emulator.session.resumption import LIFETIME_S, VERTEX_LIFETIME_S, Handles


def test_while_an_answer_is_generated_the_session_cannot_be_resumed() -> None:
    client = begin(LIVE, sessionResumption={})
    client.ask("Hello")
    client.run(60.0)
    updates = [
        m["sessionResumptionUpdate"] for m in client.messages if "sessionResumptionUpdate" in m
    ]
    assert [update.get("resumable", False) for update in updates] == [True, False, True]
    assert updates[1] == {}


def test_3_1_sends_handles_every_0_9_seconds_and_a_new_one_only_when_there_is_news() -> None:
    client = begin(YOUNG, sessionResumption={})
    client.run(9.1)
    handles = [m["sessionResumptionUpdate"]["newHandle"] for m in client.messages[1:]]
    assert len(handles) == 11
    assert len(set(handles)) == 1
    client.send({"realtimeInput": {"text": "Hello"}})
    client.run(30.0)
    assert client.handle() not in handles


def resume(handle: str, handles: Handles, *, vertex: bool = False, now: float = 0.0) -> Client:
    client = Client(handles=handles, vertex=vertex)
    client.now += now
    resumption = {"handle": handle}
    setup = {"model": f"models/{LIVE}", "sessionResumption": resumption}
    client.send({"setup": setup | {"outputAudioTranscription": {}}})
    return client


def left(handles: Handles, *, vertex: bool = False) -> str:
    first = Client(handles=handles, vertex=vertex)
    first.send({"setup": {"model": f"models/{LIVE}", "sessionResumption": {}}})
    first.ask("My name is Ada.")
    first.run(30.0)
    first.leave()
    return first.handle()


@pytest.mark.parametrize(("vertex", "lifetime_s"), [(False, LIFETIME_S), (True, VERTEX_LIFETIME_S)])
def test_a_handle_expires(vertex: bool, lifetime_s: float) -> None:
    handles = Handles()
    handle = left(handles, vertex=vertex)
    assert resume(handle, handles, vertex=vertex, now=lifetime_s - 60).closed is None
    stale = resume(handle, handles, vertex=vertex, now=lifetime_s + 60)
    assert why(stale) == (1008, "BidiGenerateContent session not found")


def test_a_session_is_not_resumed_while_it_is_connected() -> None:
    handles = Handles()
    first = Client(handles=handles)
    first.send({"setup": {"model": f"models/{LIVE}", "sessionResumption": {}}})
    handle = first.handle()
    assert why(resume(handle, handles)) == (1011, "Internal error encountered.")
    first.leave()
    assert resume(handle, handles).closed is None


def test_the_conversation_is_carried_over_and_the_configuration_is_not() -> None:
    handles = Handles()
    first = Client(handles=handles)
    instruction = {"parts": [{"text": "Be brief."}]}
    first.send(
        {
            "setup": {
                "model": f"models/{LIVE}",
                "sessionResumption": {},
                "systemInstruction": instruction,
            }
        }
    )
    first.ask("My name is Ada.")
    first.run(30.0)
    first.leave()
    second = resume(first.handle(), handles)
    assert second.answer("What is my name?").endswith("Ada.")
    assert second.answer("What is your instruction?") == "This session has no system instruction."


def test_transparent_resumption_counts_messages_and_starts_again_at_one() -> None:
    handles = Handles()
    handle = ""
    for _ in range(2):
        client = Client(handles=handles, vertex=True)
        resumption = {"transparent": True} | ({"handle": handle} if handle else {})
        client.send({"setup": {"model": f"models/{LIVE}", "sessionResumption": resumption}})
        assert "lastConsumedClientMessageIndex" not in client.messages[1]["sessionResumptionUpdate"]
        client.ask("My name is", complete=False)
        client.ask("Ada.")
        client.run(30.0)
        update = client.messages[-1]["sessionResumptionUpdate"]
        assert update["lastConsumedClientMessageIndex"] == "2"
        handle = client.handle()
        client.leave()


# The context and the connection


def prompts(client: Client, asked: int) -> list[int]:
    for number in range(asked):
        if client.closed is None:
            client.ask(f"Say {number} after me, please.")
            client.run(30.0)
    return [m["usageMetadata"]["promptTokenCount"] for m in client.messages if "usageMetadata" in m]


def test_a_compressed_context_falls_to_its_target() -> None:
    client = begin(
        LIVE,
        contextWindowCompression={"triggerTokens": 300, "slidingWindow": {"targetTokens": 100}},
    )
    counts = prompts(client, 30)
    falls = [after for before, after in pairwise(counts) if after < before]
    assert max(counts) < 300
    assert len(falls) > 1
    assert all(count <= 100 for count in falls)
    assert client.closed is None


@pytest.mark.parametrize(("vertex", "code", "reason"), [(False, 1007, INVALID), (True, 1000, "")])
def test_a_full_context_ends_the_session(vertex: bool, code: int, reason: str) -> None:
    client = begin(LIVE, vertex=vertex)
    for _ in range(2):
        client.ask("x" * 4 * 60_000, complete=False)
    assert client.closed is None
    client.ask("x" * 4 * 60_000, complete=False)
    assert why(client) == (code, reason)


def test_by_default_a_context_is_compressed_at_four_fifths_to_half_of_that() -> None:
    client = begin(LIVE, contextWindowCompression={})
    for _ in range(11):
        client.ask("x" * 4 * 10_000, complete=False)
    client.ask("Go.")
    client.run(30.0)
    assert client.closed is None
    assert 40_000 < client.usage()["promptTokenCount"] < 131_072 * 0.4


@pytest.mark.parametrize("name", [LIVE, YOUNG, NATIVE])
def test_a_connection_is_announced_to_end_a_minute_before_it_does(name: str) -> None:
    client = Client(ages=True)
    client.send({"setup": {"model": f"models/{name}"}})
    lifetime_s = known(name).model.connection_s
    client.run(lifetime_s - 61)
    assert "goAway" not in client.kinds()
    client.run(2.0)
    assert client.messages[-1] == {"goAway": {"timeLeft": "60s"}}
    client.run(60.0)
    assert why(client) == (1011, "Deadline expired before operation could complete.")
