from __future__ import annotations

import numpy as np
import pytest

from tests.media.listener import answer, hearing
from tests.media.virtual_sound import SoundServer, say, until, voice
from tui.media.speaker import Speaker

pytestmark = pytest.mark.xdist_group("sound")


PERSON_BLOCKS = 140
"""What the person says, without the silence at its end."""

ROUNDS = 3
"""A machine that is busy now and then drops samples of its speaker; the median forgives one."""


def test_the_answer_in_the_room_is_cancelled_and_a_person_over_it_is_kept(
    sound_server: SoundServer,
) -> None:
    speaker = Speaker()
    speaker.open()
    person = voice("count-en-GB")
    own, alike, erle_db, kept = [], [], [], []
    with sound_server.echo(), hearing(reference=speaker.reference) as (microphone, wire):
        start = len(wire)
        say(person)
        until(lambda: microphone.snapshot().speech is False)
        alone = np.array([block.speech for block in wire[start : start + PERSON_BLOCKS]])
        for number in range(ROUNDS):
            start = len(wire)
            answer(speaker, number, voice("long"))
            until(lambda: speaker.snapshot().heard_s > 3)
            own.append(wire.after(start).speech())
            alike.append(microphone.overlap().heard)
            now = microphone.snapshot()
            assert now.erle_db is not None
            assert now.aec == f"echo cancelling {now.erle_db:.0f} dB"
            erle_db.append(now.erle_db)
            start = len(wire)
            say(person)
            both = np.array([block.speech for block in wire[start : start + len(alone)]])
            kept.append(both[alone].mean())
            speaker.flush(abort=True)
            until(lambda: speaker.snapshot().idle and microphone.snapshot().speech is False)
    speaker.close()
    assert np.median(own) <= 0.02
    assert np.median(alike) > 0.4
    assert np.median(erle_db) >= 25
    assert np.median(kept) >= 0.9


def test_without_cancelling_the_answer_is_heard_as_speech_and_recognised(
    sound_server: SoundServer,
) -> None:
    speaker = Speaker()
    speaker.open()
    options = {"reference": speaker.reference, "aec": False}
    with sound_server.echo(), hearing(**options) as (microphone, wire):
        start = len(wire)
        answer(speaker, 1, voice("weather"))
        until(lambda: speaker.snapshot().heard_s > 1.5)
        alike = microphone.overlap().heard
        until(lambda: speaker.snapshot().idle)
        own = wire.after(start)
        now = microphone.snapshot()
        say(voice("count-en-GB"))
        person = microphone.overlap().heard
    speaker.close()
    assert own.speech() > 0.5
    assert alike > 0.5 and person < 0.2
    assert (now.aec, now.erle_db) == ("off by --no-aec", None)
