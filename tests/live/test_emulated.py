"""Conversations with the real emulator, a process of its own, over TLS and the unchanged SDK."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.live.conftest import Talk
from tui.core.configuration.message import Configuration
from tui.core.frame import Direction
from tui.core.turn import Lane

Begin = Callable[..., Talk]

TEXT_MODEL, AUDIO_MODEL = "gemini-2.0-flash-exp", "gemini-3.8-live"


@pytest.fixture
def told(talk: Begin) -> Callable[[str, str], Talk]:
    """Connects a conversation to the emulator."""

    def begin(model: str, view: str) -> Talk:
        begun = talk(emulator=True, model=model, view=view)
        begun.connect()
        return begun

    return begin


Told = Callable[[str, str], Talk]


def tell(heard: Talk) -> None:
    """Tell it a number, and wait until it begins to answer."""
    heard.engine.say("My number is 4711.")
    heard.until(lambda session: session.turns and session.turns[-1].answered)


def finish(heard: Talk) -> None:
    """End the turn at once, which brings a new handle."""
    before = heard.session.handle
    heard.engine.interrupt()
    heard.until(lambda session: session.handle != before)


def carry(heard: Talk) -> str:
    assert heard.session.connection is not None
    return heard.session.connection.carry


def test_text_and_memory_over_a_reconnect_by_history(told: Told) -> None:
    heard = told(TEXT_MODEL, "text")
    assert "42" in heard.hear("What is 6 * 7?")
    heard.hear("My number is 4711.")
    heard.engine.disconnect()
    heard.until(lambda session: not session.connected)
    heard.connect()
    assert carry(heard) == "history"
    assert "4711" in heard.hear("What number did I tell you?")
    assert [turn.user for turn in heard.session.turns] == [
        "What is 6 * 7?",
        "My number is 4711.",
        "What number did I tell you?",
    ]
    assert all(piece.lane is Lane.TEXT for turn in heard.session.turns for piece in turn.pieces)
    assert heard.session.usage.total > 0


def test_audio_and_memory_over_a_reconnect_by_handle(told: Told) -> None:
    heard = told(AUDIO_MODEL, "text view")
    tell(heard)
    finish(heard)
    heard.engine.disconnect()
    heard.until(lambda session: not session.connected)
    heard.connect()
    assert carry(heard) == "handle"
    assert heard.events("connection.opening")[-1]["turns"] == 0, "the server knows it all"
    assert "4711" in heard.hear("What number did I tell you?")
    turn = heard.session.turns[-1]
    assert turn.audio_s > 0.5
    assert {piece.lane for piece in turn.pieces} == {Lane.SPEECH}
    assert heard.player.state.received_s == 0.0, "the text view discards the sound"


def test_a_handle_that_is_older_than_the_last_turn_loses_nothing(told: Told) -> None:
    heard = told(AUDIO_MODEL, "text view")
    heard.wrong = {"handle-not-resumable"}
    tell(heard)
    heard.engine.disconnect()
    heard.until(lambda session: not session.connected)
    heard.connect()
    assert carry(heard) == "handle", "the one that came after the set-up"
    assert heard.events("connection.opening")[-1]["turns"] == 1
    assert "4711" in heard.hear("What number did I tell you?")


def test_another_model_gets_the_history_and_no_foreign_handle(told: Told) -> None:
    heard = told(AUDIO_MODEL, "text view")
    tell(heard)
    finish(heard)
    heard.engine.model(TEXT_MODEL)
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert carry(heard) == "history"
    assert "4711" in heard.hear("What number did I tell you?")


def test_the_views_of_one_model_in_turn(told: Told) -> None:
    heard = told(TEXT_MODEL, "audio")
    heard.hear("What is 6 * 7?")
    assert heard.player.state.received_s == pytest.approx(heard.session.turns[0].audio_s)

    heard.engine.view("text view")
    heard.until(lambda session: session.view == "text view")
    assert heard.session.connections == 1, "the connection stays"
    heard.hear("What is 6 * 8?")
    assert heard.player.state.answer == 1, "sound is discarded"

    heard.engine.view("text")
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert heard.session.connection is not None
    assert heard.session.connection.modality == "TEXT"
    assert "54" in heard.hear("What is 6 * 9?")
    assert heard.session.turns[-1].audio_s == 0.0

    heard.engine.view("audio")
    heard.until(lambda session: session.connections == 3 and session.connected)
    assert carry(heard) == "history"
    heard.hear("What is 9 * 9?")
    assert heard.player.state.answer == len(heard.session.turns)


def test_text_is_refused_by_an_audio_model_in_its_own_words(told: Told, talk: Begin) -> None:
    asked = Configuration().with_values(modality="text")
    heard = talk(emulator=True, model=AUDIO_MODEL, view="text", configuration=asked)
    heard.wrong = {"close", "modality-refused"}
    heard.engine.connect()
    problem = heard.until(lambda session: session.problem).problem
    assert problem.startswith(
        "The server closed the connection (1007): The requested combination of response "
        "modalities (TEXT) is not supported by the model. models/gemini-3.8-live"
    )
    assert "use AUDIO or the text view" in problem
    [closed] = heard.events("connection.closed")
    assert (closed["code"], closed["by"]) == (1007, "server")
    assert closed["reason"] in problem


def test_a_view_that_the_model_lacks_is_refused_here(told: Told) -> None:
    heard = told(AUDIO_MODEL, "audio")
    heard.engine.view("text")
    assert heard.until(lambda session: session.problem).problem == (
        "gemini-3.8-live has no text: it offers audio, text view."
    )
    assert heard.session.connected


def test_an_unknown_model_is_refused_with_the_way_out(talk: Begin) -> None:
    heard = talk(emulator=True, model="gemini-9.9-live")
    heard.wrong = {"close"}
    heard.engine.connect()
    problem = heard.until(lambda session: session.problem).problem
    assert "(1008): models/gemini-9.9-live is not found" in problem
    assert "--model" in problem
    heard.engine.model(TEXT_MODEL)
    heard.until(lambda session: session.connected)
    assert "42" in heard.hear("What is 6 * 7?")


def test_an_interruption_stops_speaker_and_model(told: Told) -> None:
    heard = told(TEXT_MODEL, "audio")
    heard.engine.say("Tell me a very long story.")
    heard.until(lambda session: session.turns and session.turns[0].audio_s > 1)
    heard.player.speak(0.7)
    heard.until(lambda session: session.playing_turn == 1)
    heard.engine.interrupt()
    session = heard.until(lambda session: session.turns[0].completed_s)
    assert session.interrupt is not None
    assert session.interrupt.route == "clientContent"
    assert session.interrupt.confirmed_s is not None
    assert session.turns[0].interrupted_s is not None
    assert session.turns[0].heard_s == 0.7
    assert session.turns[0].generated_s is None
    assert heard.player.flushes == 1
    assert "42" in heard.hear("What is 6 * 7?")


def test_a_new_question_silences_the_answer_before_it(told: Told) -> None:
    heard = told(TEXT_MODEL, "audio")
    heard.engine.say("Tell me a very long story.")
    heard.until(lambda session: session.turns and session.turns[0].audio_s > 1)
    heard.player.speak(0.5)
    heard.until(lambda session: session.playing_turn == 1)
    assert "42" in heard.hear("What is 6 * 7?")
    [flushed, *_] = heard.events("playback.flushed")
    assert flushed["cause"] == "question"
    assert heard.session.turns[0].interrupted_s is not None
    assert heard.session.turns[0].heard_s == 0.5


def test_every_byte_of_a_conversation_is_kept(told: Told) -> None:
    heard = told(TEXT_MODEL, "audio")
    heard.hear("What is 6 * 7?")
    received = heard.frames(Direction.RECEIVE)
    assert sum(len(frame) for frame in received) > heard.session.turns[0].audio_s * 48_000
    assert not any(record.masked for record in heard.records if hasattr(record, "masked"))
