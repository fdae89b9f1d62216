from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.script import Script
from tui.core import latency
from tui.core.anchoring import UNASKED, UNMARKED
from tui.core.latency import DETECT, PLAY, THINK, TOOL, WAIT, Marks
from tui.core.turn import GAP_S
from tui.core.utterances import PAUSE_S, Anchor


def last(script: Script) -> Marks:
    found = latency.marks(script.session.turns[-1])
    assert found is not None
    return found


def voice(at_s: float, edge: str, offset_s: float | None) -> Callable[[Script], None]:
    offset = {} if offset_s is None else {"audioOffset": f"{offset_s}s"}
    return lambda script: script.receive(at_s, voiceActivity={"type": edge, **offset})


def server_end(at_s: float, offset_s: float | None) -> Callable[[Script], None]:
    return voice(at_s, "ACTIVITY_END", offset_s)


def local_end(at_s: float) -> Callable[[Script], None]:
    return lambda script: script.event(at_s, "speech.ended", quiet_s=0.5)


def realtime(at_s: float, **message: object) -> Callable[[Script], None]:
    return lambda script: script.send(at_s, realtimeInput=message)


@pytest.mark.parametrize(
    ("marks", "anchor", "ended_s"),
    [
        # A microphone streams from 1 to 4 s; the answer begins at 4 s.
        ([server_end(3.5, 2.0)], Anchor.SERVER, 3.0),
        ([server_end(3.5, None)], Anchor.SERVER_MESSAGE, 3.5),
        ([server_end(3.5, 99.0)], Anchor.SERVER_MESSAGE, 3.5),
        ([server_end(3.5, 2.0), local_end(3.6)], Anchor.SERVER, 3.0),
        ([local_end(3.6)], Anchor.LOCAL, 3.1),
        ([local_end(3.6), realtime(3.7, audioStreamEnd=True)], Anchor.LOCAL, 3.1),
        ([realtime(3.7, activityEnd={})], Anchor.ACTIVITY_END, 3.7),
        ([realtime(3.7, audioStreamEnd=True)], Anchor.STREAM_END, 3.7),
        ([lambda script: script.ask(3.8, "Hm?"), local_end(3.6)], Anchor.CONTENT, 3.8),
        ([realtime(3.8, text="Hm?"), local_end(3.6)], Anchor.TEXT, 3.8),
        ([], UNMARKED, None),
    ],
)
def test_the_end_of_input_has_the_best_anchor_there_is(
    marks: list[Callable[[Script], None]], anchor: str, ended_s: float | None
) -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 4.0)
    for mark in marks:
        mark(script)
    script.audio(4.0)
    found = last(script)
    assert found.anchor == anchor
    assert found.ended_s == (None if ended_s is None else pytest.approx(ended_s, abs=0.021))


@pytest.mark.parametrize(("pause_s", "known"), [(PAUSE_S + 0.1, True), (PAUSE_S - 0.1, False)])
def test_audio_that_stopped_is_an_end_of_input_and_a_streaming_microphone_none(
    pause_s: float, known: bool
) -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 3.0)
    script.audio(3.0 + pause_s)
    found = last(script)
    assert found.anchor == (Anchor.AUDIO if known else UNMARKED)
    assert (found.to_first_byte_s is not None) is known


def test_an_offset_counts_the_audio_of_its_own_connection() -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 2.0)
    script.connect(10.0)
    script.mic(11.0, 13.0)
    server_end(13.1, 1.5)(script)
    script.audio(13.2)
    assert last(script).ended_s == pytest.approx(12.5, abs=0.021)


def test_a_model_that_goes_on_unasked_has_no_latency() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Think about it.")
    script.audio(1.5)
    script.complete(2.0)
    script.audio(5.0)
    assert last(script).anchor == UNASKED
    assert last(script).to_first_byte_s is None
    assert latency.measures(script.session)["first_byte"].values_s == pytest.approx((0.5,))


