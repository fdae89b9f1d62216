"""The model calls functions, and is answered whatever becomes of them: with the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Frame
from tui.tools import program

Begin = Callable[..., Talk]
ASKED = "What is the weather in Paris?"
HEAD = 'def get_weather(city: str) -> dict:\n    """The weather of a city."""\n'
BAD = {  # tests/tools has the others, without a session
    "    raise ValueError('no net')": "get_weather raised ValueError: no net",
    "    while True: pass": "get_weather took longer than 2 s and was ended",
}


def source(folder: Path, body: str) -> Path:
    path = folder / "weather.py"
    path.write_text(HEAD + body + "\n")
    return path


def responses(talk: Talk) -> list[dict[str, Any]]:
    sent = (record for record in talk.records if isinstance(record, Frame))
    return [
        row
        for frame in sent
        for fact in frame.facts
        if fact.kind == "toolResponse"
        for row in fact.value["functionResponses"]
    ]


def begun(talk: Begin, path: Path) -> Talk:
    held = talk(view="text", tool_files=(path,))
    held.connect()
    return held


def test_a_function_is_called_and_its_answer_told(tmp_path: Path, talk: Begin) -> None:
    body = "    print('looking in', city)\n    return {'weather': 'sunny in ' + city}"
    held = begun(talk, source(tmp_path, body))
    held.engine.say(ASKED)
    held.until(lambda session: session.turns and "sunny in Paris" in session.turns[-1].answer)
    [response] = responses(held)
    assert (response["name"], response["response"]) == (
        "get_weather",
        {"weather": "sunny in Paris"},
    )
    [call] = [call for turn in held.session.turns for call in turn.calls]
    assert response["id"] == call.id
    [answered] = held.events("tool.answered")
    assert answered["printed"] == "looking in Paris\n"


@pytest.mark.parametrize(("body", "words"), BAD.items())
def test_what_fails_is_a_sentence_and_the_session_lives(
    tmp_path: Path, talk: Begin, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    tools = source(tmp_path, body)
    held = begun(talk, tools)
    monkeypatch.setattr(program.run, "__defaults__", ("", None, 2.0))
    held.engine.say(ASKED)
    held.until(lambda session: held.events("tool.failed"))
    [failed] = held.events("tool.failed")
    assert words in failed["message"]
    assert words in responses(held)[0]["response"]["error"]
    held.until(lambda session: session.turns[-1].answer and session.turns[-1].completed_s)
    assert "42" in held.ask("What is 6 * 7?")


def test_canned_replies_need_no_program(tmp_path: Path, talk: Begin) -> None:
    path = tmp_path / "tools.json"
    parameters = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
    row = {"name": "get_weather", "description": "The weather of a city", "parameters": parameters}
    path.write_text(json.dumps([row | {"reply": {"weather": "foggy"}, "delay": 0.05}]))
    held = begun(talk, path)
    held.engine.say(ASKED)
    held.until(lambda session: session.turns and "foggy" in session.turns[-1].answer)
    assert responses(held)[0]["response"] == {"weather": "foggy"}


def test_a_cancelled_call_ends_and_is_not_answered(
    tmp_path: Path, talk: Begin, on_stage: Callable[..., Stage]
) -> None:
    path = source(tmp_path, "    import time; time.sleep(15)")

    async def cancel(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        call = {"id": "a", "name": "get_weather", "args": {"city": "Paris"}}
        await peer.send({"toolCall": {"functionCalls": [call]}})
        await peer.send({"toolCallCancellation": {"ids": ["a"]}})
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.listen()

    on_stage(cancel)
    held = talk(
        view="text",
        model="gemini-2.0-flash-live-001",
        emulator=False,
        tool_files=(path,),
    )
    held.connect()
    held.engine.say(ASKED)
    held.until(lambda session: held.events("tool.cancelled"))
    assert held.events("tool.cancelled") == [
        {"call": 1, "id": "a", "function": "get_weather", "by": "the server"}
    ]
    held.until(lambda session: session.turns[-1].completed_s)
    assert responses(held) == []
