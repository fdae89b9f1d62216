from __future__ import annotations

import base64
import json
from typing import Any

from tui.core.frame import Direction, Event, Frame
from tui.core.session import Area, Session
from tui.core.turn import Lane, Usage

SECOND = {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(bytes(48000)).decode()}


class Script:
    """Feeds a session; each record comes 0.1 s after the one before."""

    def __init__(self, modality: str = "AUDIO") -> None:
        self.session = Session()
        self.now_s = 0.0
        self.event("connection.opening", model="m", modality=modality, origin="emulator", host="h")
        self.send(
            setup={"model": "models/m", "generationConfig": {"responseModalities": [modality]}}
        )
        self.receive(setupComplete={})

    def event(self, name: str, **detail: Any) -> Area:
        self.now_s += 0.1
        return self.session.apply(Event(0, self.now_s, 0, name, detail))

    def send(self, **message: Any) -> Area:
        return self._frame(Direction.SEND, message)

    def receive(self, **message: Any) -> Area:
        return self._frame(Direction.RECEIVE, message)

    def content(self, **content: Any) -> Area:
        return self.receive(serverContent=content)

    def ask(self, text: str) -> Area:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        return self.send(clientContent={"turns": turns, "turnComplete": True})

    def text(self, text: str, **more: Any) -> Area:
        return self.content(modelTurn={"parts": [{"text": text, **more}]})

    def audio(self, **more: Any) -> Area:
        return self.content(modelTurn={"parts": [{"inlineData": SECOND}]}, **more)

    def _frame(self, direction: Direction, message: dict[str, Any]) -> Area:
        self.now_s += 0.1
        payload = json.dumps(message).encode()
        return self.session.apply(Frame(0, self.now_s, 0, direction, 1, payload))


def test_a_connection_is_opened_and_closed() -> None:
    script = Script()
    session = script.session
    assert session.connected
    script.event("connection.closed", code=1007, reason="no", by="server", message="Sorry.")
    assert not session.connected
    assert session.connection is not None
    assert (session.connection.code, session.connection.by) == (1007, "server")
    assert session.problem == "Sorry."


def test_deltas_become_one_text() -> None:
    script = Script("TEXT")
    script.ask("Hi?")
    for delta in ("Hel", "lo", " there"):
        script.text(delta)
    script.content(generationComplete=True)
    script.content(turnComplete=True)
    (turn,) = script.session.turns
    assert (turn.user, turn.typed, turn.answer) == ("Hi?", True, "Hello there")
    assert [piece.lane for piece in turn.pieces] == [Lane.TEXT]
    assert turn.completed_s is not None
    assert turn.latency_s is not None
    assert round(turn.latency_s, 3) == 0.1


def test_text_of_an_audio_session_is_unspoken_and_thoughts_are_apart() -> None:
    script = Script("AUDIO")
    script.ask("Hi?")
    script.text("let me think", thought=True)
    script.text("a plan")
    script.content(outputTranscription={"text": "Hello"})
    script.content(outputTranscription={"text": " you"})
    (turn,) = script.session.turns
    assert [(piece.lane, piece.text) for piece in turn.pieces] == [
        (Lane.THOUGHT, "let me think"),
        (Lane.UNSPOKEN, "a plan"),
        (Lane.SPEECH, "Hello you"),
    ]
    assert turn.answer == "Hello you"


def test_code_and_its_results_come_whole_and_what_comes_late_grounds_the_answer() -> None:
    script = Script("TEXT")
    script.ask("Hi?")
    for code in ("a", "b"):
        script.content(
            modelTurn={"parts": [{"executableCode": {"language": "PYTHON", "code": code}}]}
        )
    script.content(modelTurn={"parts": [{"codeExecutionResult": {"outcome": "OUTCOME_FAILED"}}]})
    script.text("Yes.")
    script.content(turnComplete=True)
    script.content(groundingMetadata={"web_search_queries": ["yes"]})
    (turn,) = script.session.turns
    assert [(piece.lane, piece.text, piece.note) for piece in turn.pieces] == [
        (Lane.CODE, "a", "PYTHON"),
        (Lane.CODE, "b", "PYTHON"),
        (Lane.RESULT, "", "OUTCOME_FAILED"),
        (Lane.TEXT, "Yes.", ""),
    ]
    assert turn.grounding.queries == ("yes",)


