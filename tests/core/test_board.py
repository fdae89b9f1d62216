"""The board: each call, how it stands, who waits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.script import Script
from tui.core import reply
from tui.core.bench import Bench, delay_s
from tui.core.tool import Tool
from tui.core.tool_call import CallState, ToolCall, Waits

DECLARED: dict[str, Any] = {"name": "f", "parameters": {}}


def called(*calls: tuple[str, str]) -> Script:
    script = Script()
    script.connect()
    script.ask(1.0, "Do it.")
    rows = [{"id": key, "name": name, "args": {"n": 1}} for key, name in calls]
    script.receive(2.0, toolCall={"functionCalls": rows})
    return script


def answer(script: Script, at_s: float, **row: Any) -> None:
    script.send(at_s, toolResponse={"functionResponses": [{"response": {}, **row}]})


def states(script: Script) -> list[CallState]:
    return [call.state for call in script.session.board.calls]


def test_a_call_is_pending_until_it_is_answered() -> None:
    script = called(("a", "f"), ("b", "g"))
    board = script.session.board
    assert [call.name for call in board.pending] == ["f", "g"]
    assert board.pending[0].lasted_s(5.0) == 3.0
    answer(script, 4.0, id="b", name="g")
    assert states(script) == [CallState.PENDING, CallState.ANSWERED]
    assert board.calls[1].lasted_s(9.0) == 2.0
    assert [call.number for call in board.of_message(board.calls[0].seq)] == [1, 2]
    assert script.session.turns[0].calls == board.calls


def test_an_answer_that_tells_of_an_error_is_a_failure() -> None:
    script = called(("a", "f"))
    answer(script, 3.0, id="a", name="f", response={"error": "no net"})
    assert states(script) == [CallState.FAILED]
    assert script.session.board.calls[0].error == "no net"


def test_what_continues_is_not_over() -> None:
    script = called(("a", "f"))
    answer(script, 3.0, id="a", name="f", willContinue=True)
    assert states(script) == [CallState.PENDING]
    answer(script, 4.0, id="a", name="f")
    assert states(script) == [CallState.ANSWERED]
    assert len(script.session.board.calls[0].answers) == 2


def test_an_answer_after_the_turn_is_in_time() -> None:
    """A call ends its turn with some models, and blocks none with others."""
    script = called(("a", "f"))
    script.complete(2.5)
    answer(script, 30.0, id="a", name="f")
    assert states(script) == [CallState.ANSWERED]


def test_an_answer_after_the_cancellation_is_late() -> None:
    script = called(("a", "f"), ("b", "g"))
    script.receive(3.0, toolCallCancellation={"ids": ["a", "b", 7, "c"]})
    answer(script, 4.0, id="a", name="f")
    assert states(script) == [CallState.LATE, CallState.CANCELLED]
    assert not script.session.board.pending


def test_a_cancellation_that_crosses_the_answer_changes_nothing() -> None:
    script = called(("a", "f"))
    answer(script, 3.0, id="a", name="f")
    script.receive(3.1, toolCallCancellation={"ids": ["a"]})
    assert states(script) == [CallState.ANSWERED]


def test_calls_end_with_their_connection() -> None:
    script = called(("a", "f"), ("b", "g"))
    script.event(3.0, "connection.closed", code=1011, reason="", by="server")
    assert states(script) == [CallState.LOST, CallState.LOST]
    script.connect(4.0)
    script.receive(4.5, toolCallCancellation={"ids": ["a"]})
    answer(script, 5.0, id="b", name="g")
    assert states(script) == [CallState.LOST, CallState.LATE]


def test_without_ids_the_oldest_call_of_that_name_is_answered() -> None:
    script = called(("", "f"), ("", "f"), ("", "g"))
    answer(script, 3.0, name="f")
    assert states(script) == [CallState.ANSWERED, CallState.PENDING, CallState.PENDING]


def test_what_happens_on_this_side_is_told_by_events() -> None:
    script = called(("a", "f"))
    [call] = script.session.board.calls
    script.event(2.1, "tool.held", call=1, waits="approval")
    assert (call.waits, call.running) == (Waits.APPROVAL, False)
    script.event(2.2, "tool.started", call=1)
    assert (call.waits, call.running) == (Waits.NOBODY, True)
    answer(script, 2.3, id="a", name="f")
    script.event(2.4, "tool.answered", call=1, by="a person", printed="hello")
    assert (call.running, call.by, call.printed) == (False, "a person", "hello")
    script.event(2.5, "tool.mode", mode="ask", delay_s=2.5, fail="no")
    assert script.session.board.bench == Bench("ask", 2.5, "no")
    script.event(2.6, "tools.failed", message="a.py cannot be used.")
    assert script.session.board.trouble == "a.py cannot be used."
    script.event(2.7, "tools.loaded", functions=["f"])
    assert script.session.board.trouble == ""


CANNED = Tool(DECLARED, reply={})


@pytest.mark.parametrize(
    ("bench", "tool", "waits"),
    [
        (Bench(), CANNED, Waits.NOBODY),
        (Bench(), Tool(DECLARED), Waits.REPLY),
        (Bench(), None, Waits.REPLY),
        (Bench(fail="no"), None, Waits.NOBODY),
        (Bench("ask"), CANNED, Waits.APPROVAL),
        (Bench("ask"), None, Waits.REPLY),
        (Bench("manual"), CANNED, Waits.REPLY),
        (Bench("manual", fail="no"), CANNED, Waits.REPLY),
    ],
)
def test_the_mode_says_what_a_call_waits_for(bench: Bench, tool: Tool | None, waits: Waits) -> None:
    assert bench.waits(tool) is waits


def test_a_bench_is_told_in_few_words_and_read_back() -> None:
    bench = Bench("ask", 3.0, "no")
    assert (Bench().words, bench.words) == ("", "ask, +3 s, fail")
    assert Bench.of(bench.detail) == bench
    assert Bench.of({"mode": "odd", "delay_s": "x", "fail": 3}) == Bench()
    assert (delay_s(""), delay_s(" 2.5 ")) == (0.0, 2.5)
    for wrong in ("x", "-1", "nan", "601"):
        with pytest.raises(ValueError, match="from 0 to 600"):
            delay_s(wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "no JSON"), ("[1]", "no JSON object"), ('"x"', "no JSON object"), ("\ud800", "no JSON")],
)
def test_a_reply_that_is_none_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        reply.response(text)
    with pytest.raises(ValueError, match="larger than 1 MiB"):
        reply.response('{"x": "' + "y" * reply.LARGEST_BYTES + '"}')
    assert reply.response("{}") == {}


@pytest.mark.parametrize(
    ("model", "behavior", "origin", "can"),
    [
        ("gemini-3.8-live", "", "gemini", True),
        ("gemini-3.8-live", "BLOCKING", "gemini", False),
        ("gemini-3.8-live", "", "vertex", False),
        ("gemini-2.0-flash-exp", "", "emulator", False),
        ("gemini-2.0-flash-exp", "NON_BLOCKING", "emulator", True),
        ("gemini-3.1-flash-live-preview", "NON_BLOCKING", "gemini", False),
    ],
)
def test_scheduling_is_for_calls_that_the_model_does_not_wait_for(
    model: str, behavior: str, origin: str, can: bool
) -> None:
    call = ToolCall("a", "f", {}, 0.0, behavior=behavior)
    assert reply.schedulable(call, model, origin) is can


IDS = st.sampled_from(["a", "b", ""])
NAMES = st.sampled_from(["f", "g"])
ASKED = st.tuples(st.just("ask"), IDS, NAMES)
ANSWERED = st.tuples(st.just("answer"), IDS, NAMES, st.booleans())
STEPS = st.lists(
    ASKED | ANSWERED | st.tuples(st.just("cancel"), IDS) | st.just(("close",)), max_size=25
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_the_pending_calls_are_those_that_nothing_has_ended(steps: list[tuple[Any, ...]]) -> None:
    script = Script()
    script.connect()
    for number, step in enumerate(steps, 1):
        match step:
            case "ask", key, name:
                row = {"id": key, "name": name}
                script.receive(number, toolCall={"functionCalls": [row]})
            case "answer", key, name, continues:
                row = {"id": key, "name": name, "willContinue": continues}
                script.send(number, toolResponse={"functionResponses": [row]})
            case "cancel", key:
                script.receive(number, toolCallCancellation={"ids": [key]})
            case _:
                script.event(number, "connection.closed", code=1000)
        board = script.session.board
        assert board.pending == [call for call in board.calls if call.pending]
        assert [call.number for call in board.calls] == [*range(1, len(board.calls) + 1)]
        for call in board.calls:
            ended = {call.answered_s, call.cancelled_s, call.lost_s} - {None}
            assert bool(ended) is not call.pending
            assert all(call.asked_s <= end_s for end_s in ended if end_s is not None)
            assert call.state is not CallState.LATE or len(ended) == 2
