"""Messages written by hand: what is put aside, what comes back, what is thought of them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.core.script import Script
from tui.core.handwritten import LARGEST_BYTES, Handwritten, Unwritten, Verdict, verdict
from tui.core.lint.preflight import Outlook
from tui.core.templates import templates

SOUND = base64.b64encode(bytes(range(256)) * 10).decode()
PAYLOAD = (
    '{"realtimeInput":  {"audio": {"mimeType":"audio/pcm;rate=16000","data":"' + SOUND + '"}}}'
).encode()


def test_media_stand_as_a_placeholder_and_come_back_byte_for_byte() -> None:
    written = Handwritten.of(PAYLOAD)
    assert "‹1: audio/pcm;rate=16000, 2,560 bytes›" in written.text
    assert SOUND not in written.text
    assert written.message(written.text).encode() == PAYLOAD
    changed = written.message(written.text.replace("16000", "8000"))
    assert json.loads(changed)["realtimeInput"]["audio"]["data"] == SOUND
    assert json.loads(changed)["realtimeInput"]["audio"]["mimeType"] == "audio/pcm;rate=8000"


def test_a_placeholder_that_is_edited_is_gone() -> None:
    written = Handwritten.of(PAYLOAD)
    text = written.text.replace("‹1: audio/pcm;rate=16000, 2,560 bytes›", "AAAA")
    assert json.loads(written.message(text))["realtimeInput"]["audio"]["data"] == "AAAA"


def test_words_that_look_like_a_placeholder_are_none() -> None:
    blob = {"mimeType": "image/png", "data": SOUND}
    parts = [{"text": "‹1: image/png, 2,560 bytes›"}, {"inlineData": blob}]
    message = {"clientContent": {"turns": [{"role": "user", "parts": parts}]}}
    written = Handwritten.of(json.dumps(message, ensure_ascii=False).encode())
    assert json.loads(written.message(written.text + " ")) == message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Nothing is written yet."),
        ('{"a": 1,\n  "b" 2}', "Line 2, column 7:"),
        ("[1]", "A message is a JSON object"),
        ("7", "A message is a JSON object"),
        ('{"a": "\ud83d"}', "Line 1, column 8: half a character (a lone surrogate) is no text."),
        ('{"a": "\\ud83d"}', "Line 1, column"),
        ("[" * 100_000, "Line 1, column"),
        ('{"a":' * 100_000, "Line 1, column"),
        ('"' + "x" * LARGEST_BYTES, "The text is larger than 4 MiB"),
        ("{}", "The message says nothing"),
        ('{"a": NaN}', "Line 1, column 7:"),
    ],
)
def test_what_is_no_message_is_said_in_a_sentence(text: str, says: str) -> None:
    found = verdict(text, Handwritten(""), lambda message, payload: [])
    assert found.problem.startswith(says) and found.problem.endswith((".", "sent.", "takes"))


def test_fifty_megabytes_are_refused_without_being_read() -> None:
    with pytest.raises(Unwritten, match="larger than 4 MiB"):
        Handwritten("").read("x" * (50 << 20))


def test_what_cannot_be_edited_says_why() -> None:
    deep = b'{"a":' * 600 + b"1" + b"}" * 600
    for payload in (b"no JSON", b"\xff", b"[]", deep):
        with pytest.raises(Unwritten):
            Handwritten.of(payload)


def test_a_message_with_much_text_is_edited_without_it() -> None:
    words = "long " * 1_000_000
    written = Handwritten.of(json.dumps({"realtimeInput": {"text": words}}).encode())
    assert len(written.text) < 200
    assert json.loads(written.message(written.text + "\n"))["realtimeInput"]["text"] == words


def session(model: str = "gemini-3.8-live") -> Script:
    script = Script(model)
    script.connect()
    return script


def judged(script: Script, **message: Any) -> Verdict:
    outlook = Outlook(script.log)
    text = json.dumps(message)
    return verdict(text, Handwritten(""), lambda _, payload: outlook.check(payload, 60.0, 1e9 + 60))


def content(text: str = "Hi") -> dict[str, Any]:
    return {"turns": [{"role": "user", "parts": [{"text": text}]}], "turnComplete": True}


def test_nothing_is_said_of_what_is_right() -> None:
    assert judged(session(), clientContent=content()) == Verdict()


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"clientContent": {"turnComplete": "yes"}}, "clientContent.turnComplete must be a bool"),
        ({"clientContent": {"turns": "x"}}, "clientContent.turns must be a list"),
        ({"clientContent": {"turns": [7]}}, "clientContent.turns[0] must be an object (Content)"),
        ({"realtimeInput": {"text": 7}}, "realtimeInput.text must be a string"),
        ({"realtimeInput": {"txet": "x"}}, "google-genai 3.4.0 does not know the field"),
        ({"realtimeInput": {"activityStart": {}}}, "The server detects speech by itself"),
        ({"toolResponse": {"functionResponses": [{"id": "x", "name": "f", "response": {}}]}},
         "The function call that this answers was never made"),
    ],
)  # fmt: skip
def test_what_is_known_to_be_wrong_is_said_before_it_is_sent(
    message: dict[str, Any], says: str
) -> None:
    found = judged(session(), **message)
    assert not found.problem
    assert [each for each in found.warnings if each.startswith(says)], found
    assert len(found.warnings) == 1
    assert "was sent" not in found.warnings[0]


def test_the_session_so_far_counts() -> None:
    script = session("gemini-3.1-flash-live-preview")
    script.receive(1, serverContent={"turnComplete": True})
    script.send(2, realtimeInput={"text": "Hello"})
    found = judged(script, clientContent=content())
    assert "not in the middle of a session" in found.warnings[0]
    script = session()
    script.receive(1, toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    answer = {"functionResponses": [{"id": "a", "name": "f", "response": {"result": 1}}]}
    assert not [each for each in judged(script, toolResponse=answer).warnings if "never" in each]
    script.send(2, toolResponse=answer)
    assert "has been answered already" in judged(script, toolResponse=answer).warnings[0]


def test_an_older_connection_does_not_count() -> None:
    script = session()
    script.receive(1, toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    script.event(2, "connection.closed", code=1000)
    script.connect(3.0)
    answer = {"functionResponses": [{"id": "a", "name": "f", "response": {"result": 1}}]}
    assert "was never made" in judged(script, toolResponse=answer).warnings[0]


@pytest.mark.parametrize("model", ["gemini-3.8-live", "gemini-2.0-flash-exp"])
def test_every_template_is_a_message(model: str) -> None:
    script = session(model)
    script.receive(1, toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    offered = {each.name: each for each in templates(script.session, {"model": f"models/{model}"})}
    assert {"clientContent", "toolResponse", "setup", "realtimeInput.text"} <= {*offered}
    for each in offered.values():
        found = judged(script, **json.loads(each.text))
        assert not found.problem
        assert not [
            words for words in found.warnings if "does not know" in words or "must" in words
        ]
    assert json.loads(offered["toolResponse"].text)["toolResponse"]["functionResponses"] == [
        {"id": "a", "name": "f", "response": {"result": ""}}
    ]
