"""What was thrown away is counted, journalled, and can be played again."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Direction
from tui.core.playback import AUDITION

Begin = Callable[..., Talk]

SECOND = bytes(48_000)


def audio(pcm: bytes) -> dict[str, object]:
    blob = {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(pcm).decode()}
    return {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}


async def interrupted(peer: Peer) -> None:
    """Three seconds, of which the last comes after the interruption."""
    await peer.accept()
    await peer.hear()
    await peer.send(audio(SECOND), audio(SECOND))
    await peer.cue()
    await peer.send({"serverContent": {"interrupted": True}}, audio(SECOND))
    await peer.send({"serverContent": {"turnComplete": True}})
    await peer.listen()


@pytest.fixture
def cut(on_stage: Callable[..., Stage], talk: Begin) -> Talk:
    """An answer of which half a second was heard."""
    stage = on_stage(interrupted)
    begun = talk()
    begun.connect()
    begun.engine.say("go")
    begun.until(lambda _: begun.player.state.received_s == 2)
    begun.player.speak(0.5)
    stage.give_cue()
    begun.until(lambda session: session.turns and session.turns[0].completed_s)
    begun.until(lambda _: begun.events("playback.discarded"))
    return begun


def test_heard_received_and_thrown_away_are_journalled(cut: Talk) -> None:
    assert cut.events("playback.flushed") == [
        {
            "turn": 1,
            "heard_s": 0.5,
            "received_s": 2.0,
            "thrown_s": 1.5,
            "underruns": 0,
            "cause": "interrupted",
        }
    ]
    assert cut.events("playback.discarded") == [
        {"turn": 1, "heard_s": 0.5, "received_s": 3.0, "thrown_s": 2.5}
    ]


def test_it_is_played_again_and_counts_as_no_answer(cut: Talk) -> None:
    cut.engine.replay().result(5)
    assert (cut.player.state.answer, cut.player.state.received_s) == (-1, 2.5)
    cut.player.speak(1.0)
    cut.until(lambda _: cut.events("replay.started"))
    cut.engine.replay().result(5)
    cut.until(lambda _: cut.events("refused"))
    assert "Esc stops it" in cut.events("refused")[0]["message"]
    cut.engine.interrupt().result(5)
    cut.until(lambda _: cut.events("replay.flushed"))
    cut.engine.replay().result(5)
    assert cut.player.state.received_s == 2 * 2.5, "again and again"
    (turn,) = cut.session.turns
    assert (turn.heard_s, turn.interrupted_s is not None) == (0.5, True)


def test_the_sound_of_a_text_view_can_be_heard_afterwards(talk: Begin) -> None:
    begun = talk(emulator=True, model="gemini-3.8-live", view="text view")
    begun.connect()
    begun.engine.replay().result(5)
    begun.until(lambda _: begun.events("refused"))
    assert "Nothing was thrown away" in begun.events("refused")[0]["message"]
    begun.hear("What is 6*7?")
    begun.engine.replay().result(5)
    assert begun.player.state.answer == -1
    assert begun.player.state.received_s == pytest.approx(begun.session.turns[0].audio_s)


def test_devices_are_changed_in_mid_session(cut: Talk) -> None:
    frames = len(cut.frames(Direction.SEND))
    cut.engine.play_on("headset").result(5)
    assert cut.player.state.device == "headset"
    assert len(cut.frames(Direction.SEND)) == frames


def test_any_sound_of_the_session_can_be_heard_but_not_over_an_answer(cut: Talk) -> None:
    cut.engine.audition(SECOND, 24_000).result(5)
    assert (cut.player.state.answer, cut.player.state.received_s) == (AUDITION, 1.0)
    cut.player.speak(0.5)
    cut.until(lambda _: cut.events("audition.started"))
    cut.engine.audition(SECOND * 2, 24_000).result(5)
    assert cut.player.state.received_s == 3.0, "that player counts all that it is given"
    assert not cut.events("refused"), "one takes the place of the other"
    cut.engine.hush().result(5)
    assert cut.player.state.idle
    cut.engine.replay().result(5)
    cut.engine.audition(SECOND, 24_000).result(5)
    cut.until(lambda _: cut.events("refused"))
    assert "Esc stops it" in cut.events("refused")[-1]["message"]
    (turn,) = cut.session.turns
    assert turn.heard_s == 0.5, "it counts as no answer"
