from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core import wire
from tui.core.wire import Fact, Family

MESSAGES = Path(__file__).parents[1] / "data" / "messages"

PCM = {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}
JPEG = {"mimeType": "image/jpeg", "data": "_9j_4A=="}

RECORDED_KINDS = {
    "setup",
    "clientContent",
    "toolResponse",
    "contextUpdate",
    "realtimeInput",
    "realtimeInput.audio",
    "realtimeInput.video",
    "realtimeInput.text",
    "realtimeInput.mediaChunks",
    "realtimeInput.activityStart",
    "realtimeInput.activityEnd",
    "realtimeInput.audioStreamEnd",
    "setupComplete",
    "toolCall",
    "goAway",
    "sessionResumptionUpdate",
    "usageMetadata",
    "voiceActivity",
    "voiceActivityDetectionSignal",
    "serverContent",
    "serverContent.modelTurn",
    "serverContent.modelTurn.audio",
    "serverContent.modelTurn.text",
    "serverContent.modelTurn.executableCode",
    "serverContent.generationComplete",
    "serverContent.turnComplete",
    "serverContent.turnCompleteReason",
    "serverContent.inputTranscription",
    "serverContent.outputTranscription",
    "serverContent.interactionStatus",
    "serverContent.waitingForInput",
    "serverContent.groundingMetadata",
    "brandNew",
    "serverContent.foo",
    "serverContent.audioChunks",
}

UNKNOWN_IN_RECORDINGS = {
    "brandNew",  # sent by the test server of the JS captures
    "serverContent.foo",
    "serverContent.modelTurn.parts[0].zz",
    "serverContent.audioChunks",  # Live Music
    "realtimeInput",  # a set of names that a Python test asserts
}


def recorded() -> Iterator[tuple[str, bytes]]:
    """Direction and payload of every message in the data."""
    for path in sorted(MESSAGES.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            message = row.get("message")
            for each in message if isinstance(message, list) else [message]:
                if each is not None:
                    direction = "send" if row["direction"] == "client" else "receive"
                    yield direction, json.dumps(each).encode()


def received(message: Any) -> tuple[Fact, ...]:
    return wire.decode(json.dumps(message).encode(), "receive")


def sent(message: Any) -> tuple[Fact, ...]:
    return wire.decode(json.dumps(message).encode(), "send")


def kinds(facts: tuple[Fact, ...]) -> list[str]:
    return [fact.kind for fact in facts]


def test_every_recorded_message_decodes_into_known_kinds() -> None:
    rows = list(recorded())
    facts = [fact for direction, payload in rows for fact in wire.decode(payload, direction)]
    unknown = {path for fact in facts for path in fact.unknown}
    assert len(rows) > 300
    assert unknown == UNKNOWN_IN_RECORDINGS
    assert {fact.kind for fact in facts} == RECORDED_KINDS


def test_the_recordings_say_the_same_once_canonical() -> None:
    for direction, payload in recorded():
        canonical = json.dumps(wire.canonical(json.loads(payload))).encode()
        assert wire.decode(payload, direction) == wire.decode(canonical, direction)


def test_all_facts_of_one_frame_are_reported_in_the_order_of_the_wire() -> None:
    turn = {"role": "model", "parts": [{"inlineData": PCM}, {"text": "hm", "thought": True}]}
    content = {"modelTurn": turn, "outputTranscription": {"text": "Hi"}, "turnComplete": True}
    facts = received({"serverContent": content, "usageMetadata": {"totalTokenCount": 3}})
    assert facts == (
        Fact(
            "serverContent.modelTurn.audio",
            Family.SERVER_CONTENT,
            "serverContent.modelTurn.parts[0].inlineData",
            PCM,
        ),
        Fact(
            "serverContent.modelTurn.thought",
            Family.SERVER_CONTENT,
            "serverContent.modelTurn.parts[1]",
            {"text": "hm", "thought": True},
        ),
        Fact(
            "serverContent.outputTranscription",
            Family.SERVER_CONTENT,
            "serverContent.outputTranscription",
            {"text": "Hi"},
        ),
        Fact(
            "serverContent.turnComplete", Family.SERVER_CONTENT, "serverContent.turnComplete", True
        ),
        Fact("usageMetadata", Family.METADATA, "usageMetadata", {"totalTokenCount": 3}),
    )


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"inlineData": PCM}, "audio"),
        ({"inlineData": JPEG}, "image"),
        ({"inlineData": {"mimeType": "video/mp4", "data": ""}}, "video"),
        ({"inlineData": {"mimeType": "application/pdf", "data": ""}}, "part"),
        ({"inlineData": {"data": "AAAA"}}, "part"),
        ({"text": "Yeah"}, "text"),
        ({"text": "Yeah", "thought": False}, "text"),
        ({"text": "Let me see", "thought": True}, "thought"),
        ({"executableCode": {"language": "PYTHON", "code": "1"}}, "executableCode"),
        ({"codeExecutionResult": {"outcome": "OUTCOME_OK"}}, "codeExecutionResult"),
        ({"functionCall": {"name": "f", "args": {}}}, "functionCall"),
        ({"thoughtSignature": "AAAA"}, "part"),
        ({"fileData": {"fileUri": "gs://a"}}, "part"),
        ({}, "part"),
    ],
)
def test_a_part_has_a_kind_by_what_it_holds(part: dict[str, Any], kind: str) -> None:
    (fact,) = received({"serverContent": {"modelTurn": {"parts": [part]}}})
    assert fact.kind == f"serverContent.modelTurn.{kind}"
    assert fact.value == (part["inlineData"] if kind in ("audio", "image", "video") else part)
    assert fact.unknown == ()


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("setupComplete", Family.EVENTS),
        ("toolCall", Family.EVENTS),
        ("toolCallCancellation", Family.EVENTS),
        ("goAway", Family.EVENTS),
        ("voiceActivity", Family.EVENTS),
        ("voiceActivityDetectionSignal", Family.EVENTS),
        ("error", Family.EVENTS),
        ("usageMetadata", Family.METADATA),
        ("sessionResumptionUpdate", Family.METADATA),
        ("serverContent", Family.SERVER_CONTENT),
        ("fromTheFuture", Family.EVENTS),
    ],
)
def test_a_server_message_belongs_to_a_family(name: str, family: Family) -> None:
    (fact,) = received({name: {}})
    assert (fact.kind, fact.family, fact.path, fact.value) == (name, family, name, {})


