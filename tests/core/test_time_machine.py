from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_session_properties import STEPS, played
from tests.recorded import Session as Scene
from tests.recorded import log_of, real_sessions, timeline_of
from tests.rehearsal import Rehearsal, conversation
from tui.core.frame import Event
from tui.core.journal import MemoryStorage, Place
from tui.core.log import SessionLog
from tui.core.playhead import PlayHead, at_row
from tui.core.recording import read_line
from tui.core.session import Area, Session
from tui.core.time_machine import NEAR_ROWS, TimeMachine
from tui.core.timeline import Timeline


class Wall:
    """A clock that a test moves."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Noted:
    """A speaker that notes what it is told."""

    lead_s = 0.5
    problem = ""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def start(self, head: PlayHead) -> None:
        self.orders.append(f"start {head.at_s:g} at {head.since_s:g}")

    def stop(self) -> None:
        self.orders.append("stop")

    def close(self) -> None:
        self.orders.append("close")


def machine(log: SessionLog, wall: Wall | None = None, sound: Noted | None = None) -> TimeMachine:
    made = TimeMachine(log, Timeline(), sound, wall or Wall())
    made.advance()
    return made


def replayed(log: SessionLog, row: int) -> Session:
    session = Session()
    for each in range(row + 1):
        session.apply(log.record(each))
    return session


@pytest.mark.parametrize(
    "recorded", [real_sessions, lambda: log_of(conversation())], ids=["real", "rehearsed"]
)
def test_the_state_at_every_record_is_that_of_a_replay_from_the_start(
    recorded: Callable[[], SessionLog],
) -> None:
    log, fresh = recorded(), Session()
    forwards, backwards = machine(log), machine(log)
    forwards.seek(at_row(log, 0))
    states = []
    for row in range(len(log)):
        fresh.apply(log.record(row))
        states.append(log.state_at(row))
        assert states[-1] == fresh
        assert forwards.session == fresh
        forwards.step(1)
    for row in reversed(range(len(log))):
        assert backwards.session == states[row]
        backwards.step(-1)
    assert forwards.session == log.session


@given(STEPS, st.lists(st.integers(0, 24), max_size=6))
@settings(max_examples=60)
def test_seeking_anywhere_is_replaying_from_the_start(
    steps: list[tuple[str, object]], rows: list[int]
) -> None:
    lines = played(steps)[1]
    storage = MemoryStorage()
    log = SessionLog(storage.read)
    for line in lines:
        record = read_line(line)
        assert not isinstance(record, dict)
        log.ingest(record, Place(storage.append(line), len(line)))
    made = machine(log)
    for row in rows:
        made.seek(at_row(log, row))
        assert made.session == replayed(log, made.place.row)


def test_far_and_near_jumps_agree_in_a_long_recording() -> None:
    play = Scene()
    play.connect()
    for number in range(3 * NEAR_ROWS):
        play.at(1 + number / 10).says(outputTranscription={"text": f"{number} "})
    log = play.log()
    made = machine(log)
    for row in (700, 10, 200, 199, 700 - NEAR_ROWS, 700, len(log) - 1, 0):
        made.seek(at_row(log, row))
        assert made.session == replayed(log, row)


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0, 16.0])
def test_it_plays_in_time(speed: float) -> None:
    log, wall = log_of(conversation()), Wall()
    made = machine(log, wall)
    made.set_speed(speed)
    assert made.transport.state == "END"
    made.play()
    assert made.place.row == -1
    assert made.transport.state == "PLAYING"
    while made.playing:
        wall.now_s += 1 / 15
        made.advance()
        row, time_s = made.place.row, made.place.time_s
        assert log.mono_s[row] <= time_s
        assert row == len(log) - 1 or log.mono_s[row + 1] > time_s
    assert wall.now_s == pytest.approx(log.mono_s[-1] / speed, abs=0.1)
    assert made.session == log.session
    assert made.transport.state == "END"


def test_it_says_what_it_changed() -> None:
    log, wall = log_of(conversation()), Wall()
    made = machine(log, wall)
    assert made.advance() == Area.NOTHING
    assert made.seek(at_row(log, 0)) == ~Area.NOTHING
    assert made.seek(at_row(log, 0)) == Area.NOTHING
    made.play()
    wall.now_s = log.session.turns[0].started_s + 0.001
    assert Area.TRANSCRIPT in made.advance()


def test_an_advance_that_has_too_much_to_do_leaves_the_rest() -> None:
    class Slow(Wall):
        """Every look at it takes 10 ms."""

        def __call__(self) -> float:
            self.now_s += 0.01
            return self.now_s

    made = machine(log_of(conversation()), Slow())
    made.play()
    made._head = made._head.turn_to(16, 0)
    made.advance()
    rows = [made.place.row]
    made.advance()
    rows.append(made.place.row)
    assert 0 <= rows[0] <= rows[1] <= 9


def test_steps_turns_and_places() -> None:
    log = log_of(conversation())
    made = machine(log)
    made.go("turn 2")
    assert (made.transport.turn, made.transport.turns) == (2, 3)
    made.step_turn(1)
    assert made.transport.turn == 3
    made.step_turn(1)
    assert made.transport.turn == 3
    made.step_turn(-1)
    made.step_turn(-1)
    made.step_turn(-1)
    assert made.transport.turn == 1
    made.go("#3")
    made.play()
    made.step(-1)
    assert not made.playing
    assert log.seqs[made.place.row] == 2
    made.step(-100)
    assert made.place.row == 0
    assert made.transport.state == "PAUSED"


def test_it_rides_on_the_end_of_a_growing_file_and_stays_where_it_was_put() -> None:
    play = conversation()
    log = log_of(play)
    made = machine(log)
    assert made.session == log.session
    play.speak("and more")
    grow(log, play)
    assert Area.TRANSCRIPT in made.advance()
    assert made.session == log.session
    made.go("turn 1")
    play.complete()
    grow(log, play)
    made.advance()
    assert made.transport.turn == 1
    assert made.transport.length_s == log.mono_s[-1]


def grow(log: SessionLog, play: Rehearsal) -> None:
    while play.engine.inbox:
        log.ingest(*play.engine.inbox.popleft())


def test_the_head_waits_for_the_speaker_and_other_speeds_are_silent() -> None:
    log, wall, sound = log_of(conversation()), Wall(), Noted()
    made = machine(log, wall, sound)
    wall.now_s = 10.0
    made.go("0")
    made.play()
    assert sound.orders[-1] == "start 0 at 10.5"
    wall.now_s = 11.0
    assert made.place.time_s == 0.5
    made.change_speed(1)
    assert sound.orders[-1] == "stop"
    assert made.transport.sound == "muted at 2x"
    made.change_speed(-1)
    assert sound.orders[-1] == "start 0.5 at 11.5"
    assert made.transport.sound == "sound laid out at arrival"
    made.seek(at_row(log, 5))
    assert sound.orders[-1] == f"start {log.mono_s[5]:g} at 11.5"
    made.pause()
    assert sound.orders[-1] == "stop"
    sound.problem = "Sound is off: no sound device was found."
    made.play()
    assert made.transport.sound == "silent: no output device"
    assert made.problem == sound.problem
    made.close()
    assert sound.orders[-1] == "close"


def test_without_a_speaker_it_says_so() -> None:
    assert machine(log_of(conversation())).transport.sound == "no sound"


def test_it_knows_how_the_sound_is_laid_out() -> None:
    log = log_of(conversation())
    made = TimeMachine(log, timeline_of(log), Noted(), Wall())
    assert made.transport.sound == "sound as played"


def test_lines_that_are_gone_are_passed_over() -> None:
    log, gone = log_of(conversation()), {3, 5}
    read = log._read
    log._read = lambda offset, size: (
        b"" if offset in {log.offsets[row] for row in gone} else read(offset, size)
    )
    wall = Wall()
    made = machine(log, wall)
    made._row, made.session = -1, Session()
    made._riding = False
    made.play()
    wall.now_s = 1e6
    made.advance()
    assert made.place.row == len(log) - 1
    assert isinstance(log.record(0), Event)
