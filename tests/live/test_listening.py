"""A person who speaks to the real emulator: a file in the microphone's place, in real time."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import Talk
from tui.core.frame import Direction, Event
from tui.core.utterances import Anchor

VOICES = Path(__file__).parents[1] / "data" / "voices"
MODEL = "gemini-3.8-live"


@pytest.fixture
def spoken(talk: Callable[..., Talk]) -> Talk:
    """Somebody asks about the weather as soon as there is a connection."""
    begun = talk(emulator=True, model=MODEL, mic=str(VOICES / "weather.wav"))
    begun.connect()
    return begun


def inputs(heard: Talk) -> list[dict[str, Any]]:
    """What was sent as real-time input."""
    sent = (json.loads(payload) for payload in heard.frames(Direction.SEND))
    return [frame["realtime_input"] for frame in sent if "realtime_input" in frame]


@pytest.mark.skipif(find_spec("moonshine_voice") is None, reason="no speech recognition here")
def test_a_spoken_question_is_heard_and_answered(spoken: Talk) -> None:
    session = spoken.until(lambda session: session.turns and session.turns[0].generated_s)
    (turn, *_) = session.turns
    assert "weather" in turn.user.lower()
    assert not turn.typed
    assert turn.answer
    assert turn.audio_s > 1
    assert spoken.events("microphone") == [{"device": "weather.wav", "problem": ""}]


def test_sound_is_sent_as_20_ms_of_pcm_with_its_rate(spoken: Talk) -> None:
    spoken.until(lambda _: len(inputs(spoken)) > 20)
    blobs = [frame["audio"] for frame in inputs(spoken)]
    assert {blob["mime_type"] for blob in blobs} == {"audio/pcm;rate=16000"}
    assert {len(blob["data"]) for blob in blobs} == {856}


def test_muting_ends_the_stream_and_keeps_the_connection(spoken: Talk) -> None:
    spoken.until(lambda _: len(inputs(spoken)) > 5)
    spoken.engine.mute(True).result(5)
    spoken.until(lambda _: inputs(spoken)[-1] == {"audioStreamEnd": True})
    spoken.engine.say("What is 6*7?")
    spoken.until(lambda session: any("42" in turn.answer for turn in session.turns))
    assert inputs(spoken)[-1] == {"audioStreamEnd": True}
    assert spoken.session.connected
    assert spoken.engine.capture.muted
    spoken.engine.mute(False).result(5)
    spoken.until(lambda _: "audio" in inputs(spoken)[-1])
    assert [event["muted"] for event in spoken.events("microphone.muted")] == [True, False]


def test_the_edges_of_speech_are_journalled(spoken: Talk) -> None:
    spoken.until(lambda _: spoken.events("speech.ended"))
    times = {
        record.name: record.mono_s
        for record in spoken.records
        if isinstance(record, Event) and record.name.startswith("speech.")
    }
    assert spoken.events("speech.ended") == [{"quiet_s": 0.5}]
    assert 0.5 < times["speech.ended"] - 0.5 - times["speech.started"] < 3


@pytest.mark.parametrize(
    ("model", "anchor"),
    [("gemini-3.8-live", Anchor.SERVER), ("gemini-2.0-flash-exp", Anchor.LOCAL)],
)
def test_the_latency_of_a_spoken_question_is_measured_from_the_end_of_speech(
    talk: Callable[..., Talk], model: str, anchor: Anchor
) -> None:
    heard = talk(emulator=True, model=model, view="audio", mic=str(VOICES / "weather.wav"))
    heard.connect()
    heard.until(lambda session: session.turns and session.turns[0].answered)
    session = heard.until(lambda session: session.turns[0].anchor == anchor)
    (turn, *_) = session.turns
    ended = [each for each in heard.records if isinstance(each, Event)]
    (local_s,) = [each.mono_s - 0.5 for each in ended if each.name == "speech.ended"]
    assert turn.ended_s is not None and turn.first_content_s is not None
    assert turn.ended_s == pytest.approx(local_s, abs=0.4), "both witnesses tell the same story"
    assert turn.ended_s < turn.first_content_s
    assert (turn.decided_s is not None) == (anchor is Anchor.SERVER)
