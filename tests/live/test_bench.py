"""Calls that are asked about, answered by hand, delayed, failed: the engine and the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.live.conftest import Talk
from tests.live.test_calls import ASKED, responses
from tests.stage import Peer, Stage
from tui.core.bench import Bench
from tui.core.reply import Reply
from tui.core.tool_call import CallState, ToolCall, Waits

Begin = Callable[..., Talk]
OnStage = Callable[..., Stage]
CITY = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
WEATHER = {"name": "get_weather", "description": "The weather of a city", "parameters": CITY}


def declarations(folder: Path, **answered: Any) -> Path:
    path = folder / "tools.json"
    path.write_text(json.dumps([WEATHER | answered]))
    return path


def begun(talk: Begin, path: Path, mode: str = "auto") -> Talk:
    held = talk(view="text", tool_files=(path,), tool_mode=mode)
    held.connect()
    return held


def waiting(held: Talk, waits: Waits) -> list[ToolCall]:
    """The calls that wait for a person, once there is one."""
    pending = held.session.board.pending
    held.until(lambda session: any(call.waits is waits for call in session.board.pending))
    pending = held.session.board.pending
    return [call for call in pending if call.waits is waits]


def told(held: Talk, words: str) -> None:
    held.until(lambda session: session.turns and words in session.turns[-1].answer)


def test_each_call_is_approved_or_refused(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "foggy"}), "ask")
    held.engine.say("What is the weather in Paris and in London?")
    held.until(lambda session: len(session.board.pending) == 2 and held.events("tool.held")[1:])
    paris, london = waiting(held, Waits.APPROVAL)
    assert (paris.args, london.args) == ({"city": "Paris"}, {"city": "London"})
    held.engine.approve(paris.number)
    held.engine.refuse(london.number)
    held.until(lambda session: not session.board.pending)
    assert (paris.state, london.state) == (CallState.ANSWERED, CallState.FAILED)
    assert "refused" in london.error
    told(held, "foggy")
    assert [row["by"] for row in held.events("tool.refused")] == ["a person"]


def test_what_nothing_carries_out_waits_for_a_reply_and_an_empty_one_is_sent(
    tmp_path: Path, talk: Begin
) -> None:
    held = begun(talk, declarations(tmp_path))
    held.engine.say(ASKED)
    [call] = waiting(held, Waits.REPLY)
    held.engine.reply(call.number, Reply({}))
    held.until(lambda session: held.events("tool.answered"))
    assert responses(held) == [{"id": call.id, "name": "get_weather", "response": {}}]
    assert call.state is CallState.ANSWERED
    held.engine.reply(call.number, Reply({}))
    held.until(lambda session: held.events("refused"))
    assert "has been answered" in held.events("refused")[0]["message"]


def test_by_hand_though_there_is_a_function(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "sunny"}), "manual")
    held.engine.say(ASKED)
    [call] = waiting(held, Waits.REPLY)
    held.engine.reply(call.number, Reply({"weather": "raining frogs"}))
    told(held, "raining frogs")
    assert not held.events("tool.started")


def test_a_person_comes_before_a_function_that_runs(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "sunny"}, delay=500))
    held.engine.say(ASKED)
    held.until(lambda session: held.events("tool.started"))
    [call] = held.session.board.pending
    assert call.running
    held.engine.reply(call.number, Reply({"weather": "windy"}))
    told(held, "windy")
    assert len(responses(held)) == 1


def test_calls_are_delayed_and_failed_on_purpose(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "foggy"}))
    held.engine.answer_calls(Bench(delay_s=0.3, fail="The weather is out of order."))
    held.engine.say(ASKED)
    held.until(lambda session: held.events("tool.failed"))
    [call] = held.session.board.calls
    assert call.state is CallState.FAILED
    assert call.lasted_s(0.0) >= 0.3
    assert responses(held)[0]["response"] == {"error": "The weather is out of order."}
    assert held.events("tool.mode") == [
        {"mode": "auto", "delay_s": 0.3, "fail": "The weather is out of order."}
    ]
    held.until(lambda session: session.turns[-1].completed_s)


def test_another_mode_lets_go_what_was_held(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "foggy"}), "manual")
    held.engine.say(ASKED)
    [call] = waiting(held, Waits.REPLY)
    held.engine.answer_calls(Bench("ask"))
    assert waiting(held, Waits.APPROVAL) == [call]
    held.engine.answer_calls(Bench())
    told(held, "foggy")
    assert [row["mode"] for row in held.events("tool.mode")] == ["manual", "ask", "auto"]


def test_files_that_cannot_be_used_are_said_and_the_session_goes_on(
    tmp_path: Path, talk: Begin
) -> None:
    held = begun(talk, tmp_path / "none.py")
    [failed] = held.events("tools.failed")
    assert "none.py cannot be read" in failed["message"]
    assert held.session.board.trouble == failed["message"]
    assert "42" in held.ask("What is 6 * 7?")


def calling(peer_ids: tuple[str, ...], after: Callable[[Peer], Any]) -> Callable[[Peer], Any]:
    async def play(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        rows = [{"id": key, "name": "get_weather", "args": {}} for key in peer_ids]
        await peer.send({"toolCall": {"functionCalls": rows}})
        await after(peer)

    return play


def staged(talk: Begin, path: Path) -> Talk:
    held = talk(view="text", model="gemini-2.0-flash-live-001", emulator=False, tool_files=(path,))
    held.connect()
    held.engine.say(ASKED)
    return held


def test_a_generator_is_answered_piece_by_piece(
    tmp_path: Path, talk: Begin, on_stage: OnStage
) -> None:
    on_stage(calling(("a",), Peer.listen))
    held = staged(talk, declarations(tmp_path, behavior="NON_BLOCKING"))
    [call] = waiting(held, Waits.REPLY)
    held.engine.reply(1, Reply({"part": 1}, "SILENT", will_continue=True))
    held.until(lambda session: call.answers and call.waits is Waits.REPLY)
    held.engine.answer_calls(Bench())
    held.engine.reply(1, Reply({"part": 2}, "INTERRUPT"))
    held.until(lambda session: held.events("tool.answered"))
    first, last = responses(held)
    assert (first["scheduling"], first["willContinue"]) == ("SILENT", True)
    assert (last["scheduling"], last.get("willContinue")) == ("INTERRUPT", None)
    assert call.state is CallState.ANSWERED


def test_a_call_that_is_held_can_be_cancelled(
    tmp_path: Path, talk: Begin, on_stage: OnStage
) -> None:
    async def cancel(peer: Peer) -> None:
        await peer.send({"toolCallCancellation": {"ids": ["a"]}})
        await peer.listen()

    on_stage(calling(("a",), cancel))
    held = staged(talk, declarations(tmp_path))
    held.until(lambda session: held.events("tool.cancelled"))
    assert held.session.board.calls[0].state is CallState.CANCELLED
    held.engine.reply(1, Reply({}))
    held.until(lambda session: held.events("refused"))
    assert held.events("refused") == [
        {"message": "Not answered: get_weather was cancelled by the server."}
    ]
    assert responses(held) == []


def test_calls_without_ids_are_answered_by_name_in_their_order(
    tmp_path: Path, talk: Begin, on_stage: OnStage
) -> None:
    on_stage(calling(("", ""), Peer.listen))
    held = staged(talk, declarations(tmp_path))
    held.until(lambda session: len(held.events("tool.held")) == 2)
    held.engine.reply(2, Reply({"weather": "dry"}))
    held.until(lambda session: held.events("refused"))
    assert "answer that one first" in held.events("refused")[0]["message"]
    held.engine.reply(1, Reply({"weather": "wet"}))
    held.engine.reply(2, Reply({"weather": "dry"}))
    held.until(lambda session: not session.board.pending)
    assert responses(held) == [
        {"name": "get_weather", "response": {"weather": words}} for words in ("wet", "dry")
    ]


def test_calls_are_lost_with_their_connection(
    tmp_path: Path, talk: Begin, on_stage: OnStage
) -> None:
    async def drop(peer: Peer) -> None:
        peer.drop()

    on_stage(calling(("a", "b"), drop))
    held = staged(talk, declarations(tmp_path))
    held.until(lambda session: len(held.events("tool.cancelled")) == 2)
    assert [call.state for call in held.session.board.calls] == [CallState.LOST] * 2


def test_tools_are_loaded_again(tmp_path: Path, talk: Begin) -> None:
    held = begun(talk, declarations(tmp_path, reply={"weather": "foggy"}))
    declarations(tmp_path, reply={"weather": "icy"}, description="How the weather is in a city")
    before = held.session.connections
    held.engine.reload_tools()
    held.until(lambda session: session.connections > before and session.connected)
    assert [row["functions"] for row in held.events("tools.loaded")] == [["get_weather"]] * 2
    held.engine.say(ASKED)
    told(held, "icy")


def test_an_answer_that_the_model_does_not_wait_for_is_heeded_as_it_says(
    tmp_path: Path, talk: Begin
) -> None:
    held = begun(talk, declarations(tmp_path, behavior="NON_BLOCKING"))
    for scheduling, words in (("SILENT", "hail"), ("INTERRUPT", "snow")):
        held.engine.say(ASKED)
        [call] = waiting(held, Waits.REPLY)
        assert call.behavior == "NON_BLOCKING"
        held.until(lambda session: session.turns[-1].completed_s)
        held.engine.reply(call.number, Reply({"weather": words}, scheduling))
        held.until(lambda session: not session.board.pending)
    told(held, "snow")
    assert not any("hail" in turn.answer for turn in held.session.turns)
    assert [call.state for call in held.session.board.calls] == [CallState.ANSWERED] * 2
