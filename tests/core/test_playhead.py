from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.script import Continuous
from tests.recorded import Session, log_of
from tests.rehearsal import conversation
from tui.core import playhead
from tui.core.log import SessionLog
from tui.core.playhead import SPEEDS, NoPlaceError, PlayHead

WALL = st.floats(0, 1e6)


def test_it_moves_by_the_clock_and_the_speed() -> None:
    head = PlayHead(100.0, 10.0)
    assert head.position_s(5.0) == 10.0
    head = head.play(5.0)
    assert (head.playing, head.position_s(7.0)) == (True, 12.0)
    head = head.turn_to(4.0, 7.0)
    assert head.position_s(9.0) == 20.0
    head = head.pause(10.0)
    assert (head.playing, head.position_s(99.0)) == (False, 24.0)
    assert head.seek(50.0, 0.0).position_s(99.0) == 50.0


def test_it_waits_for_a_beginning_that_is_still_to_come() -> None:
    head = PlayHead(100.0, 10.0).play(5.1)
    assert head.position_s(5.0) == 10.0
    assert head.position_s(5.6) == pytest.approx(10.5)


def test_it_stops_at_the_end_and_begins_again() -> None:
    head = PlayHead(20.0, 19.0).play(0.0)
    assert head.over(1.0)
    assert head.position_s(50.0) == 20.0
    assert head.pause(50.0).play(60.0).position_s(61.0) == 1.0
    assert PlayHead(20.0).seek(99.0, 0.0).at_s == 20.0
    assert PlayHead(20.0).seek(-1.0, 0.0).at_s == 0.0


@pytest.mark.parametrize(
    ("speed", "step", "next_speed"),
    [(1, 1, 2), (1, -1, 0.5), (16, 1, 16), (0.25, -1, 0.25), (3, 1, 4), (3, -1, 2)],
)
def test_speeds_are_steps(speed: float, step: int, next_speed: float) -> None:
    assert PlayHead(1.0, speed=speed).faster(step) == next_speed


@given(WALL, st.lists(st.tuples(st.floats(0, 100), st.sampled_from(SPEEDS)), max_size=8))
def test_changing_the_speed_never_jumps(wall_s: float, changes: list[tuple[float, float]]) -> None:
    head = PlayHead(1e9).play(wall_s)
    for wait_s, speed in changes:
        wall_s += wait_s
        before_s = head.position_s(wall_s)
        head = head.turn_to(speed, wall_s)
        assert head.position_s(wall_s) == before_s


@pytest.fixture
def log() -> SessionLog:
    return log_of(conversation())


@pytest.mark.parametrize(
    ("words", "time_s"),
    [("0:01", 1.0), ("1", 1.0), ("1.5s", 1.5), (" 0:00:02 ", 2.0), ("0", 0.0)],
)
def test_a_time_is_found(log: SessionLog, words: str, time_s: float) -> None:
    place = playhead.find(log, words)
    assert place.time_s == time_s
    assert all(log.mono_s[row] <= time_s for row in range(place.row + 1))
    assert log.mono_s[place.row + 1] > time_s


def test_a_turn_and_a_message_are_found(log: SessionLog) -> None:
    second = log.session.turns[1]
    for words in ("turn 2", "t2", "Turn 2"):
        place = playhead.find(log, words)
        assert place.time_s == second.started_s
        assert len(log.state_at(place.row).turns) == 2
        assert len(log.state_at(place.row - 1).turns) == 1
    assert log.seqs[playhead.find(log, "#12").row] == 12


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("turn 9", "turns 1 to 3"),
        ("turn 0", "turns 1 to 3"),
        ("#99999", "the last one is #"),
        ("59:00", "The recording ends at"),
        ("", "Say a time"),
        ("yesterday", "Say a time"),
        ("9" * 40, "too long"),
        ("#" + "9" * 5000, "too long"),
    ],
)
def test_what_is_not_there_is_said(log: SessionLog, words: str, told: str) -> None:
    with pytest.raises(NoPlaceError, match=told):
        playhead.find(log, words)


def test_an_empty_recording_has_no_places() -> None:
    empty = Session().log()
    assert playhead.at_row(empty, 5) == playhead.Place(-1, 0.0)
    assert playhead.turn_beside(empty, 0.0, 1) is None
    with pytest.raises(NoPlaceError, match="no turns"):
        playhead.find(empty, "turn 1")


def test_turns_beside_a_time(log: SessionLog) -> None:
    starts_s = [turn.started_s for turn in log.session.turns]
    found = playhead.turn_beside(log, starts_s[0], 1)
    assert found is not None
    assert found.time_s == starts_s[1]
    inside_s = starts_s[1] + 0.01
    back = playhead.turn_beside(log, inside_s, -1)
    assert back is not None
    assert back.time_s == starts_s[1]
    assert playhead.turn_beside(log, starts_s[0], -1) is None
    assert playhead.turn_beside(log, starts_s[2], 1) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00.0"), (80.46, "1:20.5"), (3723.44, "1:02:03.4"), (59.96, "1:00.0"), (-1, "0:00.0")],
)
def test_clock(seconds: float, words: str) -> None:
    assert playhead.clock(seconds) == words


def test_passages_are_stepped_through_like_turns() -> None:
    script = Continuous()
    for number in range(3):
        script.heard(1.0 + 5 * number, "One.")
    found = playhead.turn_beside(script.log, 2.0, 1)
    assert found is not None and found.time_s == 6.0
    back = playhead.turn_beside(script.log, 6.0, -1)
    assert back is not None and back.time_s == 1.0