def test_bundled_fields_are_all_taken() -> None:
    script = Script()
    script.ask("Hi?")
    script.audio(outputTranscription={"text": "Hello"}, turnComplete=True)
    script.ask("Again?")
    script.content(turnComplete=True, outputTranscription={"text": "Bye"})
    one, two = script.session.turns
    assert (one.audio_s, one.answer, two.answer) == (1.0, "Hello", "Bye")
    assert two.completed_s is not None


def test_a_late_turn_complete_belongs_to_the_interrupted_turn() -> None:
    script = Script()
    script.ask("one")
    script.audio()
    script.ask("two")
    script.content(interrupted=True)
    script.content(turnComplete=True)
    script.audio()
    script.audio()
    one, two = script.session.turns
    assert one.interrupted_s is not None
    assert one.completed_s is not None
    assert (one.audio_s, two.audio_s) == (1.0, 2.0)
    assert two.interrupted_s is None
    assert two.completed_s is None


def test_an_interruption_before_any_answer_is_that_turns_own() -> None:
    script = Script("TEXT")
    script.ask("one")
    script.text("done")
    script.content(turnComplete=True)
    script.ask("two")
    script.ask("three")
    script.content(interrupted=True)
    script.content(turnComplete=True)
    script.text("answer to three")
    one, two, three = script.session.turns
    assert one.interrupted_s is None
    assert two.interrupted_s is not None
    assert three.answer == "answer to three"


def test_an_interruption_after_turn_complete_marks_the_turn_still_played() -> None:
    script = Script()
    script.ask("one")
    script.audio()
    script.audio()
    script.content(turnComplete=True)
    script.content(interrupted=True)
    assert script.session.turns[0].interrupted_s is not None


def test_questions_that_a_server_merges_are_one_turn() -> None:
    script = Script("TEXT")
    script.ask("one")
    script.ask("two")
    script.text("both")
    script.content(turnComplete=True)
    script.ask("three")
    script.text("third")
    assert [(turn.number, turn.user, turn.answer) for turn in script.session.turns] == [
        (1, "one\ntwo", "both"),
        (2, "three", "third"),
    ]


def test_history_is_no_question() -> None:
    script = Script()
    turns = [
        {"role": "user", "parts": [{"text": "a"}]},
        {"role": "model", "parts": [{"text": "b"}]},
    ]
    script.send(clientContent={"turns": turns, "turnComplete": False})
    script.send(clientContent={"turns": turns, "turnComplete": True})
    script.send(clientContent={"turnComplete": True})
    assert script.session.turns == []


def test_a_model_may_speak_unasked() -> None:
    script = Script()
    script.content(outputTranscription={"text": "Anyone there?"})
    script.content(turnComplete=True)
    script.ask("yes")
    assert [turn.user for turn in script.session.turns] == ["", "yes"]
    assert script.session.turns[0].latency_s is None


def test_what_the_person_says_is_transcribed_into_the_turn() -> None:
    script = Script()
    script.content(interimInputTranscription={"text": "what is"})
    assert script.session.turns[0].user_interim == "what is"
    script.content(inputTranscription={"text": "What is"})
    script.content(outputTranscription={"text": "It"})
    script.content(inputTranscription={"text": " this?"})
    (turn,) = script.session.turns
    assert (turn.user, turn.user_interim, turn.typed) == ("What is this?", "", False)


def test_speech_over_an_answer_opens_the_next_turn() -> None:
    script = Script()
    script.ask("one")
    script.audio()
    script.content(interrupted=True)
    script.content(inputTranscription={"text": "stop"})
    script.content(turnComplete=True)
    script.content(outputTranscription={"text": "ok"})
    assert [(turn.user, turn.answer) for turn in script.session.turns] == [
        ("one", ""),
        ("stop", "ok"),
    ]


