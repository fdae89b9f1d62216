"""A recording heard at a real PortAudio device."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.media.virtual_sound import RATE_HZ, Monitor, SoundServer, likeness, until
from tests.recorded import Session, timeline_of
from tests.replay.test_mixdown import SPEECH, spoken
from tui.core.time_machine import TimeMachine
from tui.media.speaker import Speaker
from tui.replay.sound import Sound

pytestmark = pytest.mark.xdist_group("sound")


@pytest.fixture
def machine(sound_server: SoundServer) -> Iterator[TimeMachine]:
    play = Session()
    play.connect()
    spoken(play, 1.0)
    play.at(1.01 + len(SPEECH) / RATE_HZ).tell("playback.drained", turn=1)
    play.at(6.0).says(turnComplete=True)
    log = play.log()
    timeline = timeline_of(log)
    machine = TimeMachine(log, timeline, Sound(Speaker, log, timeline.sound), time.perf_counter)
    machine.advance()
    yield machine
    machine.close()


def test_what_was_played_is_heard_again_in_time(machine: TimeMachine) -> None:
    machine.go("0.8")
    with Monitor() as monitor:
        machine.play()
        until(lambda: machine.place.time_s > 1.0 + len(SPEECH) / RATE_HZ)
        now_s, at_s = time.perf_counter(), machine.place.time_s
        time.sleep(0.3)
    alike, begins = likeness(SPEECH[: RATE_HZ * 2], monitor.audio)
    assert alike > 0.95
    heard_s = monitor.arrived_at(begins)
    due_s = now_s - (at_s - 1.01)
    assert abs(heard_s - due_s) < 0.3, "the play head and the sound run together"
    assert not machine.problem


def test_it_begins_in_the_middle_of_an_answer(machine: TimeMachine) -> None:
    machine.go("2.01")
    with Monitor() as monitor:
        machine.play()
        until(lambda: machine.place.time_s > 3.2)
    assert likeness(SPEECH[RATE_HZ : 2 * RATE_HZ], monitor.audio)[0] > 0.95
    assert likeness(SPEECH[: RATE_HZ // 2], monitor.audio)[0] < 0.6


def test_pausing_and_other_speeds_are_silent(machine: TimeMachine) -> None:
    machine.go("1.0")
    with Monitor() as monitor:
        machine.play()
        until(lambda: len(monitor.loud()) > RATE_HZ // 10)
        machine.pause()
        time.sleep(0.3)
        after = len(monitor.audio)
        time.sleep(0.3)
        assert not len(monitor.loud(after))
        machine.set_speed(2.0)
        machine.play()
        time.sleep(0.4)
        assert not len(monitor.loud(after))
        machine.set_speed(1.0)
        until(lambda: len(monitor.loud(after)) > 0)


def test_without_a_device_it_is_silent_and_says_so() -> None:
    play = Session()
    play.connect()
    spoken(play, 1.0)
    log = play.log()
    timeline = timeline_of(log)
    sound = Sound(lambda: Speaker("no such device"), log, timeline.sound)
    machine = TimeMachine(log, timeline, sound, time.perf_counter)
    machine.advance()
    machine.go("0")
    machine.play()
    until(lambda: bool(machine.problem))
    assert machine.transport.sound == "silent: no output device"
    until(lambda: machine.place.time_s > 0)
    machine.close()
