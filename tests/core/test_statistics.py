from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.script import Script, conversation
from tui.core import cost, fleet, latency
from tui.core.frame import Direction, Frame
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.core.statistics import Statistics, Talk, Traffic, Turns, is_timed, statistics
from tui.core.utterances import Anchor

MESSAGES = Path(__file__).parents[1] / "data" / "messages"


def figures(script: Script) -> Statistics:
    return statistics(script.log, "a.jsonl", cost.shipped())


def test_a_session_in_figures() -> None:
    found = figures(conversation())
    assert (found.model, found.origin, found.close_code) == ("gemini-3.8-live", "key", 1000)
    assert found.started_s == 1e9
    assert (found.lasted_s, found.connected_s) == (20.0, 19.75)
    assert found.turns == Turns(3, 3, 1, 0, calls=1, calls_answered=1, underruns=1)
    assert found.turns.interruption_rate == pytest.approx(1 / 3)
    assert found.talk.user_s == pytest.approx(2.0) and found.talk.user_by == "server VAD"
    assert found.talk.model_s == pytest.approx(2.0 + 2.2 + 1.0), "heard, else received"
    assert found.talk.user_share == pytest.approx(2 / 7.2)
    assert (found.usage.prompt, found.usage.response, found.usage.total) == (3300, 130, 3430)
    assert found.cost.dollars == pytest.approx((1650 * 0.75 + 1650 * 3 + 130 * 12) / 1e6)
    assert found.anchors == {Anchor.SERVER: 1, Anchor.LOCAL: 1, Anchor.CONTENT: 1}
    assert found.findings is None


def test_messages_and_bytes_are_those_of_the_wire() -> None:
    script = conversation()
    found = figures(script)
    records = [script.log.record(row) for row in range(len(script.log))]
    frames = [each for each in records if isinstance(each, Frame)]
    sizes = {
        way: [len(frame.payload) for frame in frames if frame.direction is way] for way in Direction
    }
    assert found.sent == Traffic(len(sizes[Direction.SEND]), sum(sizes[Direction.SEND]))
    assert found.received == Traffic(len(sizes[Direction.RECEIVE]), sum(sizes[Direction.RECEIVE]))


@pytest.mark.parametrize(
    ("script", "talk"),
    [
        (Script(), Talk(0.0, "no audio was sent")),
        (conversation(), None),
    ],
)
def test_talk_says_who_told(script: Script, talk: Talk | None) -> None:
    found = figures(script).talk
    assert found == talk or found.user_by == "server VAD"
    assert talk is None or found.user_share is None


def test_speech_that_nobody_told_of_is_not_known() -> None:
    script = Script()
    script.connect()
    script.mic(1, 2)
    assert figures(script).talk.user_s is None


def test_push_to_talk_tells_of_speech() -> None:
    script = Script()
    script.connect()
    script.send(1, realtimeInput={"activityStart": {}})
    script.mic(1, 3)
    script.send(3, realtimeInput={"activityEnd": {}})
    assert (figures(script).talk.user_s, figures(script).talk.user_by) == (2.0, "activityStart")


def test_rows_have_the_columns_and_types_that_are_promised() -> None:
    script = conversation()
    row = fleet.session_row(figures(script))
    turns = list(fleet.turn_rows("a", script.session, cost.shipped(), timed=True))
    assert list(row) == [column.name for column in fleet.SESSIONS]
    assert [list(turn) for turn in turns] == [[column.name for column in fleet.TURNS]] * 3
    kinds = {"VARCHAR": str, "BIGINT": int, "DOUBLE": float, "BOOLEAN": bool, "TIMESTAMPTZ": str}
    for columns, values in ((fleet.SESSIONS, row), (fleet.TURNS, turns[1])):
        for column in columns:
            value = values[column.name]
            if column.type == "DOUBLE" and isinstance(value, int):
                value = float(value)
            assert value is None or type(value) is kinds[column.type], column.name
    assert row["started"] == "2001-09-09T01:46:40+00:00"
    assert (turns[0]["anchor"], turns[2]["tool_s"]) == ("server VAD", pytest.approx(0.3))
    assert turns[1]["interruption_s"] == pytest.approx(0.4)


def test_a_recording_without_times_has_no_latencies() -> None:
    storage = MemoryStorage()
    log = SessionLog(storage.read)
    journal = Journal(storage, {"tool": "tests", "timed": False}, Mask())
    for direction, message in (
        (Direction.SEND, {"setup": {"model": "models/gemini-3.8-live"}}),
        (Direction.RECEIVE, {"setupComplete": {}}),
        (Direction.SEND, {"realtimeInput": {"text": "Hm?"}}),
        (Direction.RECEIVE, {"serverContent": {"modelTurn": {"parts": [{"text": "Yes."}]}}}),
    ):
        payload = json.dumps(message).encode()
        log.ingest(*journal.frame(direction, 1, payload, time_s=0.0, mono_s=0.0))
    found = statistics(log, "a", cost.shipped())
    assert not is_timed(log)
    assert (found.lasted_s, found.connected_s, found.started_s) == (None, None, None)
    assert all(not measure.values_s for measure in found.measures.values())
    assert (found.turns.total, found.sent.messages) == (1, 2)
    (turn,) = fleet.turn_rows("a", log.session, cost.shipped(), timed=False)
    assert (turn["anchor"], turn["first_byte_s"]) == (None, None)


def recorded_sessions() -> dict[str, list[dict[str, object]]]:
    """Real sessions of Google's own recordings."""
    sessions: dict[str, list[dict[str, object]]] = {}
    for line in (MESSAGES / "recorded_js_genai.jsonl").read_text().splitlines():
        row = json.loads(line)
        sessions.setdefault(str(row["source"]), []).append(row)
    return sessions


@pytest.mark.parametrize("rows", recorded_sessions().values(), ids=lambda rows: len(rows))
def test_real_sessions_count_each_snapshot_once(rows: list[dict[str, object]]) -> None:
    script = Script()
    script.session.opened.clear()
    usages = []
    for number, row in enumerate(rows, 1):
        message = row["message"]
        assert isinstance(message, dict)
        if row["direction"] == "client":
            script.send(number / 10, **message)
        else:
            script.receive(number / 10, **message)
            usages += [message["usageMetadata"]] if "usageMetadata" in message else []
    found = figures(script)
    assert found.usage.total == sum(usage["totalTokenCount"] for usage in usages)
    assert found.model == str(rows[0]["message"]["setup"]["model"]).rpartition("/")[2]  # type: ignore[index]
    assert found.sent.messages + found.received.messages == len(rows)
    for marks in latency.all_marks(script.session):
        assert marks.to_first_byte_s is None or marks.to_first_byte_s > 0
