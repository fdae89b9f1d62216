"""The person tells when they speak: activityStart and activityEnd, and nothing else is sent."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.live.test_listening import MODEL, VOICES, inputs
from tui.core.configuration.message import Configuration
from tui.core.frame import Frame

Begin = Callable[..., Talk]


@pytest.fixture
def pushed(talk: Begin) -> Talk:
    """A microphone that says the same sentence as soon as it is opened."""
    options = {"model": MODEL, "mic": str(VOICES / "weather.wav")}
    begun = talk(emulator=True, configuration=Configuration({"push_to_talk": True}), **options)
    begun.connect()
    begun.until(lambda _: begun.events("microphone"))
    return begun


def setups(heard: Talk) -> list[dict[str, Any]]:
    """The setups sent, their keys in the canonical case."""
    frames = (record for record in heard.records if isinstance(record, Frame))
    return [fact.value for frame in frames for fact in frame.facts if fact.kind == "setup"]


def signals(heard: Talk) -> list[str]:
    """What was sent as real-time input, runs of sound as one."""
    names = [name for frame in inputs(heard) for name in frame]
    return [name for at, name in enumerate(names) if at == 0 or name != names[at - 1]]


@pytest.mark.skipif(find_spec("moonshine_voice") is None, reason="no speech recognition here")
def test_what_is_said_between_two_pushes_is_heard_and_answered(pushed: Talk) -> None:
    assert signals(pushed) == []
    pushed.engine.talk()
    session = pushed.until(lambda session: session.talking)
    pushed.until(lambda _: pushed.engine.capture.over)
    pushed.engine.talk()
    pushed.until(lambda session: session.turns and session.turns[0].generated_s)
    assert signals(pushed) == ["activityStart", "audio", "activityEnd"]
    (turn,) = session.turns
    assert "weather" in turn.user.lower() and turn.answer
    assert turn.asked_s is not None and turn.latency_s is not None and turn.latency_s > 0
    assert not session.talking


def test_the_setup_turns_detection_off_and_on_again(pushed: Talk) -> None:
    connection = pushed.session.connection
    assert connection is not None and connection.manual
    pushed.engine.push_to_talk(False)
    pushed.until(lambda session: session.connections == 2 and session.connected)
    pushed.until(lambda _: "audio" in signals(pushed))
    connection = pushed.session.connection
    assert connection is not None and not connection.manual
    detection = [setup.get("realtimeInputConfig") for setup in setups(pushed)]
    assert detection == [{"automaticActivityDetection": {"disabled": True}}, None]


def test_muting_ends_what_is_said(pushed: Talk) -> None:
    pushed.engine.talk()
    pushed.until(lambda _: "audio" in signals(pushed))
    pushed.engine.mute(True)
    pushed.until(lambda session: not session.talking and "activityEnd" in signals(pushed))
    pushed.engine.talk()
    pushed.until(lambda _: pushed.events("refused"))
    assert "muted" in pushed.events("refused")[0]["message"]
    assert signals(pushed) == ["activityStart", "audio", "activityEnd"]


def test_talking_is_refused_in_words_where_the_server_detects(talk: Begin) -> None:
    begun = talk(emulator=True, model=MODEL, mic="off")
    begun.engine.talk()
    begun.until(lambda _: begun.events("refused"))
    begun.connect()
    begun.engine.talk()
    begun.until(lambda _: len(begun.events("refused")) == 2)
    messages = [event["message"] for event in begun.events("refused")]
    assert "no connection" in messages[0] and "p changes to push-to-talk" in messages[1]


def test_every_parameter_of_detection_is_in_the_setup(talk: Begin) -> None:
    values = {
        "start_sensitivity": "low",
        "end_sensitivity": "high",
        "prefix_ms": 40,
        "silence_ms": 900,
        "activity_handling": "waits",
        "turn_coverage": "all",
    }
    asked = Configuration(values)
    begun = talk(emulator=True, model=MODEL, mic="off", configuration=asked)
    begun.connect()
    assert setups(begun)[0]["realtimeInputConfig"] == {
        "automaticActivityDetection": {
            "startOfSpeechSensitivity": "START_SENSITIVITY_LOW",
            "endOfSpeechSensitivity": "END_SENSITIVITY_HIGH",
            "prefixPaddingMs": 40,
            "silenceDurationMs": 900,
        },
        "activityHandling": "NO_INTERRUPTION",
        "turnCoverage": "TURN_INCLUDES_ALL_INPUT",
    }
