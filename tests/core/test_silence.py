"""What does not come is told, and only that."""

from __future__ import annotations

import pytest

from tests.core.script import Script
from tui.core import silence, status
from tui.core.capture import Capture
from tui.core.instant import Instant
from tui.core.playback import Playback


def asked() -> Script:
    """A question at 1.0 s."""
    script = Script()
    script.connect()
    script.ask(1.0, "Hm?")
    return script


def sentence(script: Script, now_s: float, *, playing: bool = False) -> str:
    playback = Playback(playing=playing, idle=not playing)
    return silence.sentence(script.session, Instant(now_s, playback))


def test_a_question_that_waits_is_told_of_after_a_while() -> None:
    script = asked()
    assert sentence(script, 8.9) == ""
    assert sentence(script, 13.0) == "No answer for 12 s. The server was last heard 13 s ago."
    script.event(11.0, "ping", rtt_ms=42.1)
    assert sentence(script, 13.0) == (
        "No answer for 12 s. The server was last heard 2 s ago, a ping took 42 ms."
    )


def test_an_answer_that_breaks_off_is_told_of_when_its_sound_is_over() -> None:
    script = asked()
    script.audio(2.0, 6.0)
    assert sentence(script, 12.9) == ""
    assert sentence(script, 14.0).startswith("The answer broke off 6 s ago. The server")
    assert sentence(script, 14.0, playing=True) == ""


def test_what_the_server_may_wait_for_is_no_silence_of_its() -> None:
    script = asked()
    script.receive(2.0, toolCall={"functionCalls": [{"id": "1", "name": "weather", "args": {}}]})
    assert sentence(script, 60.0) == ""
    script.send(60.0, toolResponse={"functionResponses": [{"id": "1", "name": "weather"}]})
    assert "broke off" in sentence(script, 66.0)
    script.content(67.0, generationComplete=True)
    assert sentence(script, 99.0) == ""


def test_a_line_without_a_sign_of_life_is_silent() -> None:
    script = asked()
    script.event(20.0, "ping.unanswered", after_s=5.0)
    instant = Instant(24.0)
    assert silence.word(script.session, 24.0) == "Silent 24 s"
    assert status.readout(script.session, instant).state == "Silent 24 s"
    assert status.notice(script.session, instant).text == (
        "Nothing has come for 24 s, and a ping has no answer: the network may be gone. "
        "Reconnect (c), or wait until the line is given up."
    )


@pytest.mark.parametrize("pong", [True, False])
def test_a_pong_and_any_message_are_signs_of_life(pong: bool) -> None:
    script = asked()
    script.event(20.0, "ping.unanswered", after_s=5.0)
    if pong:
        script.event(21.0, "ping", rtt_ms=6000)
    else:
        script.content(21.0, modelTurn={"parts": [{"text": "Well."}]})
    assert silence.word(script.session, 24.0) == ""
    assert silence.ping(script.session) == ("ping 6.0 s" if pong else "")


def test_a_closed_connection_waits_for_nothing() -> None:
    script = asked()
    script.event(20.0, "ping.unanswered", after_s=5.0)
    script.event(21.0, "connection.closed", code=1006, reason="", by="network")
    assert silence.word(script.session, 24.0) == sentence(script, 24.0) == ""


def test_sound_that_waits_is_counted_where_it_is_late() -> None:
    assert silence.waiting(Capture(waiting_s=0.2)) == ""
    assert silence.waiting(Capture(waiting_s=2.34)) == " 2.3 s of sound wait to be sent."
