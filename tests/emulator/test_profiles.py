"""What sets the models apart: who serves them, what they take, and how their messages look."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.emulator.cast import (
    EXTENDED,
    INVALID,
    LIVE,
    NATIVE,
    STORY,
    TRANSCRIBE,
    TRANSLATE,
    VERTEX_NATIVE,
    YOUNG,
    begin,
    known,
    why,
)
from tests.emulator.driver import Client, Message
from tui.core import models
from tui.emulator.terms import profiles

ALL = profiles.names()
CONVERSING = [name for name in ALL if models.model(name).converses]


def talk(name: str, **setup: Any) -> Client:
    client = begin(name, outputAudioTranscription={}, **setup)
    client.send({"realtimeInput": {"text": "Who are you?"}})
    client.run(30.0)
    return client


@pytest.mark.parametrize("name", ALL)
def test_each_model_is_listed_and_begins_a_session(name: str) -> None:
    model = models.model(name)
    assert model.listed
    assert begin(name).kinds() == ["setupComplete"]


@pytest.mark.parametrize("name", models.names())
def test_each_listed_model_is_emulated(name: str) -> None:
    assert name in ALL


@pytest.mark.parametrize("name", ALL)
def test_a_service_that_does_not_have_a_model_says_so(name: str) -> None:
    for vertex, api in ((False, "gemini"), (True, "vertex")):
        client = begin(name, vertex=vertex)
        if api in known(name).model.apis:
            assert client.closed is None
        elif vertex:
            assert why(client) == (1008, f"Publisher model models/{name} was not found")
        else:
            told = f"models/{name} is not found for API version v1alpha, or is not supported for"
            assert why(client)[0] == 1008
            assert why(client)[1].startswith(told)


@pytest.mark.parametrize(("location", "served"), [("us-central1", True), ("global", False)])
def test_a_model_may_be_regional(location: str, served: bool) -> None:
    name = f"projects/p/locations/{location}/publishers/google/models/{VERTEX_NATIVE}"
    client = Client(vertex=True)
    client.send({"setup": {"model": name}})
    assert (client.closed is None) == served
    if not served:
        assert why(client)[1] == f"Publisher model {name} was not found"[:123]


@pytest.mark.parametrize("name", ALL)
def test_a_chosen_model_answers_whichever_the_client_names(name: str) -> None:
    client = Client(model=name)
    client.send({"setup": {"model": "models/gemini-9.9"}})
    assert client.kinds() == ["setupComplete"]


@pytest.mark.parametrize("name", ALL)
def test_modalities(name: str) -> None:
    for modality in ("TEXT", "AUDIO"):
        client = begin(name, generationConfig={"responseModalities": [modality]})
        if modality in known(name).model.modalities:
            assert client.closed is None
        else:
            told = f"The requested combination of response modalities ({modality}) is not supported"
            assert why(client) == (
                1007,
                f"{told} by the model. models/{name} accepts the following"[:123],
            )


@pytest.mark.parametrize("name", ALL)
def test_fields_by_capability(name: str) -> None:
    model, config = known(name).model, "generationConfig"
    cases: list[tuple[dict[str, Any], bool]] = [
        (
            {config: {"thinkingConfig": {"thinkingLevel": "LOW"}}},
            model.thinking in ("level", "any"),
        ),
        ({config: {"thinkingConfig": {"thinkingBudget": 0}}}, model.thinking in ("budget", "any")),
        ({config: {"thinkingConfig": {}}}, model.thinking != "none"),
        ({config: {"enableAffectiveDialog": True}}, model.affective),
        ({config: {"translationConfig": {"targetLanguageCode": "es"}}}, name == TRANSLATE),
        ({"systemInstruction": {"parts": [{"text": "x"}]}}, model.instruction),
        ({"proactivity": {"proactiveAudio": True}}, model.proactive != "none"),
        ({"proactivity": {"proactiveAudio": False}}, model.proactive != "always"),
        *(
            ({"tools": [{kind: {}}]}, kind not in model.refused_tools)
            for kind in ("googleSearch", "codeExecution", "urlContext", "googleMaps")
        ),
    ]
    for asked, taken in cases:
        client = begin(name, **asked)
        assert (client.closed is None) == taken, asked
        assert taken or why(client) == (1007, INVALID)


@pytest.mark.parametrize(("level", "taken"), [("MINIMAL", False), ("LOW", True), ("XHIGH", False)])
def test_extended_thinking_has_no_minimal_level(level: str, taken: bool) -> None:
    client = begin(EXTENDED, generationConfig={"thinkingConfig": {"thinkingLevel": level}})
    assert (client.closed is None) == taken


@pytest.mark.parametrize(
    ("setup", "path"),
    [
        ({"generationConfig": {"enableAffectiveDialog": True}}, '"enableAffectiveDialog" at'),
        ({"proactivity": {"proactiveAudio": True}}, "\"proactivity\" at 'setup'"),
    ],
)
def test_native_audio_has_some_fields_in_v1alpha_only(setup: Message, path: str) -> None:
    for version in ("v1", "v1beta"):
        client = Client(version=version)
        client.send({"setup": {"model": f"models/{NATIVE}", **setup}})
        assert why(client)[1].startswith(f"Invalid JSON payload received. Unknown name {path}")
    assert begin(NATIVE, **setup).closed is None


# In mid-session


@pytest.mark.parametrize("name", ALL)
def test_client_content(name: str) -> None:
    content = {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hi"}]}]}}
    client = begin(name)
    client.send(content)
    taken = known(name).model.client_content == "any"
    assert (client.closed is None) == taken
    assert taken or why(client) == (1007, INVALID)


def test_3_1_takes_history_once_and_answers_realtime_input() -> None:
    client = begin(
        YOUNG,
        outputAudioTranscription={},
        historyConfig={"initialHistoryInClientContent": True},
    )
    client.ask("My name is Ada.", complete=False)
    client.ask("What is my name?")
    client.run(10.0)
    assert client.words() == ""
    client.send({"realtimeInput": {"text": " "}})
    client.run(10.0)
    assert client.words().endswith("Ada.")
    client.ask("And now?")
    assert why(client) == (1007, INVALID)


@pytest.mark.parametrize("name", ALL)
def test_media_chunks(name: str) -> None:
    client = begin(name)
    blob = {"data": base64.b64encode(bytes(640)).decode(), "mimeType": "audio/pcm;rate=16000"}
    client.send({"realtimeInput": {"mediaChunks": [blob]}})
    assert (client.closed is None) == known(name).model.media_chunks


@pytest.mark.parametrize("name", ALL)
def test_context_updates(name: str) -> None:
    client = begin(name, outputAudioTranscription={})
    client.send({"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be brief."}]}}})
    if not known(name).model.context_update:
        assert why(client) == (1007, INVALID)
        return
    assert client.answer("What is your system instruction?").endswith("“Be brief.”")
    client.send({"contextUpdate": {"tools": {"tools": [{"codeExecution": {}}]}}})
    assert why(client) == (1007, INVALID)


@pytest.mark.parametrize("name", [TRANSLATE, TRANSCRIBE])
@pytest.mark.parametrize(
    "given", [{"text": "Hi"}, {"video": {"data": "AAAA", "mimeType": "image/jpeg"}}]
)
def test_models_without_turns_take_sound_only(name: str, given: Message) -> None:
    client = begin(name)
    client.send({"realtimeInput": given})
    assert why(client) == (1007, INVALID)


@pytest.mark.parametrize("edge", ["activityStart", "activityEnd"])
def test_activity_is_not_for_the_client_to_say_where_it_is_detected(edge: str) -> None:
    client = begin(LIVE)
    client.send({"realtimeInput": {edge: {}}})
    told = (
        "Explicit activity control is not supported when automatic activity detection is enabled."
    )
    assert why(client) == (1007, told)


def blob(mime_type: str) -> Message:
    return {"data": "e30=", "mimeType": mime_type}


MEDIA: list[tuple[Message, int, str]] = [
    ({"realtimeInput": {"video": blob("video/mp4")}}, 1007, INVALID),
    ({"realtimeInput": {"audio": blob("audio/mp3")}}, 1007, "Sound must be audio/pcm"),
    (
        {"clientContent": {"turns": [{"parts": [{"inlineData": blob("application/json")}]}]}},
        1008,
        "Request trace id: ",
    ),
]


@pytest.mark.parametrize(("message", "code", "reason"), MEDIA)
def test_a_wrong_mime_type_is_refused(message: Message, code: int, reason: str) -> None:
    client = begin(LIVE)
    client.send(message)
    assert why(client)[0] == code
    assert why(client)[1].startswith(reason)


# How messages look


@pytest.mark.parametrize("name", CONVERSING)
def test_how_an_answer_looks(name: str) -> None:
    client, one = talk(name), known(name)
    contents = [m["serverContent"] for m in client.messages if m.get("serverContent")]
    spoken = [content for content in contents if "modelTurn" in content]
    vertex = "gemini" not in one.model.apis
    assert all(("role" in c["modelTurn"]) == (vertex or one.model_role) for c in spoken)
    assert {c["modelTurn"]["parts"][0]["inlineData"]["mimeType"] for c in spoken} == {one.mime_type}
    assert any("outputTranscription" in c for c in spoken) == one.bundled
    assert client.words().startswith("I am the local emulator")
    empty = [message for message in client.messages if message in ({}, {"serverContent": {}})]
    assert bool(empty) == one.empty_frames


def test_on_vertex_an_empty_transcription_comes_first() -> None:
    client = begin(LIVE, vertex=True, outputAudioTranscription={})
    client.ask("Who are you?")
    client.run(30.0)
    contents = [m["serverContent"] for m in client.messages if m.get("serverContent")]
    assert contents[0] == {"outputTranscription": {}}
    assert all(c["outputTranscription"] for c in contents[1:] if "outputTranscription" in c)


@pytest.mark.parametrize("name", [LIVE, EXTENDED])
def test_empty_frames_are_of_both_kinds(name: str) -> None:
    client = begin(name)
    client.ask(STORY)
    client.run(60.0)
    assert {} in client.messages
    assert {"serverContent": {}} in client.messages


def test_an_answer_has_no_more_tokens_than_asked_for() -> None:
    for name, modality in (("gemini-2.0-flash-exp", "TEXT"), (LIVE, "AUDIO")):
        config = {"responseModalities": [modality], "maxOutputTokens": 40}
        client = begin(name, generationConfig=config)
        client.ask(STORY)
        client.run(60.0)
        assert 30 <= client.usage()["responseTokenCount"] <= 40
        assert client.kinds()[-2:] == ["generationComplete", "turnComplete+usage"]


def test_a_seed_makes_a_session_repeatable() -> None:
    def heard(seed: int) -> str:
        client = begin(LIVE, generationConfig={"seed": seed})
        client.ask(STORY)
        client.run(60.0)
        return json.dumps(client.received)

    assert heard(1) == heard(1) != heard(2)


def test_pictures_weigh_what_the_resolution_says() -> None:
    for resolution, tokens in (("LOW", 64), ("MEDIUM", 256)):
        config = {"mediaResolution": f"MEDIA_RESOLUTION_{resolution}"}
        client = begin(LIVE, generationConfig=config)
        client.blob("video", b"no picture", "image/jpeg")
        client.ask("Hello")
        client.run(30.0)
        details = client.usage()["promptTokensDetails"]
        assert {"modality": "VIDEO", "tokenCount": tokens} in details
