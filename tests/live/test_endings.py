"""Connections that end: by whom, with what words, and what is left of the conversation."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Direction

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]

TONE = base64.b64encode(bytes(9600)).decode()
"""200 ms at 24 kHz."""

MUCH = json.dumps({"clientContent": {"turns": [{"parts": [{"text": "x" * (12 << 20)}]}]}})
"""More than the network holds for a server that does not read."""


def audio(data: str = TONE) -> dict[str, Any]:
    """A message with sound."""
    blob = {"mimeType": "audio/pcm;rate=24000", "data": data}
    return {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}


def text(words: str) -> dict[str, Any]:
    """A message with words."""
    return {"serverContent": {"modelTurn": {"parts": [{"text": words}]}}}


def text_talk(talk: Begin) -> Talk:
    """Connected, for answers in writing."""
    begun = talk(view="text", model="gemini-2.0-flash-exp")
    begun.connect()
    return begun


def choked(heard: Talk) -> Future[None]:
    """A message that cannot get out: TLS buffers a first one whole, whatever its size."""
    heard.engine.send(MUCH)
    sending = heard.engine.send(MUCH)
    heard.until(lambda _: len(heard.frames(Direction.SEND)) == 3)
    return sending


def test_the_server_closes_in_mid_answer(on_stage: Serve, talk: Begin) -> None:
    async def fail(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(text("I was about to"))
        await peer.close(1011, "Internal error encountered.")

    on_stage(fail, Peer.greet)
    heard = text_talk(talk)
    heard.engine.say("Well?")
    session = heard.until(lambda session: session.problem)
    assert session.problem == (
        "The server closed the connection (1011): Internal error encountered. "
        "Last sent: clientContent."
    )
    assert [(turn.answer, turn.cut) for turn in session.turns] == [("I was about to", True)]
    heard.connect()
    assert heard.session.problem == ""
    assert heard.session.connection is not None
    assert heard.session.connection.carry == "history"
    assert heard.ask("And now?") == "Hello there."


def test_the_network_drops_in_mid_answer(on_stage: Serve, talk: Begin) -> None:
    async def vanish(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(text("I was about to"))
        await peer.cue()
        peer.drop()

    played = on_stage(vanish)
    heard = text_talk(talk)
    heard.engine.say("Well?")
    heard.until(lambda session: session.turns and session.turns[0].answered)
    played.give_cue()
    session = heard.until(lambda session: session.problem)
    assert session.connection is not None
    assert (session.connection.code, session.connection.by) == (1006, "network")
    assert "without a close frame" in session.problem
    assert session.turns[0].cut


def test_a_speaker_that_is_cut_off_plays_what_came_and_then_rests(
    on_stage: Serve, talk: Begin
) -> None:
    async def fail(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(audio(), audio())
        await peer.cue()
        await peer.close(1011)

    played = on_stage(fail)
    heard = talk(view="audio", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.engine.say("Well?")
    heard.until(lambda session: session.turns and session.turns[0].audio_s > 0.3)
    heard.player.speak(0.1)
    heard.until(lambda session: session.playing_turn == 1)
    played.give_cue()
    heard.until(lambda session: session.problem)
    assert heard.session.playing_turn == 1, "what came is still played"
    assert heard.player.flushes == 0
    heard.player.rest()
    session = heard.until(lambda session: session.playing_turn == 0)
    assert session.turns[0].heard_s == 0.4


def test_disconnecting_in_mid_answer_silences_it(on_stage: Serve, talk: Begin) -> None:
    async def speak(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(audio())
        await peer.listen()

    on_stage(speak)
    heard = talk(view="audio", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.engine.say("Well?")
    heard.until(lambda session: session.turns and session.turns[0].audio_s)
    heard.player.speak(0.05)
    heard.until(lambda session: session.playing_turn == 1)
    heard.engine.disconnect()
    session = heard.until(lambda session: not session.connected)
    assert session.connection is not None
    assert (session.connection.code, session.connection.by) == (1000, "client")
    assert session.problem == "", "it was asked for"
    assert heard.player.flushes == 1
    assert session.turns[0].heard_s == 0.05


def test_going_away_is_announced_and_survived(on_stage: Serve, talk: Begin) -> None:
    async def leave(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.answer("For now.")
        await peer.send({"goAway": {"timeLeft": "9.5s"}})
        await peer.cue()
        await peer.close(1008, "Deadline expired before operation could complete.")

    played = on_stage(leave, Peer.greet)
    heard = text_talk(talk)
    heard.ask("Well?")
    session = heard.until(lambda session: session.go_away)
    assert session.go_away is not None
    assert session.go_away.time_left == "9.5s"
    played.give_cue()
    assert "reconnect (c)" in heard.until(lambda session: session.problem).problem
    assert heard.connect().go_away is None


def test_an_answer_arrives_while_a_question_is_still_being_sent(
    on_stage: Serve, talk: Begin
) -> None:
    async def be_deaf(peer: Peer) -> None:
        await peer.accept()
        peer.stop_reading()
        await peer.cue()
        await peer.answer("I know what you ask.")
        await peer.cue()
        peer.go_on_reading()
        await peer.listen()

    played = on_stage(be_deaf)
    heard = text_talk(talk)
    sending = choked(heard)
    played.give_cue()
    session = heard.until(lambda session: session.turns and session.turns[0].completed_s)
    assert session.turns[0].answer == "I know what you ask."
    assert not sending.done()
    played.give_cue()
    sending.result(60)
    assert heard.session.connected


def test_a_question_goes_out_while_messages_rush_in(on_stage: Serve, talk: Begin) -> None:
    async def babble(peer: Peer) -> None:
        await peer.accept()
        asking = asyncio.create_task(peer.hear())
        while not asking.done():
            await peer.send(audio())
        await peer.answer("Yes?")
        await peer.listen()

    on_stage(babble)
    heard = text_talk(talk)
    heard.until(lambda _: len(heard.frames(Direction.RECEIVE)) > 200)
    heard.engine.say("Stop!")
    session = heard.until(lambda session: session.turns and session.turns[0].completed_s)
    assert session.turns[0].answer == "Yes?"


def test_a_server_that_no_longer_reads_cannot_hold_anybody(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.live.link.CLOSE_TIMEOUT_S", 0.3)

    async def freeze(peer: Peer) -> None:
        await peer.accept()
        peer.stop_reading()
        await peer.cue()

    on_stage(freeze, Peer.greet)
    heard = text_talk(talk)
    sending = choked(heard)
    heard.engine.disconnect().result(30)
    assert sending.done()
    assert heard.connect().connected
    assert heard.session.connections == 2


def test_stopping_in_mid_connect_is_journalled(on_stage: Serve, talk: Begin) -> None:
    on_stage(Peer.listen)
    heard = talk()
    heard.engine.connect()
    heard.until(lambda _: heard.frames(Direction.SEND))
    heard.engine.stop()
    assert "given up" in heard.until(lambda session: session.problem).problem
    assert heard.player.closed


def test_stopping_closes_the_connection_in_form(on_stage: Serve, talk: Begin) -> None:
    played = on_stage(Peer.greet)
    heard = text_talk(talk)
    heard.ask("Hello?")
    heard.engine.stop()
    heard.until(lambda session: not session.connected)
    assert heard.events("connection.closed")[-1]["code"] == 1000
    assert len(played.peers) == 1
