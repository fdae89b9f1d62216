"""One of two devices is pulled out in mid-session, and comes back."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.media.listener import answer, hearing
from tests.media.virtual_sound import Monitor, SoundServer, likeness, until, voice
from tui.core.capture import BLOCK_S
from tui.media.speaker import Speaker

pytestmark = pytest.mark.xdist_group("sound")


def test_a_headset_that_comes_late_is_found_and_a_pulled_one_is_said(
    sound_server: SoundServer,
) -> None:
    speaker = Speaker("headset")
    speaker.open()
    with hearing(aec=False) as (microphone, wire):
        assert "does not name one speaker" in speaker.snapshot().problem
        start = len(wire)
        with sound_server.headset() as headset:
            until(lambda: not speaker.snapshot().problem)
            until(lambda: bool(microphone.snapshot().device))
            microphone.switch("headset")
            until(lambda: microphone.snapshot().device == "headset")
            answer(speaker, 1, voice("weather"))
            until(lambda: speaker.snapshot().heard_s > 0.5)
            headset.kill()
            until(lambda: bool(speaker.snapshot().problem), timeout_s=1)
            until(lambda: bool(microphone.snapshot().problem), timeout_s=1)
            headset.start()
            until(lambda: not speaker.snapshot().problem and not microphone.snapshot().problem)
            answer(speaker, 2, voice("weather"))
            until(lambda: speaker.snapshot().idle)
            assert speaker.snapshot().heard_s == speaker.snapshot().received_s
        times = np.array([block.captured_s for block in wire.after(start)])
    speaker.close()
    assert len(times) * BLOCK_S == pytest.approx(times[-1] - times[0], abs=0.15)


def test_an_answer_goes_on_on_another_speaker(sound_server: SoundServer) -> None:
    speech = voice("long")
    with sound_server.headset():
        speaker = Speaker("headset")
        speaker.open()
        answer(speaker, 1, speech)
        until(lambda: speaker.snapshot().heard_s > 1)
        with Monitor() as monitor:
            heard_s = speaker.snapshot().heard_s
            speaker.switch(None)
            until(lambda: speaker.snapshot().device == "default")
            until(lambda: speaker.snapshot().idle)
            time.sleep(0.1)
        now = speaker.snapshot()
        speaker.close()
    rest = speech[round((heard_s + 0.3) * 24000) :]
    assert likeness(rest, monitor.audio)[0] > 0.95
    assert (now.heard_s, now.problem) == (now.received_s, "")