def test_questions_are_measured_from_the_last_that_the_answer_is_for() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "First?")
    script.ask(2.0, "Second?")
    script.audio(3.0)
    assert latency.all_marks(script.session)[0].to_first_byte_s == 2.0, "not known to be merged yet"
    script.complete(4.0)
    (found,) = latency.all_marks(script.session)
    assert found.to_first_byte_s == 1.0


def test_a_mark_of_speech_may_come_after_the_answer_has_begun() -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 3.0)
    script.audio(3.0)
    assert last(script).anchor == UNMARKED
    local_end(3.2)(script)
    assert last(script).anchor == Anchor.LOCAL
    assert last(script).ended_s == pytest.approx(2.7)
    server_end(3.3, 1.6)(script)
    assert last(script).anchor == Anchor.SERVER
    assert last(script).ended_s == pytest.approx(2.6)
    local_end(9.0)(script)
    assert last(script).anchor == Anchor.SERVER, "later speech is another turn's"


def test_the_parts_of_a_turn_follow_each_other_without_a_hole() -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 3.6)
    server_end(3.6, 2.0)(script)  # spoken until 3.0
    script.receive(4.0, toolCall={"functionCalls": [{"id": "1", "name": "a", "args": {}}]})
    script.receive(4.1, toolCall={"functionCalls": [{"id": "2", "name": "b", "args": {}}]})
    script.send(4.4, toolResponse={"functionResponses": [{"id": "1", "name": "a"}]})
    script.send(4.6, toolResponse={"functionResponses": [{"id": "2", "name": "b"}]})
    script.audio(5.0)
    script.event(5.1, "playback.started", turn=1)
    found = last(script)
    assert [part.name for part in found.parts] == [DETECT, WAIT, TOOL, THINK, PLAY]
    assert [part.lasted_s for part in found.parts] == pytest.approx(
        [0.6, 0.4, 0.6, 0.4, 0.1], abs=0.021
    )
    assert found.to_sound_s == pytest.approx(sum(part.lasted_s for part in found.parts))
    assert found.to_first_byte_s == pytest.approx(1.0, abs=0.021)
    assert latency.measures(script.session)["tool"].values_s == pytest.approx((0.4, 0.5))


def test_a_tool_call_that_is_never_answered_takes_no_time() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "What is the weather?")
    script.receive(1.5, toolCall={"functionCalls": [{"id": "1", "name": "a", "args": {}}]})
    found = last(script)
    assert [part.name for part in found.parts] == [WAIT]
    assert found.first_answer_s is None and found.to_sound_s is None
    assert latency.measures(script.session)["tool"].values_s == ()


def test_thoughts_are_a_first_byte_but_no_answer() -> None:
    script = Script()
    script.connect(modality="TEXT")
    script.ask(1.0, "Hm?")
    script.content(1.2, modelTurn={"parts": [{"text": "well", "thought": True}]})
    script.content(1.7, modelTurn={"parts": [{"text": "Yes."}]})
    assert [(part.name, round(part.lasted_s, 3)) for part in last(script).parts] == [
        (WAIT, 0.2),
        (THINK, 0.5),
    ]