@pytest.mark.parametrize(
    "name", ["audio", "video", "text", "activityStart", "activityEnd", "audioStreamEnd"]
)
def test_each_realtime_input_is_a_fact_of_the_client(name: str) -> None:
    value = {"text": "hi", "audio": PCM, "video": JPEG, "audioStreamEnd": True}.get(name, {})
    path = f"realtimeInput.{name}"
    assert sent({"realtimeInput": {name: value}}) == (Fact(path, Family.CLIENT, path, value),)


def test_a_flag_that_is_false_is_reported_with_its_value() -> None:
    (fact,) = received({"serverContent": {"turnComplete": False}})
    assert (fact.kind, fact.value) == ("serverContent.turnComplete", False)


def test_null_is_a_field_that_is_not_set() -> None:
    assert kinds(received({"setupComplete": None})) == ["empty"]
    assert kinds(received({"serverContent": {"interrupted": None}})) == ["serverContent"]
    (fact,) = sent({"realtime_input": {"media_chunks": None}})
    assert (fact.kind, fact.value, fact.unknown) == ("realtimeInput", {"mediaChunks": None}, ())


@pytest.mark.parametrize("payload", [b"", b"{}", b"{\n}\n"])
@pytest.mark.parametrize(
    ("direction", "family"), [("send", Family.CLIENT), ("receive", Family.EVENTS)]
)
def test_an_empty_frame_is_a_fact(payload: bytes, direction: str, family: Family) -> None:
    assert wire.decode(payload, direction) == (Fact("empty", family, "", {}),)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff", "The message is not UTF-8: byte 0xff at offset 0."),
        (b'{"goAway": "\xc3("}', "The message is not UTF-8: byte 0xc3 at offset 12."),
        (b"{", "The message is not JSON: unexpected end of data, at character 1."),
        (b"[]", "The message is an array, where the protocol has a JSON object."),
        (b"7", "The message is a number, where the protocol has a JSON object."),
        (b"7.5", "The message is a number, where the protocol has a JSON object."),
        (b'"x"', "The message is a string, where the protocol has a JSON object."),
        (b"true", "The message is a boolean, where the protocol has a JSON object."),
        (b"null", "The message is null, where the protocol has a JSON object."),
    ],
)
def test_an_undecodable_frame_says_why(payload: bytes, reason: str) -> None:
    (fact,) = wire.decode(payload, "receive")
    assert (fact.kind, fact.family, fact.value) == ("invalid", Family.EVENTS, {"reason": reason})
    with pytest.raises(wire.Undecodable, match="The message is"):
        wire.parse(payload)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"usageMetadata":' * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"usageMetadata":{"totalTokenCount":NaN}}',
        b'{"usageMetadata":{"totalTokenCount":1e999}}',
        b'{"goAway":{"timeLeft":"\\ud800"}}',
        b"   ",
    ],
)
def test_json_that_no_parser_should_take_is_invalid(payload: bytes) -> None:
    assert kinds(wire.decode(payload, "receive")) == ["invalid"]


def test_json_as_deep_as_the_parser_takes_it_is_decoded() -> None:
    schema = '{"items":' * 900 + "{}" + "}" * 900
    declaration = '{"functionDeclarations":[{"parameters":' + schema + "}]}"
    (fact,) = wire.decode(f'{{"setup":{{"tools":[{declaration}]}}}}'.encode(), "send")
    (path,) = fact.unknown
    assert path.startswith("setup.tools[0].functionDeclarations[0].parameters.items.items")
    assert path.count(".items") < 100


def test_a_huge_integer_is_kept_as_a_number() -> None:
    payload = b'{"usageMetadata":{"totalTokenCount":' + b"9" * 60 + b"}}"
    (fact,) = wire.decode(payload, "receive")
    assert fact.value == {"totalTokenCount": pytest.approx(1e60)}


