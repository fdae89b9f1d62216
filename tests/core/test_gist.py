from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core import wire
from tui.core.gist import MAX_CHARS, MAX_FACTS, fact_gist, gist
from tui.core.text import safe

AUDIO = {"data": base64.b64encode(bytes(9_600)).decode(), "mimeType": "audio/pcm;rate=24000"}
USAGE = {"promptTokenCount": 515, "responseTokenCount": 31, "totalTokenCount": 546}


def received(message: Any) -> str:
    return gist(wire.decode(json.dumps(message).encode(), "receive"))


def sent(message: Any) -> str:
    return gist(wire.decode(json.dumps(message).encode(), "send"))


def part(value: dict[str, Any]) -> dict[str, Any]:
    return {"serverContent": {"modelTurn": {"parts": [value]}}}


def content(**fields: Any) -> dict[str, Any]:
    return {"serverContent": fields}


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (part({"inlineData": AUDIO}), "200 ms · 9,600 B · 24 kHz"),
        (part({"inlineData": AUDIO | {"mimeType": "audio/pcm"}}), "200 ms · 9,600 B · 24 kHz?"),
        (part({"inlineData": AUDIO | {"mimeType": "audio/mp3"}}), "audio/mp3 · 9,600 B"),
        (part({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}), "image/png · 3 B"),
        (part({"text": " Hi\nyou"}), '" Hi␊you"'),
        (part({"text": "Let me see", "thought": True}), '"Let me see"'),
        (part({"executableCode": {"code": "print(1)", "language": "PYTHON"}}), "print(1)"),
        (
            part({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}),
            "OUTCOME_OK · 1␊",
        ),
        (part({"functionCall": {"name": "f", "args": {"a": 1}}}), "f(a=1)"),
        (part({"fileData": {"fileUri": "u"}}), '{"fileData":{"fileUri":"u"}}'),
        (content(outputTranscription={"text": "We"}), '"We"'),
        (content(outputTranscription={}), ""),
        (content(interrupted=True), "interrupted"),
        (content(turnComplete=False), "turn complete: false"),
        (
            content(turnComplete=True, turnCompleteReason="RESPONSE_REJECTED"),
            "turn complete · RESPONSE_REJECTED",
        ),
        (content(interactionStatus="IDLE"), "IDLE"),
        (
            content(groundingMetadata={"webSearchQueries": ["a"], "groundingChunks": [{}, {}]}),
            '["a"] · 2 sources',
        ),
        (content(urlContextMetadata={"urlMetadata": [{"retrievedUrl": "http://a"}]}), "http://a"),
        (content(), ""),
        ({"usageMetadata": USAGE}, "515 in → 31 out = 546 tokens"),
        (
            {"usageMetadata": {"candidatesTokenCount": "2000", "thoughtsTokenCount": 5}},
            "0 in → 2,000 out + 5 thoughts = 2,005 tokens",
        ),
        (
            {"toolCall": {"functionCalls": [{"name": "get_weather", "args": {"city": "Paris"}}]}},
            "get_weather(city='Paris')",
        ),
        (
            {"toolCall": {"functionCalls": [{"name": "f"}, {"name": "g", "args": {"x": [1]}}]}},
            "f() · g(x=[1])",
        ),
        ({"toolCallCancellation": {"ids": ["fc_1", "fc_2"]}}, "fc_1, fc_2"),
        ({"goAway": {"timeLeft": "50s"}}, "50s left"),
        (
            {"sessionResumptionUpdate": {"newHandle": "ab12cdef9f", "resumable": True}},
            "resumable · handle ab12…9f",
        ),
        ({"sessionResumptionUpdate": {}}, "not resumable"),
        ({"setupComplete": {}}, ""),
        ({"setupComplete": {"sessionId": "f162"}}, "session f162"),
        ({"voiceActivity": {"type": "ACTIVITY_END", "audioOffset": "1s"}}, "ACTIVITY_END · 1s"),
        (
            {"voiceActivityDetectionSignal": {"vadSignalType": "VAD_SIGNAL_TYPE_SOS"}},
            "VAD_SIGNAL_TYPE_SOS",
        ),
        ({"error": {"code": 429, "message": "slow down"}}, "429 · slow down"),
        ({"brandNew": {"a": 1}, "goAway": 5}, 'brandNew: {"a":1} · goAway: 5'),
        ({}, ""),
        ([], "The message is an array, where the protocol has a JSON object."),
    ],
)
def test_a_server_message_in_one_line(message: Any, line: str) -> None:
    assert received(message) == line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            {
                "setup": {
                    "model": "models/gemini-3.8-live",
                    "generationConfig": {
                        "responseModalities": ["AUDIO"],
                        "speechConfig": {
                            "voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}}
                        },
                    },
                    "tools": [{"functionDeclarations": [{"name": "f"}], "googleSearch": {}}],
                    "sessionResumption": {"handle": "h"},
                }
            },
            "gemini-3.8-live · AUDIO · voice Puck · 2 tools · resumes a session",
        ),
        ({"clientContent": {"turns": [], "turnComplete": True}}, ""),
        (
            {
                "clientContent": {
                    "turns": [{"parts": [{"text": "q"}]}, {"parts": [{"text": "a"}, {"text": "b"}]}]
                }
            },
            '2 turns · "ab" · turn not complete',
        ),
        ({"realtimeInput": {"text": "hi"}}, '"hi"'),
        (
            {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "A" * 4268}}},
            "100 ms · 3,201 B · 16 kHz",
        ),
        (
            {"realtimeInput": {"mediaChunks": [{"mimeType": "image/jpeg", "data": "AAAA"}]}},
            "image/jpeg · 3 B",
        ),
        ({"realtimeInput": {"activityStart": {}}}, ""),
        ({"realtimeInput": {"audioStreamEnd": True}}, "audio stream end"),
        (
            {
                "toolResponse": {
                    "functionResponses": [
                        {"name": "f", "response": {"t": 20}, "scheduling": "SILENT"}
                    ]
                }
            },
            'f → {"t":20} · SILENT',
        ),
        ({"contextUpdate": {"tools": {"tools": []}}}, "0 tools"),
        ({"contextUpdate": {"systemInstruction": {"parts": []}}}, "system instruction"),
    ],
)
def test_a_client_message_in_one_line(message: Any, line: str) -> None:
    assert sent(message) == line