def test_usage_snapshots_of_a_turn_are_not_added_up() -> None:
    script = Script("TEXT")
    for total in (10, 30):
        script.ask("hi")
        script.text("x")
        script.receive(usageMetadata={"totalTokenCount": total // 2})
        script.receive(
            serverContent={"turnComplete": True}, usageMetadata={"totalTokenCount": total}
        )
    assert script.session.usage.total == 40


def test_usage_reads_both_dialects_and_odd_numbers() -> None:
    details = [{"modality": "AUDIO", "tokenCount": "25"}, {"modality": "TEXT", "tokenCount": 5}, 7]
    gemini = {"promptTokenCount": "10", "responseTokenCount": 30, "responseTokensDetails": details}
    vertex = {
        "promptTokenCount": 10,
        "candidatesTokenCount": 30,
        "candidatesTokensDetails": details,
    }
    for value in (gemini, vertex):
        usage = Usage.read(value)
        assert (usage.prompt, usage.response, usage.total) == (10, 30, 40)
        assert usage.response_by == {"AUDIO": 25, "TEXT": 5}
    assert Usage.read({"promptTokenCount": "x", "totalTokenCount": True}) == Usage.read(None)


def test_tool_calls_are_pending_answered_or_cancelled() -> None:
    script = Script()
    script.ask("weather?")
    calls = [{"id": "a", "name": "f", "args": {"x": 1}}, {"id": "b", "name": "g"}]
    script.receive(toolCall={"functionCalls": calls})
    script.send(toolResponse={"functionResponses": [{"id": "a", "name": "f", "response": {}}]})
    script.receive(toolCallCancellation={"ids": ["b", "unknown"]})
    one, two = script.session.turns[0].calls
    assert one.answered_s is not None
    assert one.cancelled_s is None
    assert two.cancelled_s is not None


def test_the_last_handle_is_kept_over_updates_without_one() -> None:
    script = Script()
    script.receive(sessionResumptionUpdate={"newHandle": "h1", "resumable": True})
    script.receive(sessionResumptionUpdate={"resumable": False})
    assert script.session.handle is not None
    assert (script.session.handle.handle, script.session.handle.resumable) == ("h1", True)


def test_an_interrupt_is_confirmed_by_interrupted() -> None:
    script = Script()
    script.ask("one")
    script.audio()
    script.event("interrupt", route="clientContent", turn=1)
    assert script.session.interrupt is not None
    assert script.session.interrupt.confirmed_s is None
    script.content(interrupted=True)
    assert script.session.interrupt.confirmed_s is not None


def test_playback_events_tell_what_was_heard() -> None:
    script = Script()
    script.ask("one")
    script.audio()
    script.event("playback.started", turn=1)
    assert script.session.playing_turn == 1
    script.event("playback.flushed", turn=1, heard_s=0.4, received_s=1.0)
    (turn,) = script.session.turns
    assert (turn.heard_s, script.session.playing_turn) == (0.4, 0)
    assert turn.latency_s is not None
    assert round(turn.latency_s, 3) == 0.2


def test_a_lost_connection_cuts_open_turns() -> None:
    script = Script()
    script.ask("one")
    script.event("connection.closed", code=1006, reason="", by="network", message="Lost.")
    script.event("connection.opening", model="m", modality="AUDIO", origin="emulator", host="h")
    script.receive(setupComplete={})
    script.content(outputTranscription={"text": "hello again"})
    one, two = script.session.turns
    assert one.cut
    assert two.answer == "hello again"


def test_odd_content_changes_nothing_and_raises_nothing() -> None:
    script = Script()
    for value in (None, 5, "x", [], [5], {"parts": 5}, {"turns": [{}], "turnComplete": True}):
        for kind in ("serverContent", "toolCall", "usageMetadata", "goAway", "voiceActivity"):
            script.receive(**{kind: value})
        for kind in ("setup", "clientContent", "realtimeInput", "toolResponse"):
            script.send(**{kind: value})
        script.content(modelTurn=value, inputTranscription=value, interrupted=value)
    script.receive(toolCall={"functionCalls": [None, {"id": 5}]})
    script.send(clientContent={"turns": [None], "turnComplete": True})
    script.event("playback.drained", turn="x", heard_s=None)
    script.event("nobody knows this")


def test_apply_names_what_changed() -> None:
    script = Script("TEXT")
    assert script.ask("hi") == Area.TRANSCRIPT
    assert script.receive(usageMetadata={}) == Area.USAGE
    assert script.receive() == Area.NOTHING
