from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.core.test_session_properties import STEPS, played
from tests.recorded import Session, log_of, real_sessions, timeline_of
from tests.rehearsal import conversation
from tui.core.frame import Event
from tui.core.lanes import OPEN
from tui.core.playback import SILENCE_DB
from tui.core.recording import read_line
from tui.core.timeline import Lane, Timeline


def spans(timeline: Timeline, lane: Lane) -> list[tuple[float, float, str]]:
    """To the millisecond."""
    found = timeline.spans(lane)
    assert found is not None
    every = (found[index] for index in range(len(found)))
    return [(round(span.start_s, 3), round(span.end_s, 3), span.label) for span in every]


def points(timeline: Timeline, lane: Lane) -> list[tuple[float, int, str]]:
    found = timeline.points(lane)
    assert found is not None
    return [(point.start_s, point.row, point.look) for point in found.within(0, 1e9)]


def test_a_turn_is_on_all_its_lanes() -> None:
    play = Session()
    play.connect()
    play.at(1.0).came(voiceActivity={"type": "ACTIVITY_START"})
    play.at(1.1).tell("speech.started")
    play.at(1.2).says(interimInputTranscription={"text": "what"})
    play.at(2.0).says(inputTranscription={"text": "What is 6*7?"})
    play.at(2.1).tell("speech.ended", quiet_s=0.3)
    play.at(2.2).came(voiceActivity={"type": "ACTIVITY_END"})
    play.at(2.5).says(outputTranscription={"text": "Forty-"})
    play.at(2.6).voice(1.0)
    play.at(2.7).tell("playback.started", turn=1)
    play.at(2.8).says(outputTranscription={"text": "two."})
    play.at(3.0).says(generationComplete=True)
    play.at(3.1).says(outputTranscription={"text": " Really."})
    play.at(3.7).tell("playback.drained", turn=1, heard_s=1.0)
    play.at(3.8).says(turnComplete=True)
    timeline = timeline_of(play.log())
    assert spans(timeline, Lane.SERVER) == [(1.0, 2.2, "")]
    assert spans(timeline, Lane.HERE) == [(1.1, 1.8, "")]
    assert spans(timeline, Lane.USER) == [(1.2, 2.0, "What is 6*7?")]
    assert spans(timeline, Lane.GENERATION) == [(2.5, 3.1, "turn 1: Forty-two. Really.")]
    assert spans(timeline, Lane.PLAYBACK) == [(2.7, 3.7, "turn 1")]
    assert Lane.MICROPHONE not in timeline.lanes
    assert Lane.TOOLS not in timeline.lanes
    assert timeline.sound.known


def test_an_interrupted_turn_ends_its_lanes() -> None:
    timeline = timeline_of(log_of(conversation()))
    (at_s, _, _), *others = points(timeline, Lane.INTERRUPTIONS)
    assert not others
    generated = spans(timeline, Lane.GENERATION)
    assert [label.partition(":")[0] for _, _, label in generated] == ["turn 1", "turn 2", "turn 3"]
    assert generated[1][1] == at_s
    assert generated[2][1] == OPEN
    assert len(spans(timeline, Lane.USER)) == 3
    assert spans(timeline, Lane.USER)[1][2] == "Tell me a very long story."


def test_tools_wait_until_answered_or_cancelled() -> None:
    play = Session()
    play.connect()
    calls = [{"id": str(number), "name": f"tool {number}"} for number in range(3)]
    play.at(1.0).came(toolCall={"functionCalls": calls})
    answer = {"id": "0", "name": "tool 0", "response": {}}
    play.at(2.0).sent(toolResponse={"functionResponses": [{**answer, "willContinue": True}]})
    play.at(3.0).sent(toolResponse={"functionResponses": [answer]})
    play.at(4.0).came(toolCallCancellation={"ids": ["1"]})
    play.at(5.0).tell("connection.closed", code=1011, reason="", by="server")
    timeline = timeline_of(play.log())
    lane = timeline.spans(Lane.TOOLS)
    assert lane is not None
    assert spans(timeline, Lane.TOOLS) == [
        (1.0, 3.0, "tool 0"),
        (1.0, 4.0, "tool 1"),
        (1.0, 5.0, "tool 2"),
    ]
    assert [lane[index].look for index in range(3)] == ["answered", "cancelled", "cut"]
    assert points(timeline, Lane.NOTICES)[0][2] == "closed"
    assert spans(timeline, Lane.CONNECTION)[0][1] == 5.0


