"""The rules that judge every frame of the other tests: they see what is wrong, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.driver import Client
from tests.emulator.rules import Rules
from tui.core import models
from tui.emulator.terms.profiles import names

USAGE = {
    "promptTokenCount": 2,
    "responseTokenCount": 1,
    "totalTokenCount": 3,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 2}],
    "responseTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
}
AUDIO = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}


def content(**fields: Any) -> dict[str, Any]:
    return {"serverContent": fields}


def turn(*parts: Any, **beside: Any) -> dict[str, Any]:
    return content(modelTurn={"parts": list(parts)}, **beside)


TEXT = turn({"text": "Hi"})
GENERATED, INTERRUPTED = content(generationComplete=True), content(interrupted=True)
COMPLETE = content(turnComplete=True) | {"usageMetadata": USAGE}

BROKEN: dict[str, list[dict[str, Any]]] = {
    "a default that is sent": [content(turnComplete=False)],
    "a field that nobody knows": [content(foo=1)],
    "two messages in one": [TEXT | {"goAway": {"timeLeft": "5s"}}],
    "a duration without unit": [{"goAway": {"timeLeft": "5"}}],
    "an index that is a number": [
        {"sessionResumptionUpdate": {"lastConsumedClientMessageIndex": 7}}
    ],
    "a session id of the Gemini API": [{"setupComplete": {"sessionId": "x"}}],
    "usage in the dialect of Vertex AI": [
        COMPLETE | {"usageMetadata": {"candidatesTokenCount": 1}}
    ],
    "usage that does not add up": [COMPLETE | {"usageMetadata": USAGE | {"totalTokenCount": 9}}],
    "a role of the Gemini API on 2.5": [content(modelTurn={"role": "model", "parts": [AUDIO]})],
    "two parts in an event": [turn(AUDIO, AUDIO)],
    "speech and words in an event": [turn(AUDIO, outputTranscription={"text": "Hi"})],
    "speech of no rate": [turn({"inlineData": AUDIO["inlineData"] | {"mimeType": "audio/pcm"}})],
    "content after generationComplete": [GENERATED, TEXT],
    "a call after generationComplete": [
        GENERATED,
        {"toolCall": {"functionCalls": [{"name": "f", "id": "1"}]}},
    ],
    "content after interrupted": [INTERRUPTED, TEXT],
    "generationComplete of an interrupted turn": [INTERRUPTED, GENERATED],
    "turnComplete out of the blue": [COMPLETE],
    "turnComplete without usage": [GENERATED, content(turnComplete=True)],
    "a frame that is too large": [turn({"text": "x" * 2**20})],
}
LAWFUL: dict[str, list[dict[str, Any]]] = {
    "a turn": [TEXT, GENERATED, COMPLETE],
    "two turns": [TEXT, GENERATED, COMPLETE, TEXT, GENERATED, COMPLETE],
    "an interruption": [TEXT, INTERRUPTED, COMPLETE, TEXT],
    "a late interruption": [TEXT, GENERATED, INTERRUPTED, COMPLETE],
    "noise": [{}, {"serverContent": {}}],
}


def judge(frames: list[dict[str, Any]]) -> None:
    rules = Rules(vertex=False)
    rules.heard(b'{"setup": {"model": "models/gemini-2.5-flash-native-audio-latest"}}')
    for frame in frames:
        rules.check(json.dumps(frame).encode())


@pytest.mark.parametrize("frames", BROKEN.values(), ids=BROKEN)
def test_this_breaks_a_rule(frames: list[dict[str, Any]]) -> None:
    judge(frames[:-1])
    with pytest.raises(AssertionError):
        judge(frames)


@pytest.mark.parametrize("frames", LAWFUL.values(), ids=LAWFUL)
def test_this_breaks_none(frames: list[dict[str, Any]]) -> None:
    judge(frames)


CONVERSING = [name for name in names() if models.model(name).converses]


@pytest.mark.parametrize("vertex", [False, True], ids=["Gemini API", "Vertex AI"])
@pytest.mark.parametrize("name", CONVERSING)
def test_no_model_breaks_one_in_a_conversation(name: str, vertex: bool) -> None:
    """One with a call, an interruption and speech of its words, wherever the model is served."""
    model = models.model(name)
    if ("vertex" if vertex else "gemini") not in model.apis:
        pytest.skip(f"{name} is not served there")
    client = Client(vertex=vertex)
    weather = {"name": "get_weather", "parameters": {"properties": {"city": {"type": "STRING"}}}}
    setup = {
        "model": f"models/{name}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "outputAudioTranscription": {},
        "sessionResumption": {},
        "tools": [{"functionDeclarations": [weather]}],
    }
    client.send({"setup": setup})
    for text in ("Tell me a very long story.", "What is the weather in Paris?", "What is 6 * 7?"):
        client.send({"realtimeInput": {"text": text}})
        client.run(3.0)
    for message in client.messages:
        for call in message.get("toolCall", {}).get("functionCalls", []):
            response = {name: call[name] for name in call if name != "args"}
            response["response"] = {"sky": "purple"}
            client.send({"toolResponse": {"functionResponses": [response]}})
    client.run()
    assert client.closed is None
    kinds = " ".join(client.kinds())
    assert all(kind in kinds for kind in ("audio", "interrupted", "turnComplete", "toolCall"))
