"""The order and timing of a session, after the protocol's sequences; no socket, no real clock."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Client
from tui.emulator.mouth.voice import BYTES_PER_S
from tui.emulator.session.resumption import Handles

STORY = "Tell me a very long story."
TURN_END = "turnComplete+usage"


def test_setup_is_answered_at_once() -> None:
    client = Client()
    client.send({"setup": {"model": AUDIO_MODEL}})
    assert client.payloads == [b'{\n  "setupComplete": {}\n}\n']


def test_vertex_gets_a_session_id_its_own_names_of_tokens_and_a_role() -> None:
    client = Client(vertex=True)
    client.send({"setup": {"model": f"publishers/google/{AUDIO_MODEL}"}})
    assert len(client.messages[0]["setupComplete"]["sessionId"]) == 36
    client.ask("What is 6 * 7?")
    client.run()
    usage = client.usage()
    assert usage["trafficType"] == "ON_DEMAND"
    assert usage["candidatesTokensDetails"][0]["modality"] == "AUDIO"
    assert usage["candidatesTokenCount"] + usage["promptTokenCount"] == usage["totalTokenCount"]
    assert "responseTokenCount" not in usage
    turns = [m["serverContent"]["modelTurn"] for m in client.messages if "modelTurn" in str(m)]
    assert all(list(turn) == ["role", "parts"] and turn["role"] == "model" for turn in turns)


def test_a_text_turn() -> None:
    client = Client.ready("TEXT")
    asked = client.now
    client.ask("Who are you?")
    client.run()
    assert client.kinds() == ["text", "generationComplete", TURN_END]
    assert client.words().startswith("I am the local emulator of bidiscope")
    times = [at for at, message in client.received if "modelTurn" in str(message)]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert times[0] - asked == pytest.approx(0.25)
    assert len(times) > 5
    assert all(0.04 <= gap <= 0.09 for gap in gaps)


def test_text_deltas_are_of_uneven_length() -> None:
    client = Client.ready("TEXT")
    client.ask(STORY)
    client.run()
    deltas = [
        message["serverContent"]["modelTurn"]["parts"][0]["text"]
        for message in client.messages
        if "modelTurn" in message.get("serverContent", {})
    ]
    assert len({len(delta) for delta in deltas}) > 5


def test_two_sessions_pace_their_answers_alike() -> None:
    clients = [Client.ready("TEXT"), Client.ready("TEXT")]
    for client in clients:
        client.ask(STORY)
        client.run()
    assert clients[0].received == clients[1].received


def test_an_audio_turn() -> None:
    client = Client.ready("AUDIO", outputAudioTranscription={})
    asked = client.now
    client.ask("Who are you?")
    client.run()
    kinds = client.kinds()
    assert kinds[:2] == ["outputTranscription", "audio"]
    assert kinds[-2:] == ["generationComplete", TURN_END]
    assert client.words().startswith("I am the local emulator of bidiscope")
    assert client.words().endswith(".")
    assert client.at("audio") - asked < 0.3


def test_audio_comes_in_chunks_of_160_to_240_ms_with_the_exact_mime_type() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.run()
    blobs = [blob for _, blob in client.audio()]
    sizes = [len(base64.b64decode(blob["data"], validate=True)) for blob in blobs]
    assert {blob["mimeType"] for blob in blobs} == {"audio/pcm;rate=24000"}
    assert set(sizes[:-1]) == {7680, 9600, 11520}
    assert 0 < sizes[-1] <= 11520
    assert sum(sizes) % 2 == 0


def test_audio_comes_faster_than_it_plays_but_not_all_at_once() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.run()
    chunks = client.audio()
    speech_s = sum(len(base64.b64decode(blob["data"])) for _, blob in chunks) / BYTES_PER_S
    sent_in_s = chunks[-1][0] - chunks[0][0]
    assert 2 < speech_s / sent_in_s < 4


def test_the_turn_is_complete_when_a_listener_has_heard_it() -> None:
    client = Client.ready("AUDIO")
    client.ask("Who are you?")
    client.run()
    chunks = client.audio()
    speech_s = sum(len(base64.b64decode(blob["data"])) for _, blob in chunks) / BYTES_PER_S
    assert client.at("generationComplete") == chunks[-1][0]
    assert client.at(TURN_END) - chunks[0][0] == pytest.approx(speech_s, abs=0.001)


def test_clauses_are_spoken_no_more_than_a_few_seconds_ahead() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.run(1.0)
    assert len("".join(client.clauses)) * 0.06 < 20
    assert 1 < len(client.clauses) < 10


def test_without_output_transcription_only_audio_comes() -> None:
    client = Client.ready("AUDIO")
    client.ask("Who are you?")
    client.run()
    assert client.kinds() == ["audio", "generationComplete", TURN_END]


def test_a_model_of_two_modalities_speaks_when_none_is_named() -> None:
    client = Client()
    client.send({"setup": {"model": TEXT_MODEL}})
    client.ask("Who are you?")
    client.run()
    assert "audio" in client.kinds()


def test_barge_in_in_mid_answer_ends_the_turn_without_generation_complete() -> None:
    client = Client.ready("AUDIO", outputAudioTranscription={})
    client.ask(STORY)
    client.run(2.0)
    client.forget()
    client.ask("What is 6 * 7?")
    assert client.kinds() == ["interrupted", TURN_END]
    client.run()
    assert client.kinds()[2:] == [
        *["outputTranscription", "audio"] * (len(client.kinds()[2:-2]) // 2),
        "generationComplete",
        TURN_END,
    ]
    assert client.words() == "That is 42."


def test_barge_in_by_realtime_text() -> None:
    client = Client.ready("TEXT")
    client.ask(STORY)
    client.run(1.0)
    client.forget()
    client.send({"realtimeInput": {"text": "What is 6 * 7?"}})
    client.run()
    assert client.kinds() == ["interrupted", TURN_END, "text", "generationComplete", TURN_END]


def test_barge_in_before_the_first_word() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.ask("What is 6 * 7?")
    client.run()
    assert client.kinds() == ["interrupted", TURN_END, "audio", "generationComplete", TURN_END]


def test_late_barge_in_while_the_answer_is_still_heard() -> None:
    client = Client.ready("AUDIO")
    client.ask("Who are you?")
    while "generationComplete" not in client.kinds():
        client.run(0.1)
    assert client.kinds() == ["audio", "generationComplete"]
    client.forget()
    client.ask("What is 6 * 7?")
    assert client.kinds() == ["interrupted", TURN_END]


def test_stop_and_wait() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.run(1.0)
    client.forget()
    client.send({"clientContent": {"turnComplete": False}})
    client.run()
    assert client.kinds() == ["interrupted", TURN_END]
    client.send({"clientContent": {"turnComplete": False}})
    client.run()
    assert client.kinds() == ["interrupted", TURN_END]


def test_nothing_of_an_interrupted_answer_comes_later() -> None:
    client = Client.ready("AUDIO")
    client.ask(STORY)
    client.run(0.01)
    client.send({"clientContent": {}})
    client.run()
    assert "audio" not in client.kinds()


def test_only_what_was_sent_of_an_interrupted_answer_is_remembered() -> None:
    client = Client.ready("TEXT")
    client.ask(STORY)
    client.run(0.6)
    sent = client.words()
    assert sent
    assert client.answer("What did you say?") == sent
    client.ask(STORY)
    client.run(0.6)
    rest = client.answer("Go on")
    assert rest.endswith("That is the end of the story.")
    assert not rest.startswith("Once upon a time")


def test_turns_are_appended_until_the_turn_is_complete() -> None:
    client = Client.ready("TEXT")
    client.ask("What is", complete=False)
    client.ask("6 * 7?", complete=False)
    client.run()
    assert client.kinds() == []
    client.send({"clientContent": {"turnComplete": True}})
    client.run()
    assert client.words() == "That is 42."


def test_a_history_may_come_with_the_question() -> None:
    client = Client.ready("TEXT")
    turns = [
        {"role": "user", "parts": [{"text": "My name is Ada."}]},
        {"role": "model", "parts": [{"text": "Hello Ada."}]},
        {"parts": [{"text": "What is my name?"}]},
    ]
    client.send({"clientContent": {"turns": turns, "turnComplete": True}})
    client.run()
    assert client.words() == "Your name is Ada."


def test_initial_history_is_not_answered() -> None:
    client = Client.ready("TEXT", historyConfig={"initialHistoryInClientContent": True})
    client.ask("My name is Ada.")
    client.run()
    assert client.kinds() == []
    assert client.answer("What is my name?") == "Your name is Ada."


def test_blank_realtime_text_asks_for_the_one_answer_to_what_is_there() -> None:
    client = Client.ready("TEXT")
    client.ask("What is 6 * 7?", complete=False)
    for _ in range(2):
        client.send({"realtimeInput": {"text": " "}})
    client.run()
    client.send({"realtimeInput": {"text": " "}})
    client.run()
    assert client.kinds() == ["text", "generationComplete", TURN_END]


def test_usage_counts_the_whole_context() -> None:
    client = Client.ready("AUDIO", systemInstruction={"parts": [{"text": "x" * 40}]})
    client.ask("What is 6 * 7?")
    client.run()
    first = client.usage()
    assert first["promptTokensDetails"] == [{"modality": "TEXT", "tokenCount": 14}]
    assert first["promptTokenCount"] == 14
    [spoken] = first["responseTokensDetails"]
    speech_s = sum(len(base64.b64decode(b["data"])) for _, b in client.audio()) / BYTES_PER_S
    assert spoken["modality"] == "AUDIO"
    assert spoken["tokenCount"] == pytest.approx(speech_s * 25, abs=1)
    client.ask("Again")
    client.run()
    second = client.usage()
    assert second["promptTokensDetails"][1] == spoken
    assert second["promptTokenCount"] == 14 + 2 + spoken["tokenCount"]


def test_tool_responses_and_context_updates_are_taken() -> None:
    tools = [{"functionDeclarations": [{"name": "f"}]}]
    client = Client.ready("AUDIO", tools=tools, outputAudioTranscription={})
    client.send({"toolResponse": {"functionResponses": [{"id": "1", "name": "f"}]}})
    instruction = {"parts": [{"text": "Be brief."}]}
    client.send({"contextUpdate": {"systemInstruction": instruction}})
    assert client.answer("What is your system instruction?").endswith("“Be brief.”")


SNAKE: list[dict[str, Any]] = [
    {"setup": {"model": AUDIO_MODEL, "output_audio_transcription": {}, "session_resumption": {}}},
    {"client_content": {"turns": [{"role": "user", "parts": [{"text": "Hi"}]}]}},
    {"realtime_input": {"media_chunks": [{"data": "_-8=", "mime_type": "audio/pcm"}]}},
    {"realtime_input": {"media_chunks": None}},
    {"tool_response": {"function_responses": [{"name": "f", "response": {"a_b": 1}, "id": "1"}]}},
    {"context_update": {"system_instruction": {"parts": [{"text": "Be brief."}]}}},
    {"client_content": {"turns": [], "turn_complete": True}},
]
CAMEL: list[dict[str, Any]] = [
    {"setup": {"model": AUDIO_MODEL, "outputAudioTranscription": {}, "sessionResumption": {}}},
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hi"}]}]}},
    {"realtimeInput": {"mediaChunks": [{"data": "/+8=", "mimeType": "audio/pcm"}]}},
    {"realtimeInput": {"mediaChunks": None}},
    {"toolResponse": {"functionResponses": [{"name": "f", "response": {"a_b": 1}, "id": "1"}]}},
    {"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be brief."}]}}},
    {"clientContent": {"turns": [], "turnComplete": True}},
]


def test_both_spellings_of_every_message_mean_the_same() -> None:
    spelt: list[list[str]] = []
    for messages in (SNAKE, CAMEL):
        client = Client()
        for message in messages:
            client.send(message)
        client.run()
        assert client.closed is None
        spelt.append([*client.kinds(), client.words()])
    assert spelt[0] == spelt[1]
    assert "outputTranscription" in spelt[0]


def test_handles_come_after_setup_and_after_each_turn() -> None:
    client = Client()
    client.send({"setup": {"model": AUDIO_MODEL, "sessionResumption": {}}})
    assert client.kinds() == ["setupComplete", "sessionResumptionUpdate"]
    client.ask("What is 6 * 7?")
    client.run()
    assert client.kinds()[-2:] == [TURN_END, "sessionResumptionUpdate"]
    assert client.messages[-1]["sessionResumptionUpdate"]["resumable"] is True


def test_a_resumed_session_knows_what_was_said() -> None:
    handles = Handles()
    first = Client(handles=handles)
    first.send({"setup": {"model": AUDIO_MODEL, "sessionResumption": {}}})
    first.ask("My number is 42.")
    first.run()
    first.leave()
    second = Client(handles=handles)
    resumption = {"handle": first.handle()}
    setup = {"model": AUDIO_MODEL, "sessionResumption": resumption, "outputAudioTranscription": {}}
    second.send({"setup": setup})
    assert second.handle() != first.handle()
    assert second.answer("What number did I tell you?") == "You told me the number 42."


def test_a_model_without_resumption_gives_no_handles() -> None:
    client = Client.ready("TEXT", sessionResumption={})
    client.ask("Hi")
    client.run()
    assert "sessionResumptionUpdate" not in client.kinds()


def test_frames_are_indented_json_with_a_newline_at_the_end() -> None:
    client = Client.ready("AUDIO", outputAudioTranscription={}, sessionResumption={})
    client.ask("Who are you?")
    client.run()
    for payload in client.payloads:
        assert payload == json.dumps(json.loads(payload), indent=2).encode() + b"\n"


CAPTURED = Path(__file__).parents[1] / "data/messages/captured_sdk_client_frames.jsonl"


def captured() -> list[dict[str, Any]]:
    rows = map(json.loads, CAPTURED.read_text("utf-8").splitlines())
    messages = (row.get("message") for row in rows if row["direction"] == "client")
    return [message for message in messages if isinstance(message, dict)]


def test_every_message_that_the_sdks_send_is_understood() -> None:
    messages = captured()
    assert len(messages) > 100
    for message in messages:
        detection = {"disabled": "ctivity" in str(message)}
        ready = Client.ready("AUDIO", realtimeInputConfig={"automaticActivityDetection": detection})
        client = Client(vertex="publishers" in str(message)) if "setup" in message else ready
        client.send(message)
        budget = "budget" in str(message).lower()  # which 3.1 does not take
        refused = "invalid argument" if budget else "is not found"
        reason = client.closed.reason if client.closed else refused
        assert refused in reason or reason.startswith("Publisher model "), message
