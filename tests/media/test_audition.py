"""Captured sound is heard on a real (virtual) sound card."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.media.virtual_sound import RATE_HZ, Monitor, SoundServer, likeness, until, voice
from tui.audition import SpeakerAudition
from tui.core.clip import Clip
from tui.media.speaker import Speaker

pytestmark = pytest.mark.xdist_group("sound")


@pytest.fixture
def audition(sound_server: SoundServer) -> Iterator[SpeakerAudition]:
    audition = SpeakerAudition(Speaker)
    yield audition
    audition.close()


def clip(name: str) -> Clip:
    return Clip(voice(name).tobytes(), RATE_HZ, True, 1)


def test_a_sound_of_a_recording_arrives_at_the_speaker(audition: SpeakerAudition) -> None:
    with Monitor() as monitor:
        assert audition.heard_s is None
        audition.play(clip("greeting"))
        assert audition.heard_s is not None
        until(lambda: audition.heard_s is None)
        time.sleep(0.1)
    assert likeness(voice("greeting"), monitor.audio)[0] > 0.7, "a busy machine drops samples"
    assert audition.problem == ""


def test_another_sound_takes_its_place_and_it_can_be_stopped(audition: SpeakerAudition) -> None:
    audition.play(clip("weather"))
    until(lambda: (audition.heard_s or 0) > 0.3)
    audition.play(clip("weather"))
    until(lambda: (audition.heard_s or 0) < 0.2)
    until(lambda: (audition.heard_s or 0) > 0.1)
    audition.stop()
    until(lambda: audition.heard_s is None)


def test_without_a_device_it_says_so() -> None:
    audition = SpeakerAudition(lambda: Speaker("no such device"))
    audition.play(clip("greeting"))
    until(lambda: audition.heard_s is None)
    assert "no such device" in audition.problem
    audition.close()


def test_no_device_is_opened_where_none_shall_be() -> None:
    with pytest.raises(ValueError, match="--no-sound"):
        SpeakerAudition(None).play(clip("greeting"))