@pytest.mark.parametrize(
    ("marks", "anchor", "asked_s"),
    [
        ([lambda s: s.event(3.0, "interrupt", route="clientContent", turn=1)], "interrupt", 3.0),
        ([lambda s: s.ask(3.1, "Stop.")], "question", 3.1),
        ([lambda s: s.event(3.2, "speech.started")], "local VAD", 3.2),
        (
            [lambda s: s.event(3.2, "speech.started"), voice(3.4, "ACTIVITY_START", None)],
            "server VAD",
            3.4,
        ),
        ([realtime(3.3, activityStart={})], "activityStart", 3.3),
        ([], "", None),
    ],
)
def test_an_interruption_is_measured_from_the_wish(
    marks: list[Callable[[Script], None]], anchor: str, asked_s: float | None
) -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Tell me a story.")
    script.audio(2.0, 5.0)
    script.event(2.1, "playback.started", turn=1)
    for mark in marks:
        mark(script)
    script.content(3.5, interrupted=True)
    script.event(3.52, "playback.flushed", turn=1, heard_s=1.4, received_s=5.0, underruns=2)
    found = latency.marks(script.session.turns[0])
    assert found is not None and found.stop is not None
    assert (found.stop.anchor, found.stop.asked_s) == (anchor, asked_s)
    assert found.stop.confirm_s == (None if asked_s is None else pytest.approx(3.5 - asked_s))
    assert found.stop.silence_s == (None if asked_s is None else pytest.approx(3.52 - asked_s))
    assert found.underruns == 2


def test_a_key_silences_before_its_wish_is_journalled() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Tell me a story.")
    script.audio(2.0, 5.0)
    script.event(3.0, "playback.flushed", turn=1, heard_s=0.9, received_s=5.0)
    script.event(3.01, "interrupt", route="local", turn=1)
    found = last(script)
    assert found.stop is not None
    assert (found.stop.silence_s, found.stop.confirm_s) == (0.0, None)
    assert latency.measures(script.session)["interruption"].values_s == ()


def test_audio_that_comes_too_late_for_its_playback_leaves_a_gap() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Hm?")
    script.audio(2.0, 0.5)
    script.event(2.1, "playback.started", turn=1)
    script.audio(2.6 + GAP_S / 2, 0.5)
    assert last(script).gaps == 0
    script.audio(4.0, 0.5)
    assert last(script).gaps == 1
    assert last(script).gap_s == pytest.approx(4.0 - 3.1 - GAP_S / 2)
    assert last(script).underruns is None, "no record says so"


def test_connections_switches_and_pings_are_measured() -> None:
    script = Script()
    script.connect(0.0, 0.3)
    script.event(2.0, "ping", rtt_ms=41.5)
    script.connect(5.0, 0.4)
    script.connect(9.0, 0.5, modality="TEXT")
    script.event(10.0, "connection.opening", model="m", modality="AUDIO")
    measures = latency.measures(script.session)
    assert measures["connect"].values_s == pytest.approx((0.3, 0.4, 0.5))
    assert measures["switch"].values_s == pytest.approx((0.5,)), "a failed one switched nothing"
    assert measures["ping"].values_s == pytest.approx((0.0415,))


def test_the_row_of_the_first_byte_is_found() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Hm?")
    script.event(1.5, "view", view="audio")
    script.audio(1.5)
    script.audio(1.6)
    row = latency.first_byte_row(script.log, last(script))
    assert script.log.kinds(row) == ("serverContent.modelTurn.audio",)
    assert script.log.mono_s[row] == 1.5


VALUES = st.lists(st.floats(0, 1e6), min_size=1)


@settings(deadline=None)
@given(VALUES, st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(
    values: list[float], percent: int
) -> None:
    found = latency.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    assert latency.percentile([], 50) is None
    assert latency.text(None) == "n/a"


def test_parts_of_every_state_of_a_session_add_up() -> None:
    script = Script()
    script.connect()
    for number in range(5):
        at_s = 10.0 * (number + 1)
        script.mic(at_s, at_s + 2)
        server_end(at_s + 2.1, 2.0 * number + 1.5)(script)
        script.audio(at_s + 2.5, 2.0)
        script.event(at_s + 2.6, "playback.started", turn=number + 1)
        script.complete(at_s + 5)
    for row in range(0, len(script.log), 37):
        for found in latency.all_marks(script.log.state_at(row)):
            if found.to_sound_s is not None:
                assert found.to_sound_s == pytest.approx(sum(p.lasted_s for p in found.parts))
    assert latency.measures(script.session)["sound"].values_s == pytest.approx([1.1] * 5, abs=0.03)
