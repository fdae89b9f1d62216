"""An answer that was interrupted by mistake is gone on with, by what was really played of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Direction

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]


def test_a_written_answer_goes_on_where_it_was_cut(talk: Begin) -> None:
    heard = talk(emulator=True, view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.engine.say("count to eighty")
    heard.until(lambda session: session.turns and len(session.turns[0].answer) > 20)
    heard.engine.interrupt()
    heard.until(lambda session: session.turns[0].completed_s)
    heard.engine.go_on()
    session = heard.until(lambda session: len(session.turns) == 2 and session.turns[1].completed_s)
    first, second = session.turns
    numbers = f"{first.answer} {second.answer}".replace(",", " ").replace(".", " ").split()
    assert numbers == list(dict.fromkeys(numbers)) and len(second.answer) > 20
    assert numbers[-1] in ("80", "eighty")
    assert (first.continued_by, second.continues) == (2, 1)
    heard.engine.go_on()
    heard.until(lambda _: heard.events("refused"))
    assert "was gone on with in turn 2" in heard.events("refused")[0]["message"]


def test_a_spoken_answer_goes_on_where_it_was_heard(talk: Begin) -> None:
    heard = talk(emulator=True, model="gemini-3.8-live")
    heard.connect()
    heard.engine.say("count to sixty")
    heard.until(lambda session: session.turns and session.turns[0].audio_s > 4)
    heard.player.speak(2.0)
    heard.engine.interrupt()
    heard.until(lambda session: session.turns[0].completed_s)
    heard.engine.go_on()
    session = heard.until(
        lambda session: len(session.turns) == 2 and len(session.turns[1].answer) > 20
    )
    first, second = session.turns
    assert first.heard_s == 2.0
    (asked,) = heard.events("going_on")
    assert asked["turn"] == 1 and asked["heard_s"] == 2.0 and "estimate" in asked["known"]
    numbers = first.answer.replace(",", "").split()
    begun = second.answer.replace(",", "").split()[0]
    assert 0 < numbers.index(begun) < len(numbers) - 1, (numbers, begun)
    heard.engine.interrupt()
    heard.until(lambda session: session.turns[1].completed_s)


def test_a_model_that_takes_history_only_is_asked_by_realtime_text(
    on_stage: Serve, talk: Begin
) -> None:
    async def cut(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        content = {"outputTranscription": {"text": "One two"}}
        await peer.send({"serverContent": content})
        await peer.send({"serverContent": {"interrupted": True}})
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.hear()
        await peer.send({"serverContent": {**content, "turnComplete": True}})

    on_stage(cut)
    heard = talk(model="gemini-3.1-flash-live-preview")
    heard.engine.go_on()
    heard.until(lambda _: heard.events("refused"))
    assert "No answer was interrupted" in heard.events("refused")[0]["message"]
    heard.connect()
    heard.engine.say("Count.")
    heard.until(lambda session: session.turns and session.turns[0].completed_s)
    heard.engine.go_on()
    heard.until(lambda session: len(session.turns) == 2 and session.turns[1].completed_s)
    sent = [json.loads(frame) for frame in heard.frames(Direction.SEND)]
    (asked,) = [each for each in sent if "interrupted by mistake" in json.dumps(each)]
    assert [*asked["realtime_input" if "realtime_input" in asked else "realtimeInput"]] == ["text"]


def test_a_message_that_a_person_writes_is_marked(on_stage: Serve, talk: Begin) -> None:
    message = '{"clientContent":  {"turns": [], "turnComplete": true}}'

    async def listen(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send({"serverContent": {"turnComplete": True}})

    on_stage(listen)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.engine.send(message, "#7 clientContent")
    heard.until(lambda session: session.problem)
    assert not heard.events("message.written")
    heard.connect()
    heard.engine.send(message, "#7 clientContent")
    heard.until(lambda _: heard.events("message.written"))
    heard.until(lambda _: len(heard.frames(Direction.SEND)) == 2)
    assert heard.events("message.written") == [{"source": "#7 clientContent"}]
    assert heard.frames(Direction.SEND)[-1].decode() == message
