"""Sessions without turns: two sides whose text goes on, aligned by time; no turn is made up."""

from __future__ import annotations

import pytest

from tests.core.script import TRANSCRIBE, TRANSLATE, Continuous, Script, pcm
from tui.core.captions import LONG_CHARS, MOST_CHARS, PAUSE_S, Caption, Passage
from tui.core.session import Session


def texts(passages: list[Passage]) -> list[tuple[str, list[str]]]:
    return [
        (each.source.text if each.source else "", [target.text for target in each.targets])
        for each in passages
    ]


def source(passage: Passage) -> Caption:
    assert passage.source is not None
    return passage.source


def test_source_and_target_run_beside_each_other_and_make_no_turn() -> None:
    script = Continuous()
    script.heard(1.0, "Good morning")
    script.heard(1.5, " everybody.", languageCode="en-GB")
    script.made(2.5, "Guten Morgen", languageCode="de")
    script.made(2.9, " allerseits.")
    assert texts(script.passages) == [("Good morning everybody.", ["Guten Morgen allerseits."])]
    assert source(script.passages[0]).language == "en-GB"
    assert script.passages[0].targets[0].language == "de"
    assert script.passages[0].lag_s == pytest.approx(1.5)
    assert script.session.turns == []


def test_messages_that_end_turns_elsewhere_end_none_here() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.made(2.0, "Eins.")
    script.content(3.0, turnComplete=True, turnCompleteReason="NEED_MORE_INPUT")
    script.content(3.1, interrupted=True)
    script.send(3.2, realtimeInput={"text": "hello"})
    assert script.session.turns == []
    assert texts(script.passages) == [("One.", ["Eins."])]


def test_interim_words_are_replaced_and_then_final() -> None:
    script = Continuous(TRANSCRIBE)
    script.guessed(1.0, "Good")
    script.guessed(1.0 + 2 * PAUSE_S, "Good mourning")
    caption = source(script.passages[0])
    assert (caption.text, caption.interim, caption.began_s) == ("", "Good mourning", 1.0)
    script.heard(6.0, "Good morning.", languageCode="en")
    assert (caption.text, caption.interim, caption.final_s) == ("Good morning.", "", 6.0)
    script.content(6.1, generationComplete=True)
    script.guessed(6.2, "And")
    assert [source(each).interim for each in script.passages] == ["", "And"]


def test_words_that_never_became_final_stay_interim() -> None:
    script = Continuous(TRANSCRIBE)
    script.guessed(1.0, "Good mourning")
    script.event(2.0, "connection.closed", code=1011, reason="", by="server")
    script.event(3.0, "connection.opening", model=TRANSCRIBE, modality="TEXT", origin="key")
    script.send(3.1, setup={"model": f"models/{TRANSCRIBE}"})
    script.receive(3.2, setupComplete={})
    script.guessed(4.0, "Hello")
    assert [source(each).interim for each in script.passages] == ["Good mourning", "Hello"]


def test_a_silence_begins_a_caption() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.heard(1.0 + PAUSE_S, " Two.")
    script.heard(1.1 + 2 * PAUSE_S, "Three.")
    assert texts(script.passages) == [("One. Two.", []), ("Three.", [])]


def test_a_long_caption_ends_with_its_sentence_and_a_very_long_one_anyway() -> None:
    script = Continuous()
    script.heard(1.0, "a" * LONG_CHARS)
    script.heard(1.1, " b.")
    script.heard(1.2, " Next")
    script.heard(1.3, "c" * MOST_CHARS)
    script.heard(1.4, " on")
    found = [len(source(each).text) for each in script.passages]
    assert found == [LONG_CHARS + 3, MOST_CHARS + 5, 3]
    assert [source(each).after_silence for each in script.passages] == [True, False, False]