def test_of_a_key_that_comes_twice_the_last_value_counts() -> None:
    (fact,) = wire.decode(b'{"goAway":{"timeLeft":"9s"},"goAway":{"timeLeft":"5s"}}', "receive")
    assert fact.value == {"timeLeft": "5s"}


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ({"serverContent": 5}, "serverContent", 5),
        ({"serverContent": [{}]}, "serverContent", [{}]),
        ({"serverContent": {"modelTurn": 5}}, "serverContent.modelTurn", 5),
        ({"serverContent": {"turnComplete": {}}}, "serverContent.turnComplete", {}),
        ({"goAway": "soon"}, "goAway", "soon"),
        ({"toolCall": [1, None]}, "toolCall", [1, None]),
    ],
)
def test_a_wrong_type_is_a_fact_and_marked(message: Any, kind: str, value: Any) -> None:
    (fact,) = received(message)
    assert (fact.kind, fact.value, fact.unknown) == (kind, value, (kind,))


def test_parts_that_are_no_array_stay_with_their_turn() -> None:
    turn = {"parts": {"0": 1}}
    (fact,) = received({"serverContent": {"modelTurn": turn}})
    assert (fact.kind, fact.value) == ("serverContent.modelTurn", turn)
    assert fact.unknown == ("serverContent.modelTurn.parts",)


def test_parts_that_are_no_objects_are_marked_one_by_one() -> None:
    facts = received({"serverContent": {"modelTurn": {"parts": [7, {"text": 8}, {"text": []}]}}})
    assert kinds(facts) == ["serverContent.modelTurn.part"] * 3
    path = "serverContent.modelTurn.parts"
    assert [fact.unknown for fact in facts] == [(f"{path}[0]",), (), (f"{path}[2].text",)]


def test_unknown_fields_are_kept_and_marked_where_they_stand() -> None:
    turn = {"parts": [{"inlineData": PCM, "new_part": {"a_b": 1}}], "new_turn": 2}
    facts = received(
        {
            "newTop": {"new_below": 1},
            "serverContent": {"newContent": 3, "modelTurn": turn},
            "toolCall": {"functionCalls": [{}, {"newCall": 4}]},
        }
    )
    assert {fact.kind: fact.unknown for fact in facts} == {
        "newTop": ("newTop",),
        "serverContent.newContent": ("serverContent.newContent",),
        "serverContent.modelTurn.audio": ("serverContent.modelTurn.parts[0].new_part",),
        "serverContent.modelTurn": ("serverContent.modelTurn.new_turn",),
        "toolCall": ("toolCall.functionCalls[1].newCall",),
    }
    assert facts[0].value == {"new_below": 1}


def test_an_unknown_key_cannot_pass_for_a_known_kind_nor_reach_a_terminal() -> None:
    forged = {"serverContent.interrupted": True, "\x1b]52;c;x\x07": 1, "": 2, "k" * 5000: 3}
    facts = received(forged)
    assert kinds(facts) == ["serverContent·interrupted", "␛]52;c;x␇", '""', "k" * 80]
    assert [fact.path for fact in facts] == list(forged)


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        ({"type": "ACTIVITY_START", "audioOffset": "0.2s"}, ()),
        ({"voiceActivityType": "ACTIVITY_START"}, ("voiceActivity.voiceActivityType",)),
    ],
)
def test_voice_activity_is_known_by_the_name_that_the_sdk_reads(
    value: dict[str, Any], unknown: tuple[str, ...]
) -> None:
    (fact,) = received({"voiceActivity": value})
    assert fact.unknown == unknown


def test_the_vertex_dialect_of_usage_is_known() -> None:
    details = [{"modality": "TEXT", "tokenCount": 10}]
    (fact,) = received(
        {"usageMetadata": {"candidatesTokenCount": 10, "candidatesTokensDetails": details}}
    )
    assert fact.unknown == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

NAMES = st.sampled_from(
    [
        *("serverContent", "model_turn", "modelTurn", "parts", "inlineData", "mimeType", "text"),
        *("thought", "functionCall", "args", "toolCall", "functionCalls", "usageMetadata"),
        *("setup", "tools", "functionDeclarations", "parameters", "properties", "items"),
        *("clientContent", "turns", "realtimeInput", "audio", "mediaChunks", "turnComplete"),
        *("toolResponse", "functionResponses", "goAway", "timeLeft", "error", "new"),
    ]
)

PROTOCOL_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["audio/pcm", "AAAA", "é\x1b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)

DIRECTIONS = st.sampled_from(["send", "receive"])


@settings(deadline=None)
@given(st.binary(), DIRECTIONS)
def test_any_bytes_give_at_least_one_fact(payload: bytes, direction: str) -> None:
    assert wire.decode(payload, direction)


@settings(deadline=None)
@given(JSON | PROTOCOL_LIKE, DIRECTIONS)
def test_any_json_gives_at_least_one_fact(message: Any, direction: str) -> None:
    facts = wire.decode(json.dumps(message).encode(), direction)
    assert facts
    assert all(fact.kind for fact in facts)
    assert all((fact.family is Family.CLIENT) == (direction == "send") for fact in facts)
