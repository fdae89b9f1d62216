"""Spoken turns: when they begin and end, what is said of them, and how they interrupt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.driver import RECOGNITION_S, Client, seconds_of
from tui.emulator.mouth.voice import BYTES_PER_S
from tui.emulator.perception.ears import WINDOW_S
from tui.emulator.session.delivery import FIRST_AUDIO_S

STORY = "Tell me a very long story."
TURN_END = "turnComplete+usage"
SPOKEN_TURN = ["voiceActivity", "inputTranscription", "voiceActivity", "audio"]
INPUT: dict[str, Any] = {"inputAudioTranscription": {}}


def listening(
    *words: str | None, modality: str = "AUDIO", detection: Any = None, **config: Any
) -> Client:
    """A client whose speech will be understood as these words."""
    config |= {"automaticActivityDetection": detection} if detection else {}
    client = Client.ready(modality, **INPUT, realtimeInputConfig=config)
    client.understood.extend(words or ["What is 6 * 7?"])
    return client


def activity(client: Client) -> list[tuple[str, str]]:
    """Each voiceActivity: its type and offset."""
    found = [m["voiceActivity"] for m in client.messages if "voiceActivity" in m]
    return [(one["type"], one["audioOffset"]) for one in found]


def order(client: Client) -> list[str]:
    """The kinds of messages but interim transcriptions, which have tests of their own."""
    return [kind for kind in client.kinds() if kind != "interimInputTranscription"]


def test_a_spoken_question_is_answered_like_a_typed_one() -> None:
    client = listening()
    client.sound(1.0)
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    assert order(client) == [*SPOKEN_TURN, "generationComplete", TURN_END]
    assert client.texts("inputTranscription") == ["What is 6 ", "* 7?"]
    assert activity(client) == [("ACTIVITY_START", "0.992s"), ("ACTIVITY_END", "1.600s")]


def test_the_answer_says_what_was_asked_in_text_too() -> None:
    client = listening("What is 6 times 7?", modality="TEXT")
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    assert client.words() == "That is 42."
    assert "voiceActivity" not in client.kinds(), "gemini-2.0-flash-exp does not send it"


def test_without_input_transcription_no_words_of_the_person_are_sent() -> None:
    client = Client.ready("AUDIO", outputAudioTranscription={})
    client.understood.append("What is 6 * 7?")
    client.sound(2.0, speech=1.0)
    client.sound(1.0)
    client.run()
    assert "That is 42." in client.words()
    assert not any("nputTranscription" in kind for kind in client.kinds())
    assert len(client.transcribed) == 1


def test_interim_words_come_while_somebody_speaks_and_replace_each_other() -> None:
    client = listening("What", "What is", "What is 6 * 7?")
    client.recognition_s = 0.1
    client.sound(2.0, speech=1.0)
    assert client.texts("interimInputTranscription") == ["What", "What is"]
    assert client.texts("inputTranscription") == []
    client.sound(1.0)
    client.run()
    assert "".join(client.texts("inputTranscription")) == "What is 6 * 7?"


def test_slow_recognition_makes_fewer_interim_transcriptions() -> None:
    made = []
    for recognition_s in (0.05, 0.15, 1.0):
        client = listening("words")
        client.recognition_s = recognition_s
        client.sound(4.0, speech=1.0)
        made.append(len(client.transcribed))
    assert made == [5, 4, 1]


@pytest.mark.parametrize(("silence_ms", "longest_ms"), [(300, 3900), (700, 5900)])
def test_interim_words_do_not_delay_the_answer(silence_ms: int, longest_ms: int) -> None:
    """Speech may end at any moment; longer ones wait for their own recognition, not for others."""
    for speech_ms in range(2000, longest_ms, 60):
        client = listening(detection={"silenceDurationMs": silence_ms})
        client.recognition_s, client.recognition_cost = 0.0, 0.09
        client.sound(speech_ms / 1000, speech=1.0)
        ended = client.now
        client.sound(2.0)
        assert client.at("audio") - ended - silence_ms / 1000 <= 0.3


def test_a_breath_is_transcribed_once() -> None:
    client = listening("What is", "6 * 7?")
    client.recognition_s = 0.1
    client.sound(2.5, speech=1.0)
    client.forget()
    made = len(client.transcribed)
    client.sound(0.3)
    client.sound(0.3, speech=1.0)
    assert len(client.transcribed) == made + 1, "what follows does not ask for the same again"
    client.sound(1.0)
    client.run()
    assert len(client.transcribed) == made + 2
    assert "".join(client.texts("inputTranscription")).endswith("6 * 7?")


def test_words_are_ready_when_the_end_of_speech_is_decided() -> None:
    client = listening()
    client.sound(1.0, speech=1.0)
    ended = client.now
    client.sound(1.0)
    decided = client.at("inputTranscription") - ended
    assert 0.7 <= decided < 0.7 + 2 * WINDOW_S
    assert client.at("audio") - client.at("inputTranscription") == pytest.approx(FIRST_AUDIO_S)


def test_slow_recognition_does_not_delay_the_answer_twice() -> None:
    client = listening(detection={"silenceDurationMs": 0})
    client.sound(0.6, speech=1.0)
    ended = client.now
    client.sound(1.0)
    assert client.at("audio") - ended < 0.3 + 2 * WINDOW_S


@pytest.mark.parametrize("silence_ms", [200, 500, 1500])
def test_speech_ends_after_the_silence_that_was_asked_for(silence_ms: int) -> None:
    client = listening(detection={"silenceDurationMs": silence_ms})
    client.sound(0.6, speech=1.0)
    ended = client.now
    client.sound(2.0)
    waited = client.at("inputTranscription") - ended
    recognition_s = RECOGNITION_S if silence_ms < 500 else 0.0
    assert silence_ms / 1000 <= waited <= silence_ms / 1000 + recognition_s + 3 * WINDOW_S


def test_a_shorter_silence_is_part_of_the_utterance() -> None:
    client = listening()
    for _ in range(3):
        client.sound(0.6, speech=1.0)
        client.sound(0.6)
    client.sound(0.3)
    assert [kind for kind, _ in activity(client)] == ["ACTIVITY_START", "ACTIVITY_END"]


@pytest.mark.parametrize(
    ("sensitivity", "speech", "heard"),
    [("HIGH", 0.6, True), ("LOW", 0.6, False), ("LOW", 0.9, True), ("UNSPECIFIED", 0.6, True)],
)
def test_the_start_sensitivity_decides_what_is_speech(
    sensitivity: str, speech: float, heard: bool
) -> None:
    client = listening(detection={"startOfSpeechSensitivity": f"START_SENSITIVITY_{sensitivity}"})
    client.sound(0.6, speech=speech)
    assert bool(activity(client)) == heard


@pytest.mark.parametrize(
    ("sensitivity", "ends"), [("HIGH", True), ("LOW", False), ("UNSPECIFIED", True)]
)
def test_the_end_sensitivity_decides_what_is_silence(sensitivity: str, ends: bool) -> None:
    detection = {
        "endOfSpeechSensitivity": f"END_SENSITIVITY_{sensitivity}",
        "silenceDurationMs": 500,
    }
    client = listening(detection=detection)
    client.sound(0.6, speech=1.0)
    client.sound(1.0, speech=0.25)
    assert ("audio" in client.kinds()) == ends


@pytest.mark.parametrize(("padding_ms", "heard"), [(0, True), (100, True), (400, False)])
def test_speech_must_last_as_long_as_the_prefix_padding(padding_ms: int, heard: bool) -> None:
    client = listening(detection={"prefixPaddingMs": padding_ms})
    client.sound(0.5)
    client.sound(0.2, speech=1.0)
    client.sound(0.5)
    assert bool(activity(client)) == heard


def test_what_was_said_while_the_prefix_lasted_is_not_lost() -> None:
    client = listening(detection={"prefixPaddingMs": 400})
    client.sound(0.5)
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    assert activity(client)[0] == ("ACTIVITY_START", "0.480s")
    assert seconds_of(client.transcribed[-1]) >= 0.6 + 0.3


BAD = {
    "a sensitivity that is none": {"startOfSpeechSensitivity": "VERY"},
    "a negative silence": {"silenceDurationMs": -1},
    "a silence in words": {"silenceDurationMs": "long"},
    "a prefix of the age of the universe": {"prefixPaddingMs": 4.3e20},
    "half a millisecond": {"prefixPaddingMs": 0.5},
}


@pytest.mark.parametrize("detection", BAD.values(), ids=BAD)
def test_detection_is_not_set_to(detection: dict[str, Any]) -> None:
    client = Client()
    config = {"automaticActivityDetection": detection}
    client.send({"setup": {"model": "models/gemini-3.8-live", "realtimeInputConfig": config}})
    assert client.closed is not None
    assert client.closed.code == 1007


def test_the_end_of_the_stream_ends_the_utterance() -> None:
    client = listening()
    client.sound(0.6, speech=1.0)
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    client.run()
    assert order(client) == [*SPOKEN_TURN, "generationComplete", TURN_END]
    client.forget()
    client.sound(0.6, speech=1.0)
    assert activity(client)[0][0] == "ACTIVITY_START", "sound may come again"


def test_the_end_of_a_stream_in_which_nobody_spoke_is_nothing() -> None:
    client = listening()
    client.sound(0.6)
    for _ in range(2):
        client.send({"realtimeInput": {"audioStreamEnd": True}})
    client.run()
    assert client.kinds() == []


def test_who_goes_on_before_the_words_are_there_has_not_ended() -> None:
    client = listening("What is", "What is 6 * 7?", detection={"silenceDurationMs": 100})
    client.sound(0.5, speech=1.0)
    client.sound(0.2)
    client.sound(0.5, speech=1.0)
    client.sound(1.0)
    client.run()
    assert [kind for kind, _ in activity(client)] == ["ACTIVITY_START", "ACTIVITY_END"]
    assert "".join(client.texts("inputTranscription")) == "What is 6 * 7?"


def test_speech_interrupts_the_answer() -> None:
    client = listening()
    client.ask(STORY)
    client.sound(2.0)
    client.sound(0.6, speech=1.0)
    assert order(client) == ["audio", "voiceActivity", "interrupted", TURN_END]
    client.forget()
    client.sound(1.0)
    client.run()
    assert order(client) == [*SPOKEN_TURN[1:], "generationComplete", TURN_END]


def test_without_interruption_the_answer_is_finished_before_the_next_begins() -> None:
    client = listening(activityHandling="NO_INTERRUPTION")
    client.ask("Who are you?")
    client.sound(1.0)
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    kinds = client.kinds()
    assert "interrupted" not in kinds
    first = kinds.index(TURN_END)
    assert kinds[first - 1] == "generationComplete"
    assert kinds[first + 1 :] == ["audio", "generationComplete", TURN_END]
    assert client.usage()["promptTokensDetails"][1]["modality"] == "AUDIO"
    assert client.texts("inputTranscription")


def test_what_was_typed_does_not_lose_what_was_said_before_it() -> None:
    client = listening("My name is Ada.", activityHandling="NO_INTERRUPTION")
    client.ask(STORY)
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.ask("What is my name?")
    client.run()
    assert client.clauses[-1] == "Your name is Ada."


def test_the_length_of_speech_counts_as_tokens() -> None:
    client = listening()
    client.sound(3.0)
    client.sound(2.0, speech=1.0)
    client.sound(1.0)
    client.run()
    details = client.usage()["promptTokensDetails"]
    assert details == [{"modality": "AUDIO", "tokenCount": pytest.approx(50, abs=2)}]


def test_all_input_counts_silence_too() -> None:
    client = listening(turnCoverage="TURN_INCLUDES_ALL_INPUT")
    for _ in range(2):
        client.sound(3.0)
        client.sound(1.0, speech=1.0)
        client.sound(1.0)
        client.run()
    [audio] = client.usage()["promptTokensDetails"]
    answer_s = sum(len(blob["data"]) * 3 / 4 for _, blob in client.audio()) / BYTES_PER_S / 2
    assert audio["tokenCount"] == pytest.approx(25 * (9.0 + answer_s), abs=3)


def test_it_tells_what_it_heard() -> None:
    client = listening("My name is Ada.", modality="TEXT")
    assert client.answer("What did you hear?") == "I have heard nothing yet: no sound has come."
    client.sound(1.0)
    assert "1.0 seconds of sound, now at -120 dBFS, but nobody" in client.answer("Do you hear me?")
    client.sound(2.0, speech=1.0)
    client.sound(1.0)
    client.run()
    told = client.answer("What did you hear?")
    assert told == "I heard 2.0 seconds of speech at -31 dBFS: “My name is Ada.”."


def test_without_a_recognizer_it_says_that_it_heard_and_what_to_install() -> None:
    client = listening(None, modality="TEXT")
    client.sound(2.0, speech=1.0)
    client.sound(1.0)
    client.run()
    assert client.words().startswith("I heard 2.0 seconds of speech at -31 dBFS, but I cannot")
    assert "pip install 'bidiscope[local]'" in client.words()
    assert len(client.transcribed) == 1, "it asks no more"


def test_speech_without_words_is_admitted() -> None:
    client = listening("", modality="TEXT")
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    assert "but made out no words" in client.words()
    assert client.texts("inputTranscription") == []


def test_what_is_said_before_the_history_is_not_answered() -> None:
    history = {"initialHistoryInClientContent": True}
    client = Client.ready("TEXT", historyConfig=history)
    client.understood.append("My name is Ada.")
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    assert client.kinds() == []
