"""No false alarms: sessions in which nothing is wrong have no finding above chat."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.core.lint.wire import Step, examined
from tests.emulator.driver import Client
from tui.core.lint.rule import Severity

RECORDED = Path(__file__).parents[2] / "data" / "messages" / "recorded_js_genai.jsonl"
RECORDED_AT_S = 1_750_000_000.0
"""June 2025, as the repository's history has it: the models were there then."""

TRULY_WRONG = {
    "live_Vertex_should_return_error_for_invalid_input_in_async_session": "tool-response-unknown",
    "live_Vertex_should_send_tool_response_with_function_responses": "tool-response-unknown",
}
"""Both answer a function that the model never called."""

_SHORTENED = re.compile(r"\.\.\.<truncated (\d+) chars>$")


def sessions() -> dict[str, list[dict[str, Any]]]:
    """The real sessions by the name of their recording."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in RECORDED.read_text().splitlines():
        row = json.loads(line)
        name = row["source"].rpartition("/")[2].removesuffix(".websocket.log")
        found.setdefault(name, []).append(row)
    return found


def whole(value: Any) -> Any:
    """The message with the audio that the collection has shortened to its beginning, in full.

    Of its base64 the length is known, but not the padding: an even number of bytes is assumed.
    """
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    if isinstance(value, str) and (cut := _SHORTENED.search(value)):
        begin = value[: cut.start()]
        return begin + "A" * (int(cut[1]) - len(begin) - 1) + "="
    return value


def steps(rows: list[dict[str, Any]]) -> list[Step]:
    """Half a second for each message: the recordings have no times."""
    ways = {"client": "send", "server": "receive"}
    return [
        (number / 2, ways[row["direction"]], whole(row["message"]))
        for number, row in enumerate(rows)
    ]


@pytest.mark.parametrize("name", sessions())
def test_a_real_session(name: str) -> None:
    found = examined(steps(sessions()[name]), RECORDED_AT_S)
    worse = {each.rule.id for each in found if each.severity > Severity.CHAT}
    assert worse == {TRULY_WRONG[name]} if name in TRULY_WRONG else not worse


def test_there_are_ten_of_them() -> None:
    assert len(sessions()) == 10


def frames(name: str) -> list[dict[str, Any]]:
    """The client's messages of another collection that are no setup."""
    rows = (json.loads(line) for line in (RECORDED.parent / name).read_text().splitlines())
    messages = (row.get("message") for row in rows if row.get("direction") == "client")
    return [each for each in messages if isinstance(each, dict) and "setup" not in each]


def test_every_message_of_the_sdks_is_clean_by_itself() -> None:
    captured = frames("captured_sdk_client_frames.jsonl")
    assert len(captured) > 100
    for message in captured:
        found = examined([(0.0, "send", message)])
        assert not {each.rule.id for each in found if each.severity > Severity.CHAT}, message


def conversation(modality: str, **setup: Any) -> list[Step]:
    """A conversation with the emulator: questions, an answer that is interrupted, a resumption."""
    client, steps = Client(), list[Step]()
    model = "models/gemini-2.0-flash-exp" if modality == "TEXT" else "models/gemini-3.8-live"
    start_s = client.now

    def send(message: dict[str, Any]) -> None:
        client.send(message)
        steps.append((client.now - start_s, "send", message))

    def ask(text: str, *, complete: bool = True) -> None:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        send({"clientContent": {"turns": turns, "turnComplete": complete}})

    opening = {"model": "gemini-3.8-live", "modality": modality, "origin": "emulator"}
    steps.append((0.0, "connection.opening", opening))
    config = {"responseModalities": [modality]}
    send({"setup": {"model": model, "generationConfig": config, **setup}})
    client.wait(0.5)
    ask("What is 6*7?")
    client.wait(20)
    ask("Tell me a very long story.")
    client.wait(2)
    send({"clientContent": {"turnComplete": False}})
    client.wait(5)
    ask("What did I ask?")
    client.wait(20)
    steps.append((client.now - start_s, "connection.closed", {"code": 1000, "by": "client"}))
    answers = [(at_s - start_s, "receive", message) for at_s, message in client.received]
    return sorted([*steps, *answers], key=lambda step: step[0])


@pytest.mark.parametrize("modality", ["TEXT", "AUDIO"])
def test_the_emulators_sessions(modality: str) -> None:
    script = conversation(modality, sessionResumption={}, outputAudioTranscription={})
    kinds = {key for _, _, message in script for key in message}
    assert {"setup", "setupComplete", "serverContent", "usageMetadata"} <= kinds
    assert any("interrupted" in message.get("serverContent", {}) for _, _, message in script)
    found = [each for each in examined(script) if each.severity > Severity.CHAT]
    # The driver's voice is fainter than any real one: a sample of 1 each.
    assert {each.rule.id for each in found} <= {"audio-silent"}