def test_the_facts_of_a_frame_are_joined() -> None:
    message = {
        "serverContent": {"outputTranscription": {"text": "Bye"}, "turnComplete": True},
        "usageMetadata": USAGE,
    }
    assert received(message) == '"Bye" · turn complete · 515 in → 31 out = 546 tokens'


def test_a_long_value_is_cut() -> None:
    line = received(part({"text": "word " * 1000}))
    assert len(line) == MAX_CHARS
    assert line.endswith("…")


def test_a_message_of_very_many_facts_is_cut() -> None:
    assert received(content(modelTurn={"parts": [{"text": "a"}] * 5000})).count('"a"') == MAX_FACTS


def test_what_a_message_smuggles_in_is_made_visible() -> None:
    args = {"x\x1b[2J": "\x9b\u202e"}
    line = received({"toolCall": {"functionCalls": [{"name": "\x07f", "args": args}]}})
    assert line == "␇f(x␛[2J='\\x9b\\u202e')"


def test_a_value_too_deep_for_json_is_named() -> None:
    payload = b'{"new":' + b"[" * 1000 + b"]" * 1000 + b"}"
    assert gist(wire.decode(payload, "receive")) == "new: nested too deep to show in a line"


def test_absurd_token_counts_have_a_line() -> None:
    counts = {"promptTokenCount": "9" * 4300, "responseTokenCount": "9" * 4300}
    assert received({"usageMetadata": counts}).endswith(" tokens")


KEYS = st.sampled_from(
    [
        *("serverContent", "modelTurn", "parts", "inlineData", "mimeType", "data", "text"),
        *("executableCode", "codeExecutionResult", "functionCall", "args", "name", "toolCall"),
        *("functionCalls", "toolCallCancellation", "ids", "goAway", "timeLeft", "setup", "tools"),
        *("generationConfig", "responseModalities", "usageMetadata", "promptTokenCount"),
        *("clientContent", "turns", "toolResponse", "functionResponses", "realtimeInput"),
        *("mediaChunks", "error", "groundingMetadata", "webSearchQueries", "contextUpdate"),
        *("invalid", "sessionResumptionUpdate", "newHandle", "totalTokenCount"),
    ]
)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["audio/pcm", "AAAA", "\x1b", "9" * 4300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=30,
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES), st.sampled_from(["send", "receive"]))
def test_any_message_has_a_line_that_is_safe(message: Any, direction: str) -> None:
    facts = wire.decode(json.dumps(message).encode(), direction)
    for fact in facts:
        line = fact_gist(fact)
        assert line == safe(line)
        assert len(line) <= MAX_CHARS