def test_levels_are_where_the_sound_was() -> None:
    play = Session()
    play.connect()
    play.at(1.0).mic(0.5, 0.5)
    play.at(2.0).voice(1.0, 0.1)
    play.at(5.0).tell("playback.started", turn=1)
    play.at(6.0).tell("playback.drained", turn=1, heard_s=1.0)
    timeline = timeline_of(play.log())
    mic, out = timeline.levels(Lane.MICROPHONE), timeline.levels(Lane.PLAYBACK)
    assert mic is not None
    assert out is not None
    assert mic(0.5, 1.0) == pytest.approx(-6, abs=0.6)
    assert mic(0.0, 0.4) == mic(1.1, 2.0) == SILENCE_DB
    assert out(5.0, 6.0) == pytest.approx(-20, abs=0.6)
    assert out(2.0, 3.0) == out(6.1, 7.0) == SILENCE_DB


def test_frames_findings_and_the_servers_notice_are_points() -> None:
    play = Session()
    play.connect()
    picture = {"mimeType": "image/jpeg", "data": "AAAA"}
    play.at(1.0).sent(realtimeInput={"video": picture})
    play.at(2.0).sent(realtimeInput={"mediaChunks": [picture]})
    play.at(3.0).came(goAway={"timeLeft": "10s"})
    timeline = timeline_of(play.log())
    timeline.find(2.0, "warn", 4)
    timeline.find(1.0, "error", 3, "no rate")
    assert [time_s for time_s, _, _ in points(timeline, Lane.FRAMES)] == [1.0, 2.0]
    assert points(timeline, Lane.FINDINGS) == [(1.0, 3, "error"), (2.0, 4, "warn")]
    assert points(timeline, Lane.NOTICES)[0][0] == 3.0
    assert timeline.lanes == [Lane.FRAMES, Lane.FINDINGS, Lane.NOTICES, Lane.CONNECTION]
    following = timeline.neighbour(Lane.FRAMES, 1.0, 1)
    assert following is not None
    assert following.start_s == 2.0


def test_push_to_talk_is_speech_that_was_declared() -> None:
    play = Session()
    play.connect()
    play.at(1.0).sent(realtimeInput={"activityStart": {}})
    play.at(2.0).sent(realtimeInput={"activityEnd": {}})
    assert spans(timeline_of(play.log()), Lane.HERE) == [(1.0, 2.0, "push to talk")]


def test_it_is_the_same_built_at_once_or_as_records_come() -> None:
    log = log_of(conversation())
    at_once, step_by_step = timeline_of(log), Timeline()
    for row in range(len(log)):
        record = log.record(row)
        step_by_step.take(record, row)
        step_by_step.hear(record, row)
    for lane in Lane:
        one, other = at_once.spans(lane), step_by_step.spans(lane)
        if one is not None and other is not None:
            assert [one[at] for at in range(len(one))] == [other[at] for at in range(len(other))]
    assert at_once.sound.peak_db(0, 5) == step_by_step.sound.peak_db(0, 5) > SILENCE_DB


def test_real_sessions_have_lanes() -> None:
    timeline = timeline_of(real_sessions())
    assert {Lane.GENERATION, Lane.USER, Lane.TOOLS} <= set(timeline.lanes)
    assert not timeline.sound.known


@given(STEPS)
@settings(max_examples=100)
def test_whatever_comes_is_taken(steps: list[tuple[str, object]]) -> None:
    timeline = Timeline()
    for row, line in enumerate(played(steps)[1]):
        record = read_line(line)
        assert not isinstance(record, dict)
        timeline.take(record, row)
        if not isinstance(record, Event):
            timeline.hear(record, row)
    for lane in timeline.lanes:
        if found := timeline.spans(lane):
            assert all(run.first < run.end for run in found.runs(0, 0.1, 40, timeline.end_s))
