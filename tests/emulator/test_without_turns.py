"""Translation and transcription, which have no turns; and speech that is not answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.cast import LIVE, TRANSCRIBE, TRANSLATE, begin, speak
from tests.emulator.driver import Client


def contents(client: Client, name: str) -> list[Any]:
    found = [message.get("serverContent", {}) for message in client.messages]
    return [content[name] for content in found if name in content]


def test_translation_goes_on_without_turns() -> None:
    client = begin(
        TRANSLATE,
        generationConfig={"translationConfig": {"targetLanguageCode": "es"}},
        inputAudioTranscription={},
        outputAudioTranscription={},
    )
    client.forget()
    speak(client, "Hello friend")
    speak(client, "Good morning")
    said = "".join(client.texts("outputTranscription"))
    assert said == "Emulator: a toy translation, word by word. Hola amigoBueno mañana"
    assert "Good morning" in "".join(client.texts("inputTranscription"))
    assert client.audio()
    assert not {"turnComplete", "generationComplete", "interrupted"} & set(
        "+".join(client.kinds()).split("+")
    )


@pytest.mark.parametrize(("echoes", "said"), [(True, "Hello friend"), (False, "")])
def test_the_target_language_is_echoed_if_that_is_asked(echoes: bool, said: str) -> None:
    translation = {"targetLanguageCode": "en-US", "echoTargetLanguage": echoes}
    client = begin(
        TRANSLATE,
        generationConfig={"translationConfig": translation},
        outputAudioTranscription={},
    )
    speak(client, "Hello friend")
    assert client.words() == said
    assert bool(client.audio()) == echoes


def test_a_language_without_words_is_owned_up_to() -> None:
    config = {"translationConfig": {"targetLanguageCode": "fi"}}
    client = begin(TRANSLATE, generationConfig=config, outputAudioTranscription={})
    speak(client, "Hello friend")
    assert client.words() == "Emulator: I have no words of fi, so I repeat yours. Hello friend"


def test_transcription_replaces_interim_words_and_ends_with_generation_complete() -> None:
    client = begin(TRANSCRIBE, inputAudioTranscription={"wordTimestamp": True})
    client.forget()
    speak(client, "um hello", "Hello there.")
    assert client.texts("interimInputTranscription")[0] == "um hello"
    [final] = contents(client, "inputTranscription")
    assert (final["text"], final["languageCode"]) == ("Hello there.", "en")
    assert [word["word"] for word in final["words"]] == ["Hello", "there."]
    offsets = [
        float(word[edge][:-1]) for word in final["words"] for edge in ("startOffset", "endOffset")
    ]
    assert offsets == sorted(offsets)
    assert final["startOffset"] == final["words"][0]["startOffset"]
    beside = [m for m in client.messages if "voiceActivity" in m]
    assert [m["voiceActivity"]["type"] for m in beside] == ["ACTIVITY_START", "ACTIVITY_END"]
    assert all(m["serverContent"] == {} for m in beside)
    assert contents(client, "generationComplete") == [True]
    assert client.words() == ""


def test_proactive_audio_stays_silent_where_another_is_meant() -> None:
    client = begin(LIVE, inputAudioTranscription={})
    client.forget()
    speak(client, "Anna, can you help me?")
    assert "audio" not in client.kinds()
    speak(client, "Can you help me?")
    assert "audio" in client.kinds()


def test_vertex_says_where_speech_begins_and_ends_if_that_is_asked() -> None:
    client = begin(LIVE, vertex=True, explicitVadSignal=True)
    client.understood.append("Hello")
    client.sound(1.5, 0.9)
    client.sound(1.5)
    name = "voiceActivityDetectionSignal"
    signals = [message[name]["vadSignalType"] for message in client.messages if name in message]
    assert signals == ["VAD_SIGNAL_TYPE_SOS", "VAD_SIGNAL_TYPE_EOS"]
