from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.wire_log import WireLog, content
from tui.core.relations import partner, same_kind, setup_of, turn_start


def call(*ids: str, name: str = "f") -> dict[str, Any]:
    return {"toolCall": {"functionCalls": [{"id": each, "name": name} for each in ids]}}


def response(*ids: str, name: str = "f") -> dict[str, Any]:
    rows = [{"id": each, "name": name, "response": {}} for each in ids]
    return {"tool_response": {"function_responses": rows}}


def test_the_next_and_the_one_before_of_the_same_kind() -> None:
    wire = WireLog()
    wire.turn_complete()
    wire.voice(2)
    wire.received(content(turnComplete=True) | {"usageMetadata": {}})
    wire.voice()
    assert same_kind(wire.log, 0, 1) == 3, "what comes with it does not matter"
    assert same_kind(wire.log, 3, -1) == 0
    assert same_kind(wire.log, 3, 1) is None
    assert same_kind(wire.log, 0, -1) is None
    assert [same_kind(wire.log, row, 1) for row in (1, 2, 4)] == [2, 4, None]


def test_a_call_and_its_answer_find_each_other_by_id() -> None:
    wire = WireLog()
    wire.received(call("a"))
    wire.received(call("b", "c"))
    wire.sent(response("c"))
    wire.sent(response("a"))
    wire.received({"toolCallCancellation": {"ids": ["b"]}})
    log = wire.log
    assert [partner(log, row) for row in range(5)] == [3, 2, 1, 0, 1]


def test_calls_without_ids_are_found_by_name() -> None:
    wire = WireLog()
    wire.received({"toolCall": {"functionCalls": [{"name": "f"}]}})
    wire.sent({"toolResponse": {"functionResponses": [{"name": "g", "response": {}}]}})
    wire.sent({"toolResponse": {"functionResponses": [{"name": "f", "response": {}}]}})
    assert [partner(wire.log, row) for row in range(3)] == [2, None, 0]


def test_a_set_up_and_its_acceptance() -> None:
    wire = WireLog()
    for _ in range(2):
        wire.sent({"setup": {"model": "m"}})
        wire.received({"setupComplete": {}})
        wire.turn_complete()
    log = wire.log
    assert [partner(log, row) for row in range(6)] == [1, 0, None, 4, 3, None]
    assert [setup_of(log, row) for row in range(6)] == [0, 0, 0, 3, 3, 3]


def test_what_was_never_answered_has_no_partner() -> None:
    wire = WireLog()
    wire.received(call("a"))
    wire.happened("view", view="audio")
    wire.received(b"rubbish")
    assert [partner(wire.log, row) for row in range(3)] == [None, None, None]
    assert setup_of(wire.log, 2) is None


@pytest.mark.parametrize(
    "message",
    [
        {"toolCall": "words"},
        {"toolCall": {"functionCalls": {"id": "a"}}},
        {"toolCall": {"functionCalls": [1, None, {"id": ["a"], "name": {}}]}},
        {"toolCallCancellation": {"ids": [1, ["a"]]}},
    ],
)
def test_hostile_calls_have_no_partner(message: dict[str, Any]) -> None:
    wire = WireLog()
    wire.received(message)
    wire.sent(response("a"))
    wire.received(message)
    assert [partner(wire.log, row) for row in range(3)] == [None, None, None]


def test_a_turn_begins_where_the_server_came_to_it() -> None:
    wire = WireLog()
    wire.sent({"realtimeInput": {"text": "one"}})
    wire.voice(3)
    wire.turn_complete()
    wire.sent({"realtimeInput": {"text": "two"}})
    wire.voice(2)
    log = wire.log
    starts = {turn: list(log.turns).index(turn) for turn in set(log.turns)}
    assert [turn_start(log, row) for row in range(len(log))] == [
        starts[log.turns[row]] for row in range(len(log))
    ]
    assert len(starts) == 2