def test_another_language_or_speaker_begins_a_caption() -> None:
    script = Continuous(TRANSCRIBE)
    script.heard(1.0, "Good morning.", languageCode="en", speakerLabel="spk_1")
    script.heard(1.1, "Guten Morgen.", languageCode="de", speakerLabel="spk_1")
    script.heard(1.2, "Danke.", languageCode="de", speakerLabel="spk_2")
    found = [(source(each).language, source(each).speaker) for each in script.passages]
    assert found == [("en", "spk_1"), ("de", "spk_1"), ("de", "spk_2")]


def test_a_translation_moves_on_to_the_newer_source_with_its_next_sentence() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.made(2.0, "Eins")
    script.heard(1.1 + PAUSE_S, "Two.")
    script.made(3.5, " ist eins.")
    script.made(4.0, " Zwei.")
    assert texts(script.passages) == [("One.", ["Eins ist eins."]), ("Two.", [" Zwei."])]


def test_a_lag_is_known_only_where_nothing_was_owed() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.heard(4.0, "Two.")
    script.made(4.5, "Eins.")
    script.heard(8.0, "Three.")
    script.made(9.0, "Drei.")
    assert [each.lag_s for each in script.passages] == [None, None, pytest.approx(1.0)]


def test_a_lag_is_none_where_the_target_never_fell_silent() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.made(2.0, "Eins.")
    script.made(3.5, " Und.")
    script.heard(3.6, "Two.")
    script.made(4.0, " Zwei.")
    assert [each.lag_s for each in script.passages] == [pytest.approx(1.0), None]


def test_sound_is_counted_to_the_caption_that_it_is_of() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.content(2.0, modelTurn={"parts": [{"inlineData": pcm(0.5, 24000)}]})
    script.made(2.1, "Eins.")
    script.content(2.4, modelTurn={"parts": [{"inlineData": pcm(0.5, 24000)}]})
    script.event(2.5, "playback.started", caption=1, device="d")
    script.event(3.6, "playback.drained", caption=1, heard_s=1.0, received_s=1.0)
    target = script.passages[0].targets[0]
    assert (target.audio_s, target.first_played_s, target.heard_s) == (1.0, 2.5, 1.0)
    assert script.passages[0].lag_s == pytest.approx(1.0)
    assert script.session.captions.caption(2) is None


def test_the_end_of_speech_is_noted_though_its_mark_comes_late() -> None:
    script = Continuous(TRANSCRIBE)
    script.event(1.0, "speech.started")
    script.heard(3.0, "One.")
    script.event(3.2, "speech.ended", quiet_s=0.7)
    caption = source(script.passages[0])
    assert (caption.spoke_s, caption.spoke_by) == (1.0, "local VAD")
    assert (caption.hushed_s, caption.hushed_by) == (2.5, "local VAD")


@pytest.mark.parametrize("model", [TRANSLATE, TRANSCRIBE])
def test_tokens_are_not_added_up_but_tell_how_full_the_context_is(model: str) -> None:
    script = Continuous(model)
    script.receive(1.0, usageMetadata={"promptTokenCount": 90, "totalTokenCount": 100})
    script.receive(2.0, usageMetadata={"promptTokenCount": 190, "totalTokenCount": 200})
    assert script.session.usage.total == 0
    assert script.session.context == 190


def test_an_unknown_model_has_turns_unless_it_is_asked_to_translate() -> None:
    for config, turns in (({}, 1), ({"translationConfig": {"targetLanguageCode": "de"}}, 0)):
        script = Continuous("gemini-9-live", **config)
        script.made(1.0, "Guten Morgen.")
        assert len(script.session.turns) == turns


def test_a_session_may_change_between_the_two() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "Hello?")
    script.content(2.0, outputTranscription={"text": "Hi."})
    script.content(2.5, turnComplete=True)
    script.event(3.0, "connection.opening", model=TRANSLATE, modality="AUDIO", origin="key")
    script.send(3.1, setup={"model": f"models/{TRANSLATE}"})
    script.receive(3.2, setupComplete={})
    script.content(4.0, inputTranscription={"text": "One."})
    session: Session = script.session
    assert [turn.answer for turn in session.turns] == ["Hi."]
    assert texts(session.captions.passages) == [("One.", [])]
