from __future__ import annotations

import pytest

from tests.core.script import Script
from tui.core.hearing import Speech, server_speech


def started(offset_s: float) -> dict[str, str]:
    return {"type": "ACTIVITY_START", "audioOffset": f"{offset_s:.3f}s"}


def ended(offset_s: float) -> dict[str, str]:
    return {"type": "ACTIVITY_END", "audioOffset": f"{offset_s:.3f}s"}


def test_speech_stands_where_its_audio_was_sent() -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 4.0)
    script.receive(2.0, voiceActivity=started(0.51))
    script.receive(4.0, voiceActivity=ended(2.5))
    [speech] = server_speech(script.log)
    assert speech.begin_s == pytest.approx(1.52) and speech.end_s == pytest.approx(3.5)
    assert speech.decided_s == 4.0


def test_speech_that_begins_after_a_pause_of_the_stream_is_not_before_it() -> None:
    script = Script()
    script.connect()
    script.mic(1.0, 2.0)
    script.mic(5.0, 6.0)
    script.receive(5.3, voiceActivity=started(1.0))
    [speech] = server_speech(script.log)
    assert speech.begin_s == pytest.approx(5.02)
    assert (speech.end_s, speech.decided_s) == (None, None)


def test_without_an_offset_the_message_tells() -> None:
    script = Script()
    script.connect()
    script.receive(3.0, voiceActivity={"type": "ACTIVITY_START"})
    script.receive(4.0, voiceActivity={"type": "ACTIVITY_END"})
    assert server_speech(script.log) == [Speech(3.0, 4.0, 4.0)]


def test_what_the_person_told_is_not_heard() -> None:
    script = Script()
    detection = {"automaticActivityDetection": {"disabled": True}}
    script.send(0.1, setup={"model": "m", "realtimeInputConfig": detection})
    script.receive(0.2, setupComplete={})
    script.receive(3.0, voiceActivity={"type": "ACTIVITY_START"})
    assert server_speech(script.log) == []
