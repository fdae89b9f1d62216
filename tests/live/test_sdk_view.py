from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tui.live import sdk_view
from tui.live.sdk_view import MAX_BYTES

CAPTURED = Path(__file__).parents[1] / "data/messages/captured_sdk_client_frames.jsonl"
RECORDED = Path(__file__).parents[1] / "data/messages/recorded_js_genai.jsonl"


def received(message: Any, vertex: bool = False) -> dict[str, Any]:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    shown = sdk_view.received(payload, vertex)
    assert json.loads(json.dumps(shown)) == shown
    assert shown.pop("google-genai") == version("google-genai")
    return shown


def sent(message: Any, vertex: bool = False) -> dict[str, Any]:
    shown = sdk_view.sent(json.dumps(message).encode(), vertex)
    assert json.loads(json.dumps(shown)) == shown
    assert shown.pop("google-genai") == version("google-genai")
    return shown


def content(**fields: Any) -> dict[str, Any]:
    return {"serverContent": fields}


def test_an_answer_is_an_object_with_text_and_data() -> None:
    parts = [
        {"text": "thinking", "thought": True},
        {"text": "Hello "},
        {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}},
        {"text": "there."},
    ]
    shown = received(content(modelTurn={"parts": parts}))
    assert shown["text"] == "Hello there."
    assert shown["data"] == "3 bytes"
    assert shown["message"]["server_content"]["model_turn"]["parts"][0]["thought"] is True
    assert "drops" not in shown
    assert shown["receive"] == "goes on"


def test_what_is_dropped_is_listed_by_its_path() -> None:
    message = content(turnComplete=True, future=1) | {"alsoNew": {"a": 1}}
    shown = received(message)
    assert shown["drops"] == ["serverContent.future", "alsoNew"]
    assert shown["message"] == {"server_content": {"turn_complete": True}}


def test_voice_activity_is_renamed_and_the_models_own_name_is_dropped() -> None:
    shown = received({"voiceActivity": {"type": "ACTIVITY_START", "audioOffset": "0.2s"}})
    assert shown["drops"] == ["voiceActivity.type"]
    assert shown["adds"] == ["voiceActivity.voiceActivityType"]
    shown = received({"voiceActivity": {"voiceActivityType": "ACTIVITY_START"}})
    assert shown["message"] == {"voice_activity": {}}


def test_the_dialects_of_usage_differ() -> None:
    usage = {"usageMetadata": {"candidatesTokenCount": 4}}
    assert received(usage)["drops"] == ["usageMetadata.candidatesTokenCount"]
    vertex = received(usage, vertex=True)
    assert vertex["message"] == {"usage_metadata": {"response_token_count": 4}}


@pytest.mark.parametrize(
    ("fields", "receive"),
    [
        ({"turnComplete": True}, "ends with this message"),
        ({"turnComplete": True, "interactionStatus": "IN_PROGRESS"}, "goes on"),
        ({"turnComplete": True, "interactionStatus": "IDLE"}, "ends with this message"),
        ({"turnComplete": True, "interactionStatus": "NEW"}, "goes on"),
        ({"generationComplete": True}, "goes on"),
    ],
)
def test_where_receive_ends(fields: dict[str, Any], receive: str) -> None:
    assert received(content(**fields))["receive"] == receive


@pytest.mark.parametrize("message", [b"", b"{}", content()])
def test_empty_messages_are_empty_objects(message: Any) -> None:
    shown = received(message)
    assert shown["text"] is None
    assert "breaks" not in shown


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"future": 1}, "TypeError: '<=' not supported"),
        ({"error": {"code": 429}}, "TypeError"),
        ({"code": 429, "message": "slow down"}, "ClientError: code 429."),
        (b"oops", "ValueError: Failed to parse response"),
        (b"[1]", "AttributeError"),
        (content(turnComplete="maybe"), "ValidationError: server_content.turnComplete: Input"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "RecursionError"),
        (b"x" * (MAX_BYTES + 1), "It closes the connection with 1009"),
    ],
)
def test_what_it_breaks_on_is_said_in_a_sentence(message: Any, error: str) -> None:
    shown = received(message)
    assert list(shown) == ["breaks"]
    assert shown["breaks"].removeprefix("receive() raises ").startswith(error)
    assert shown["breaks"].endswith(".")


def test_every_recorded_message_is_read_without_loss_but_what_is_known_to_be_lost() -> None:
    lost = set()
    for line in RECORDED.read_text().splitlines():
        row = json.loads(line)
        if row.get("direction") == "server" and isinstance(row.get("message"), dict):
            shown = received(row["message"], vertex="vertex" in row["source"].lower())
            assert "breaks" not in shown, (row["source"], shown)
            lost |= set(shown.get("drops", ()))
    assert lost <= LOST


LOST = {"usageMetadata.candidatesTokenCount", "usageMetadata.candidatesTokensDetails"}


def test_the_call_behind_every_captured_message_makes_it_again() -> None:
    calls = set()
    for line in CAPTURED.read_text().splitlines():
        row = json.loads(line)
        if "(Python)" not in row["source"] or "message" not in row:
            continue
        shown = sent(row["message"], vertex="vertex" in row["source"])
        if row["message"] == {"realtime_input": {"media_chunks": None}}:
            assert "no call" in shown
            continue
        calls.add(shown.pop("call"))
        assert list(shown) == ["arguments"], (row["source"], shown)
    assert calls == {
        "client.aio.live.connect",
        *("session.send_client_content", "session.send_realtime_input"),
        *("session.send_tool_response", "session.send_context_update"),
    }


def test_a_call_that_refuses_says_why() -> None:
    response = {"name": "f", "response": {}}
    message = {"toolResponse": {"functionResponses": [response]}}
    assert sent(message)["breaks"].startswith("ValueError: FunctionResponse request must have an")
    assert "breaks" not in sent(message, vertex=True)


def test_media_in_arguments_are_base64_for_eyes() -> None:
    blob = {"data": "AAAA", "mimeType": "audio/pcm;rate=16000"}
    shown = sent({"realtimeInput": {"audio": blob}})
    assert shown == {
        "call": "session.send_realtime_input",
        "arguments": {"audio": {"data": "AAAA", "mime_type": "audio/pcm;rate=16000"}},
    }


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"future": 1}', b"\xff"])
def test_what_no_call_makes_is_said(payload: bytes) -> None:
    shown = sdk_view.sent(payload, vertex=False)
    assert list(shown) == ["google-genai", "no call"]
    assert shown["no call"].startswith("No call of google-genai makes this message: ")
