"""What the emulator refuses, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Client

INVALID = "Request contains an invalid argument."


def setup(model: str = AUDIO_MODEL, **fields: Any) -> dict[str, Any]:
    return {"setup": {"model": model, **fields}}


def asking(*modalities: str) -> dict[str, Any]:
    return {"generationConfig": {"responseModalities": [*modalities]}}


def speaking(voice: str) -> dict[str, Any]:
    config = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
    return {"generationConfig": {"speechConfig": config}}


SETUPS = {
    "text of an audio model": (
        setup(**asking("TEXT")),
        1007,
        "The requested combination of response modalities (TEXT) is not supported by the model. "
        "models/gemini-3.8-live accepts the f",
    ),
    "two modalities": (setup(TEXT_MODEL, **asking("TEXT", "AUDIO")), 1007, INVALID),
    "no such modality": (
        setup(**asking("SMELL")),
        1007,
        "Invalid value at 'setup.generation_config.response_modalities[0]': \"SMELL\"",
    ),
    "no such model": (
        setup("models/gemini-9.9"),
        1008,
        "models/gemini-9.9 is not found for API version v1beta, or is not supported for "
        "bidiGenerateContent. Call ModelService",
    ),
    "no model": ({"setup": {}}, 1007, INVALID),
    "a voice of newer models": (
        setup(TEXT_MODEL, **speaking("Sulafat")),
        1007,
        "Requested voice api_name 'Sulafat' is not available for model models/gemini-2.0-flash-exp",
    ),
    "a voice in the wrong case": (
        setup(**speaking("puck")),
        1007,
        "Requested voice api_name 'puck' is not available for model models/gemini-3.8-live",
    ),
    "thinking where it must be omitted": (
        setup(generationConfig={"thinkingConfig": {}}),
        1007,
        INVALID,
    ),
    "an unknown handle": (
        setup(sessionResumption={"handle": "stale"}),
        1008,
        "BidiGenerateContent session not found",
    ),
    "a handle where there are none": (
        setup(TEXT_MODEL, sessionResumption={"handle": "stale"}),
        1008,
        "BidiGenerateContent session not found",
    ),
    "an unknown field": (
        setup(generationConfig={"foo": 1}),
        1007,
        "Invalid JSON payload received. Unknown name \"foo\" at 'setup.generation_config': "
        "Cannot find field.",
    ),
    "an unknown message": (
        {"foo": {}},
        1007,
        'Invalid JSON payload received. Unknown name "foo": Cannot find field.',
    ),
    "a wrong type": ({"setup": {"model": 7}}, 1007, "Invalid value at 'setup.model': int"),
    "another first message": (
        {"clientContent": {}},
        1007,
        "The first message must be setup.",
    ),
    "two messages in one": (
        {"setup": {"model": AUDIO_MODEL}, "clientContent": {}},
        1007,
        INVALID,
    ),
    "nothing": ({}, 1007, INVALID),
}


@pytest.mark.parametrize(("message", "code", "reason"), SETUPS.values(), ids=SETUPS)
def test_a_session_does_not_begin_with(message: dict[str, Any], code: int, reason: str) -> None:
    client = Client()
    client.send(message)
    assert client.closed is not None
    assert client.closed.code == code
    assert client.closed.reason.startswith(reason)
    assert client.received == []


LATER = {
    "not JSON": (b"hello", "Invalid JSON payload received. "),
    "not UTF-8": (b'{"realtimeInput": "\xff"}', "Invalid JSON payload received. "),
    "no object": (b"[]", "Invalid JSON payload received. "),
    "a second setup": (json.dumps(setup()).encode(), "Setup can be sent only once"),
    "text that is a number": (b'{"realtimeInput": {"text": 5}}', "Invalid value at "),
    "turns that are no list": (b'{"clientContent": {"turns": "hi"}}', ""),
    "a role that is none": (
        b'{"clientContent": {"turns": [{"role": "system", "parts": []}]}}',
        "Please use a valid role: user, model.",
    ),
    "audio that is not base64": (
        b'{"realtimeInput": {"audio": {"data": "%%%", "mimeType": "audio/pcm"}}}',
        "Invalid JSON payload received. ",
    ),
    "more than the context holds": (
        json.dumps({"realtimeInput": {"text": "x" * 600_000}}).encode(),
        INVALID,
    ),
}


@pytest.mark.parametrize(("payload", "reason"), LATER.values(), ids=LATER)
def test_a_session_ends_with(payload: bytes, reason: str) -> None:
    client = Client.ready("AUDIO")
    client.ask("Tell me a very long story.")
    client.run(1.0)
    client.send(payload)
    assert client.closed is not None
    assert client.closed.code == 1007
    assert client.closed.reason.startswith(reason)
    sent = len(client.received)
    client.run()
    client.send({"clientContent": {"turnComplete": True}})
    assert len(client.received) == sent


def test_reasons_are_cut_at_123_bytes_between_characters() -> None:
    client = Client()
    client.send(setup("models/" + "ж" * 100))
    assert client.closed is not None
    assert len(client.closed.reason.encode()) == 123
    assert client.closed.reason == "models/" + "ж" * 58


def test_vertex_names_a_missing_model_in_its_own_words() -> None:
    client = Client(vertex=True)
    client.send(setup("publishers/google/models/gemini-9.9"))
    assert client.closed is not None
    assert client.closed.reason.startswith("Publisher model publishers/google/models/gemini-9.9")
