from __future__ import annotations

import base64
import json
import math
from datetime import datetime
from typing import Any

import jsonschema
import pytest

from tests.exporters.sessions import exported, frames, log_of
from tests.rehearsal import Rehearsal, conversation
from tui.core.frame import BINARY, TEXT, Direction, Frame
from tui.exporters.har import message

NUMBER, STRING, LIST = {"type": "number"}, {"type": "string"}, {"type": "array"}
MESSAGE = {
    "type": "object",
    "required": ["type", "time", "opcode", "data"],
    "properties": {
        "type": {"enum": ["send", "receive"]},
        "time": NUMBER,
        "opcode": {"enum": [TEXT, BINARY]},
        "data": STRING,
    },
    "patternProperties": {"^_": {}},
    "additionalProperties": False,
}
REQUEST = {
    "type": "object",
    "required": [
        *("method", "url", "httpVersion", "headers", "queryString", "cookies"),
        *("headersSize", "bodySize"),
    ],
    "properties": {
        "url": {"type": "string", "pattern": "^wss?://"},
        "headers": LIST,
        "queryString": LIST,
        "cookies": LIST,
        "headersSize": NUMBER,
        "bodySize": NUMBER,
    },
}
RESPONSE = {
    "type": "object",
    "required": [
        *("status", "statusText", "httpVersion", "headers", "cookies", "content"),
        *("redirectURL", "headersSize", "bodySize", "_transferSize"),
    ],
    "properties": {
        "status": NUMBER,
        "content": {
            "type": "object",
            "required": ["size", "mimeType"],
            "properties": {"size": NUMBER, "mimeType": STRING},
        },
        "headersSize": NUMBER,
        "bodySize": NUMBER,
        "_error": STRING,
    },
}
ENTRY = {
    "type": "object",
    "required": [
        *("startedDateTime", "time", "request", "response", "cache", "timings"),
        *("_resourceType", "_webSocketMessages", "connection", "_connectionId"),
    ],
    "properties": {
        "startedDateTime": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        },
        "time": {"type": "number", "minimum": 0},
        "_resourceType": {"const": "websocket"},
        "request": REQUEST,
        "response": RESPONSE,
        "cache": {"const": {}},
        "timings": {
            "type": "object",
            "required": ["send", "wait", "receive"],
            "additionalProperties": NUMBER,
        },
        "_webSocketMessages": {"type": "array", "items": MESSAGE},
        "connection": {"type": "string", "pattern": r"^\d+$"},
    },
}
HAR = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "pages", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {"type": "array", "items": ENTRY},
            },
        }
    },
}
"""field/debuggers.md 4.1, after DevTools' HARFormat.ts and Importer.ts."""


def har(play: Rehearsal, form: str = "har") -> list[dict[str, Any]]:
    """The entries of a HAR that fits the schema."""
    document = json.loads(exported(play, form))
    jsonschema.validate(document, HAR)
    entries: list[dict[str, Any]] = document["log"]["entries"]
    return entries


def as_chrome_reads(entry: dict[str, Any]) -> list[tuple[str, float, int, str]]:
    """DevTools' importer, rule by rule: `HARWebSocketMessage` and `fillRequestFromHAREntry`."""
    for number in (
        entry["time"],
        entry["request"]["headersSize"],
        entry["request"]["bodySize"],
        entry["response"]["status"],
        entry["response"]["headersSize"],
        entry["response"]["bodySize"],
        *entry["timings"].values(),
    ):
        assert not math.isnan(float(number)), "Casting to number results in NaN"
    datetime.fromisoformat(entry["startedDateTime"])
    assert all(isinstance(each, dict) for each in entry["_webSocketMessages"])
    return [
        (each["type"], float(each["time"]), int(each["opcode"]), each["data"])
        for each in entry["_webSocketMessages"]
        if {"time", "opcode", "data"} <= each.keys()
        and each["type"] in ("send", "receive", "error")
    ]


def read_back(row: dict[str, Any]) -> Frame:
    """A message with what only bidiscope reads of it."""
    text = row["opcode"] == TEXT
    payload = row["data"].encode() if text else base64.b64decode(row["data"], validate=True)
    way = Direction.SEND if row["type"] == "send" else Direction.RECEIVE
    opcode, masked = row.get("_opcode", row["opcode"]), row.get("_masked", False)
    return Frame(row["_seq"], row["_mono"], row["time"], way, opcode, payload, masked)


@pytest.mark.parametrize("form", ["har", "har-text"])
def test_every_message_comes_back_to_the_byte(form: str) -> None:
    play = conversation()
    [entry] = har(play, form)
    rows = entry["_webSocketMessages"]
    sent = frames(log_of(conversation()))
    back = [read_back(row) for row in rows]
    assert [frame for frame in back if not frame.masked] == [
        frame for frame in sent if b"newHandle" not in frame.payload
    ]
    assert len(as_chrome_reads(entry)) == len(back) == len(sent)


def test_binary_messages_are_base64_and_text_messages_text() -> None:
    [entry] = har(conversation())
    for kind, _, opcode, data in as_chrome_reads(entry):
        assert opcode == (TEXT if kind == "send" else BINARY)
        payload = data.encode() if opcode == TEXT else base64.b64decode(data, validate=True)
        assert isinstance(json.loads(payload), dict)


def test_as_text_chrome_shows_all_of_it_as_json() -> None:
    [entry] = har(conversation(), "har-text")
    for _, _, opcode, data in as_chrome_reads(entry):
        assert opcode == TEXT
        assert isinstance(json.loads(data), dict)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff\x00", "ü\u2028".encode(), b"\xed\xa0\x80"])
def test_any_payload_comes_back(payload: bytes, opcode: int, as_text: bool) -> None:
    frame = Frame(7, 0.25, 1.5, Direction.RECEIVE, opcode, payload, masked=True)
    row = json.loads(json.dumps(message(frame, as_text=as_text)))
    jsonschema.validate(row, MESSAGE)
    assert read_back(row) == frame


def test_each_connection_is_an_entry_and_events_stand_beside_its_messages() -> None:
    play = Rehearsal()
    play.connect()
    play.event("connection.closed", code=1011, reason="internal", by="server", message="It broke.")
    play.event(
        "connection.opening", after_s=5.0, model="m", host="generativelanguage.googleapis.com"
    )
    play.event("connection.closed", code=None, reason="", by="client", message="No network.")
    first, second = har(play)
    assert first["request"]["url"] == "wss://localhost:41234/"
    assert (first["connection"], first["response"]["status"]) == ("41234", 101)
    assert [each["name"] for each in first["_events"]] == [
        "connection.opening",
        "connection.closed",
    ]
    assert first["_events"][1]["detail"]["code"] == 1011
    assert second["request"]["url"] == "wss://generativelanguage.googleapis.com/"
    assert (second["response"]["status"], second["response"]["_error"]) == (0, "No network.")
    assert second["_webSocketMessages"] == []


def test_an_empty_session_is_a_har_as_well() -> None:
    [entry] = har(Rehearsal())
    assert entry["_webSocketMessages"] == []
