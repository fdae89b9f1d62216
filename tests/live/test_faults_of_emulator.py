"""The app against its own emulator with every fault: it goes on, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Talk, turn
from tui.core import renewal, status
from tui.core.connection import Handle
from tui.core.fault import Fault, kinds
from tui.core.frame import Direction
from tui.core.instant import Instant
from tui.core.session import Session

Begin = Callable[..., Talk]

ENDS = {"goaway": "goaway:left=0.2", "close": "close:code=1008,reason=enough", "drop": "drop"}
"""After these there is no connection."""
WHOLE = {
    "stall": "stall:for=0.3,turn=1",
    "late-pongs": "late-pongs:delay=0.1",
    "unknown-field": "unknown-field",
    "unknown-kind": "unknown-kind:turn=1",
    "noise": "noise:chance=1",
    "usage-snapshots": "usage-snapshots",
    "tool-cancel": "tool-cancel:turn=1",
    "invalid-json": "invalid-json:turn=1",
    "oversize": "oversize:turn=1",
    "bundle": "bundle",
}
"""With these an answer comes whole."""
AUDIO = {
    "bundle": "bundle",
    "slow-audio": "slow-audio:pace=2",
    "bursts": "bursts:every=0.5",
    "silent-audio": "silent-audio",
}
"""With these, too, where it is audio."""
MUTE = {
    "empty-turn": "empty-turn",
    "rejected": "rejected",
    "cut-short": "cut-short:pieces=1",
    "no-turn-complete": "no-turn-complete",
}


def begun(talk: Begin, **options: Any) -> Talk:
    heard = talk(emulator=True, **options)
    heard.connect()
    return heard


def happened(heard: Talk, spec: str) -> Callable[[Session], bool]:
    return lambda _: {"fault": spec, "state": "happened"} in heard.events("fault")


def arm(heard: Talk, spec: str) -> str:
    """Ask for it, and wait until the emulator has it; the spec as it is told of."""
    armed = {"fault": str(Fault.read(spec)), "state": "armed"}
    before = heard.events("fault").count(armed)
    heard.rig.arm(spec)
    heard.until(lambda _: heard.events("fault").count(armed) > before)
    return armed["fault"]


def arms(heard: Talk, spec: str) -> bool:
    """Ask for it again, while a session that has been closed is still there."""
    heard.rig.arm(spec)
    return True


def test_every_fault_is_met_here() -> None:
    assert {*ENDS, *WHOLE, *AUDIO, *MUTE, "stale-audio", "off"} == {*kinds()}


def test_answers_come_whole_through_every_fault_that_takes_none(talk: Begin) -> None:
    heard = begun(talk, view="text")
    for number, spec in enumerate(WHOLE.values(), 2):
        said = arm(heard, spec)
        assert heard.ask(f"What is {number} * 7?") == f"That is {number * 7}.", spec
        heard.until(happened(heard, said))
        arm(heard, "off")
        assert heard.session.misfortune is None
    assert heard.session.connected
    heard.wrong = heard.findings()
    assert heard.wrong >= {"undecodable", "field-unknown", "message-unknown", "usage-snapshots"}


def test_answers_in_audio_come_whole_too(talk: Begin) -> None:
    heard = begun(talk, model="gemini-3.8-live")
    for number, spec in enumerate(AUDIO.values(), 2):
        said = arm(heard, spec)
        assert heard.ask(f"What is {number} * 7?") == f"That is {number * 7}.", spec
        heard.until(happened(heard, said))
        assert heard.player.state.received_s > 0.5
        arm(heard, "off")
    heard.wrong = heard.findings()
    assert heard.wrong == {"audio-silent"}


def test_audio_after_an_interruption_is_not_taken_for_the_next_answer(talk: Begin) -> None:
    heard = begun(talk, model="gemini-3.8-live")
    said = arm(heard, "stale-audio:chunks=5")
    heard.engine.say("Tell me a very long story")
    heard.until(lambda _: heard.player.state.received_s > 0.5)
    heard.engine.interrupt().result()
    heard.until(happened(heard, said))
    assert heard.ask("What is 6 * 7?") == "That is 42."
    heard.wrong = heard.findings()
    assert "audio-after-interrupted" in heard.wrong


@pytest.mark.parametrize("spec", ENDS.values(), ids=[*ENDS])
def test_an_end_is_told_as_it_was(talk: Begin, spec: str) -> None:
    heard = begun(talk, view="text", stays=False)
    heard.ask("What is 6 * 7?")
    said = arm(heard, spec)
    session = heard.until(lambda session: not session.connected)
    heard.until(happened(heard, said))
    assert session.connection is not None
    ended = (session.connection.code, session.connection.reason, session.connection.by)
    assert (
        ended
        == {
            "goaway": (1011, "Deadline expired before operation could complete.", "server"),
            "close": (1008, "enough", "server"),
            "drop": (1006, "the connection was lost without a close frame", "network"),
        }[spec.partition(":")[0]]
    )
    assert status.notice(session, Instant(session.now_s)).problem
    assert said in status.fault(session, session.now_s)
    heard.connect()
    assert heard.ask("What is 6 * 8?") == "That is 48."
    heard.wrong = heard.findings()


def test_what_ends_a_connection_is_overcome(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "YOUNG_S", 0.0)
    heard = begun(talk, view="text", model="gemini-2.0-flash-live-001", stays=True)
    heard.ask("My number is 4711.")
    for number, spec in enumerate((*ENDS.values(), "close:code=1011"), 2):
        arm(heard, "goaway:left=50" if spec == ENDS["goaway"] else spec.replace("1008", "1013"))
        heard.until(lambda session: session.connections == number and session.connected)  # noqa: B023
        assert "4711" in heard.ask("What number did I tell you" + "?" * number)
    assert {each.carry for each in heard.session.opened[1:]} == {"handle"}
    heard.wrong = heard.findings()
    assert heard.wrong <= {"close", "handle-not-resumable"}


def test_a_handle_that_is_refused_is_explained(talk: Begin) -> None:
    heard = begun(talk, view="text", model="gemini-2.0-flash-live-001", stays=True)
    heard.ask("My number is 4711.")
    heard.engine.resume(Handle("long gone", True, 0.0, "gemini-2.0-flash-live-001"))
    heard.until(lambda session: session.connections == 3 and session.connected)
    assert (
        "the handle was refused (1008 BidiGenerateContent session not found), so the conversation "
        "was carried over by replaying 1 of its turns"
    ) in status.notice(heard.session, heard.engine.now).text
    assert "4711" in heard.ask("What number did I tell you?")
    heard.wrong = {"close"}


def test_turns_that_break_off_are_shown_as_they_are(talk: Begin) -> None:
    heard = begun(talk, view="text")
    for name in ("empty-turn", "rejected", "cut-short"):
        arm(heard, MUTE[name])
        answer = heard.ask(f"Tell me a very long story of {name}")
        assert len(answer.split()) < 10
        assert bool(answer) == (name == "cut-short")
        arm(heard, "off")
    arm(heard, "no-turn-complete:times=1")
    heard.hear("What is 6 * 7?")
    assert turn(heard.session, "What is 6 * 7?").completed_s is None
    assert heard.ask("What is 6 * 8?") == "That is 48."
    heard.wrong = heard.findings()


def test_a_fault_can_be_asked_for_by_talking(talk: Begin) -> None:
    heard = begun(talk, view="text")
    assert heard.ask("/fault rejected") == "The fault rejected is armed."
    assert heard.ask("What is 6 * 7?") == ""
    heard.until(happened(heard, "rejected"))
    assert "RESPONSE_REJECTED" in heard.frames(Direction.RECEIVE)[-1].decode()
    heard.ask("/fault off")
    assert heard.ask("What is 6 * 8?") == ""
    heard.wrong = heard.findings()


def test_what_is_no_fault_is_refused_in_words(talk: Begin) -> None:
    heard = begun(talk, view="text")
    heard.rig.arm("stal")
    heard.until(lambda _: heard.events("refused"))
    assert heard.events("refused")[0]["message"].startswith("There is no fault 'stal' (stall?)")
    heard.engine.disconnect().result()
    heard.until(lambda _: arms(heard, "stall") and len(heard.events("refused")) > 1)
    assert "No session" in heard.events("refused")[1]["message"]


def test_a_scenario_that_is_not_followed_is_seen_while_the_session_goes_on(talk: Begin) -> None:
    heard = begun(talk, emulator_flags=("--scenario=weather",))
    said = "The scenario was not followed: the setup has no tools.functionDeclarations."
    session = heard.until(lambda session: session.complaint and session.connected)
    assert heard.events("emulator.complaint") == [{"of": "scenario", "message": said}]
    assert status.fault(session, session.now_s).endswith(f"ago: {said}")
    assert status.fault(session, session.now_s + 61) == ""
    assert heard.hear("The weather, please.") == "In which city?"
    assert [each.sentence for each in heard.rig.complaints] == [said]
