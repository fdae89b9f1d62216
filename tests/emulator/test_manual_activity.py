"""Who says themselves when they speak: `activityStart` and `activityEnd`."""

from __future__ import annotations

import pytest

from tests.emulator.driver import seconds_of
from tests.emulator.test_hearing import STORY, TURN_END, activity, listening, order
from tui.emulator.perception.ears import WINDOW_S

MANUAL = {"disabled": True}


def test_in_manual_mode_the_client_says_when_a_turn_begins_and_ends() -> None:
    client = listening(detection=MANUAL)
    client.sound(1.0, speech=1.0)
    assert client.kinds() == []
    client.send({"realtimeInput": {"activityStart": {}}})
    client.sound(0.6, speech=1.0)
    client.sound(2.0)
    client.sound(0.6, speech=1.0)
    assert [kind for kind, _ in activity(client)] == ["ACTIVITY_START"]
    client.send({"realtimeInput": {"activityEnd": {}}})
    client.run()
    assert activity(client)[0] == ("ACTIVITY_START", "0.992s")
    assert order(client)[-4:] == ["voiceActivity", "audio", "generationComplete", TURN_END]
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    client.run()
    assert client.kinds()[-1] == TURN_END


def test_in_manual_mode_what_no_detector_takes_for_speech_is_transcribed_too() -> None:
    client = listening(detection=MANUAL)
    client.send({"realtimeInput": {"activityStart": {}}})
    client.sound(1.0)
    client.send({"realtimeInput": {"activityEnd": {}}})
    client.run()
    assert "".join(client.texts("inputTranscription")) == "What is 6 * 7?"
    assert seconds_of(client.transcribed[0]) == pytest.approx(1.0, abs=WINDOW_S)


def test_an_empty_manual_turn_is_answered() -> None:
    client = listening(detection=MANUAL)
    client.send({"realtimeInput": {"activityStart": {}}})
    client.send({"realtimeInput": {"activityEnd": {}}})
    client.run()
    assert client.kinds() == ["voiceActivity", "audio", "generationComplete", TURN_END]
    assert client.transcribed == []


def test_in_automatic_mode_the_clients_marks_mean_nothing() -> None:
    client = listening()
    client.send({"realtimeInput": {"activityStart": {}}})
    client.send({"realtimeInput": {"activityEnd": {}}})
    client.run()
    assert client.kinds() == []


def test_the_start_of_manual_activity_interrupts_the_answer() -> None:
    client = listening(detection=MANUAL)
    client.ask(STORY)
    client.run(2.0)
    client.forget()
    client.send({"realtimeInput": {"activityStart": {}}})
    assert client.kinds() == ["voiceActivity", "interrupted", TURN_END]
