"""What frameworks and SDKs were recorded to send is taken, whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.driver import TEXT_MODEL, Client
from tests.emulator.test_dialects import SOUND, TURN, b64
from tui.emulator.terms.profiles import names

MESSAGES = Path(__file__).parents[1] / "data/messages"


def frames(name: str) -> list[tuple[str, dict[str, Any]]]:
    """The source and the message of each frame that a client sent."""
    rows = map(json.loads, (MESSAGES / name).read_text("utf-8").splitlines())
    return [
        (row["source"], row["message"])
        for row in rows
        if row["direction"] == "client" and isinstance(row.get("message"), dict)
    ]


def test_every_message_that_frameworks_send_is_taken() -> None:
    """Pipecat, LiveKit and ADK, as they came here from each of them unchanged."""
    sessions: dict[str, Client] = {}
    for source, message in frames("captured_framework_client_frames.jsonl"):
        client = sessions.setdefault(source, Client())
        client.send(message)
        client.run()
        assert client.closed is None, (source, message)
    assert len(sessions) == 3
    answers = {source: client.words() for source, client in sessions.items()}
    assert all("That is 42." in words for words in answers.values()), answers


def test_both_modalities_of_2_0_have_the_dialects_of_both_services() -> None:
    for vertex in (False, True):
        for modality in ("TEXT", "AUDIO"):
            client = Client(vertex=vertex)
            model = ("publishers/google/" if vertex else "") + TEXT_MODEL
            config = {"responseModalities": [modality]}
            client.send({"setup": {"model": model, "generationConfig": config}})
            assert client.closed is None
            client.ask("What is 6 * 7?")
            client.run()
            assert client.kinds()[-1] == "turnComplete+usage"


def sessions(name: str) -> dict[str, list[dict[str, Any]]]:
    """What the clients of each source sent; media that was shortened in the file is left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for source, message in frames(name):
        if "<truncated" not in str(message):
            found.setdefault(source, []).append(message)
    return found


RECORDED = sessions("recorded_js_genai.jsonl")


@pytest.mark.parametrize("messages", RECORDED.values(), ids=[name[-40:] for name in RECORDED])
def test_what_the_real_service_took_is_taken(messages: list[dict[str, Any]]) -> None:
    client = Client(vertex="projects/" in messages[0]["setup"]["model"])
    for message in messages:
        client.send(message)
        client.run()
        assert client.closed is None, message


def test_vertex_sends_an_empty_transcription_before_the_words_as_recorded() -> None:
    client = Client(vertex=True)
    setup, asked = next(
        messages for messages in RECORDED.values() if "outputAudioTranscription" in str(messages[0])
    )
    client.send(setup)
    client.send(asked)
    client.run()
    contents = [message.get("serverContent", {}) for message in client.messages]
    words = [one["outputTranscription"] for one in contents if "outputTranscription" in one]
    assert words[0] == {}
    assert len(words) > 2
    assert all(words[1:])
    assert {blob["mimeType"] for _, blob in client.audio()} == {"audio/pcm"}


WHOLE = ("gemini-full", "vertex-full", "js-full", "foo")


"""These ask for all there is at once, which no model has: budgets, labels, stop sequences."""


def test_every_setup_of_the_sdks_is_taken_by_a_model_that_has_what_it_asks_for() -> None:
    refused = set()
    for source, message in frames("captured_sdk_client_frames.jsonl"):
        if "setup" in message:
            clients = [
                Client(vertex=vertex, version=version, model=model)
                for model in names()
                for vertex, version in ((True, ""), (False, "v1alpha"), (False, "v1beta"))
            ]
            for client in clients:
                client.send(message)
            if all(client.closed for client in clients):
                refused.add(source if "foo" not in str(message) else "foo")
    assert refused == {source for source in refused if any(name in source for name in WHOLE)}
    assert len(refused) <= 5


FIREBASE: list[dict[str, Any]] = [
    {
        "setup": {
            "model": "projects/demo/models/gemini-3.8-live",
            "generationConfig": {"responseModalities": ["AUDIO"]},
            "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
            "outputAudioTranscription": {},
            "sessionResumption": {},
        }
    },
    {"realtimeInput": {"mediaChunks": [{"mimeType": "audio/pcm", "data": b64(SOUND)}]}},
    {"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": b64(SOUND)}}},
    {"clientContent": {"turns": [TURN], "turnComplete": True}},
]


def test_what_firebase_sends_is_taken() -> None:
    """After packages/ai/src of firebase-js-sdk: a model of a project, mime types without rate."""
    client = Client()
    for message in FIREBASE:
        client.send(message)
    client.run()
    assert client.closed is None
    assert client.words() == "That is 42."
