from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tui.core import status
from tui.core.board import Board
from tui.core.capture import Capture
from tui.core.connection import Connection, GoAway, Interrupt
from tui.core.conversation import Conversation
from tui.core.instant import Instant
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.status import Notice
from tui.core.tool_call import ToolCall
from tui.core.turn import Turn, Usage

SILENT = Playback(device="default")
HEARS = Capture(device="default", speech=False, aec="echo cancelling 31 dB", erle_db=31.0)


def connection(**changes: Any) -> Connection:
    row = Connection("gemini-3.8-live", "AUDIO", "gemini", "example.com", "new", 0, 0.0, open_s=1.0)
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def session(*turns: Turn, at: int = 0, **fields: Any) -> Session:
    fields.setdefault("connection", connection())
    return Session(conversation=Conversation(list(turns), at), **fields)


def turn(**fields: Any) -> Turn:
    return Turn(1, 2.0, asked_s=2.0, ended_s=2.0, **fields)


CALL = ToolCall("1", "get_weather", {}, 2.5)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Idle", Session()),
        ("Loading tools", Session(board=Board(loading=True))),
        ("Connecting", session(connection=connection(open_s=None))),
        ("Ready", session()),
        ("Listening", session(Turn(1, 2.0, user_interim="Hel"))),
        ("Thinking", session(turn())),
        ("Answering", session(turn(first_content_s=2.3))),
        ("Tool call", session(turn(first_content_s=2.3, calls=[CALL]))),
        ("Interrupted", session(turn(first_content_s=2.3, interrupted_s=2.5))),
        ("Ready", session(turn(first_content_s=2.3, generated_s=2.6))),
        ("Ready", session(turn(first_content_s=2.3, completed_s=2.6), at=1)),
        ("Closed", session(connection=connection(closed_s=9.0, code=1000))),
        ("Closed", session(connection=connection(closed_s=9.0))),
        ("Closed 1011", session(connection=connection(closed_s=9.0, code=1011))),
        ("Closed 1007", session(connection=connection(open_s=None, closed_s=9.0, code=1007))),
        ("Failed", session(connection=connection(open_s=None, closed_s=9.0))),
    ],
)
def test_the_state_is_one_honest_word(word: str, state: Session) -> None:
    assert status.word(state, SILENT) == word


def test_speaking_means_that_samples_leave_the_device() -> None:
    answering = session(turn(first_content_s=2.3, generated_s=2.6))
    assert status.word(answering, Playback(playing=True)) == "Speaking"
    assert status.word(answering, Playback(playing=False, received_s=8.0)) == "Ready"


def test_a_closed_connection_is_said_before_the_tail_that_still_plays() -> None:
    gone = session(connection=connection(closed_s=9.0, code=1011))
    assert status.word(gone, Playback(playing=True)) == "Closed 1011"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (187, "3:07"), (3787, "1:03:07")]
)
def test_the_clock_counts_minutes_then_hours(seconds: float, text: str) -> None:
    assert status.clock(seconds) == text


def test_the_age_of_a_connection_stops_when_it_closes() -> None:
    assert status.age_s(connection(open_s=None), 5.0) == 0.0
    assert status.age_s(connection(), 5.0) == 4.0
    assert status.age_s(connection(closed_s=3.0), 5.0) == 2.0


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {}),
        ("0.25 s to text", {"first_content_s": 2.25}),
        ("0.25 s to first audio", {"first_content_s": 2.25, "audio_s": 1.0}),
        ("0.31 s to sound", {"first_content_s": 2.25, "audio_s": 1.0, "first_played_s": 2.31}),
    ],
)
def test_the_latency_names_its_mark(text: str, fields: dict[str, float]) -> None:
    assert status.latency(turn(**fields)) == text


@pytest.mark.parametrize(("played_s", "slow"), [(2.99, False), (3.0, True)])
def test_a_second_is_slow(played_s: float, slow: bool) -> None:
    assert status.slow(turn(first_content_s=2.1, first_played_s=played_s)) is slow


@pytest.mark.parametrize(("count", "text"), [(0, ""), (7, "7 tok"), (1204, "1,204 tok")])
def test_tokens_are_grouped(count: int, text: str) -> None:
    assert status.tokens(count) == text


@pytest.mark.parametrize(
    ("modality", "view", "text"),
    [
        ("AUDIO", "audio", "AUDIO"),
        ("AUDIO", "text view", "TEXT VIEW (audio discarded)"),
        ("TEXT", "text", "TEXT"),
        ("TEXT", "audio", "TEXT"),
    ],
)
def test_the_modality_is_one_of_three_states(modality: str, view: str, text: str) -> None:
    assert status.modality(session(connection=connection(modality=modality), view=view)) == text


@pytest.mark.parametrize(
    ("text", "interrupt", "fields"),
    [
        ("", None, {}),
        (
            "interrupted by clientContent, confirmed after 43 ms",
            Interrupt(4.0, "clientContent", 1, 4.043),
            {},
        ),
        (
            "interrupted by clientContent, not confirmed yet",
            Interrupt(4.0, "clientContent", 1),
            {},
        ),
        (
            "interrupted by clientContent, never confirmed: the answer was complete",
            Interrupt(4.0, "clientContent", 1),
            {"completed_s": 4.5},
        ),
        (
            "local only: this model stops only for speech",
            Interrupt(4.0, "local", 1),
            {"first_content_s": 3.0},
        ),
    ],
)
def test_an_interrupt_says_what_came_of_it(
    text: str, interrupt: Interrupt | None, fields: dict[str, Any]
) -> None:
    assert status.interrupted(session(turn(**fields), interrupt=interrupt)) == text


def test_the_next_question_ends_the_report_of_an_interrupt() -> None:
    later = Turn(2, 6.0, asked_s=6.0)
    state = session(turn(), later, interrupt=Interrupt(4.0, "clientContent", 1, 4.1))
    assert status.interrupted(state) == ""


@pytest.mark.parametrize(
    ("notice", "state", "playback"),
    [
        (Notice(), session(), SILENT),
        (
            Notice("No key.", problem=True),
            session(problem="No key."),
            Playback(problem="No sound."),
        ),
        (Notice("No sound.", problem=True), session(), Playback(problem="No sound.")),
        (
            Notice("The server will close this connection in 55 s.", problem=True),
            session(go_away=GoAway("50s", 5.0), interrupt=Interrupt(4.0, "local", 1)),
            SILENT,
        ),
        (
            Notice("local only: this model stops only for speech"),
            session(interrupt=Interrupt(4.0, "local", 1)),
            Playback(problem="No sound."),
        ),
        (
            Notice(),
            session(connection=connection(closed_s=9.0, code=1000, by="client")),
            SILENT,
        ),
    ],
)
def test_the_notice_says_the_worst_first(
    notice: Notice, state: Session, playback: Playback
) -> None:
    assert status.notice(state, Instant(playback=playback)) == notice


def test_a_close_without_a_message_is_described_by_its_code_and_reason() -> None:
    gone = connection(closed_s=9.0, code=1011, reason="Internal error", by="server")
    notice = status.notice(session(connection=gone), Instant())
    assert notice.problem
    assert "1011" in notice.text
    assert "Internal error" in notice.text


def test_the_readout_of_a_session_in_the_middle_of_an_answer() -> None:
    first = turn(first_content_s=2.2, first_played_s=3.2, completed_s=4, usage=Usage(total=1000))
    second = Turn(2, 5.0, asked_s=5.0, ended_s=5.0, first_content_s=5.2, usage=Usage(total=204))
    state = session(first, second, at=1, connection=connection(origin="emulator"))
    playback = Playback(2, 7.8, 3.1, playing=True, underruns=2)
    readout = status.readout(state, Instant(96.0, playback, HEARS), "session.jsonl")
    assert readout == status.Readout(
        state="Speaking",
        place="LOCAL EMULATOR",
        emulated=True,
        model="gemini-3.8-live",
        modality="AUDIO",
        clock="1:35 of 58:00",
        latency="0.20 s to text",
        slow=False,
        tokens="1,204 tok",
        heard="heard 3.1 of 7.8 s",
        underruns="2 underruns",
        echo="echo cancelling 31 dB",
        recording="session.jsonl",
    )


def test_the_readout_names_the_host_of_a_real_service() -> None:
    readout = status.readout(session(), Instant(5.0))
    assert (readout.place, readout.emulated) == ("example.com", False)


def test_the_readout_before_any_connection_is_idle() -> None:
    assert status.readout(Session(), Instant(5.0)) == status.Readout()


@pytest.mark.parametrize(
    ("words", "state", "capture"),
    [
        ("", Session(), HEARS),
        ("silence", session(), HEARS),
        ("speech", session(), replace(HEARS, speech=True)),
        ("here silence · server speech", session(speech=True), HEARS),
        ("here speech · server silence", session(speech=False), replace(HEARS, speech=True)),
        ("", session(speech=True), replace(HEARS, muted=True)),
        ("push to talk: Space", session(connection=connection(manual=True)), HEARS),
        ("", session(connection=connection(manual=True)), Capture(problem="gone")),
        ("TALKING: Space ends", session(connection=connection(manual=True), talking=True), HEARS),
    ],
)
def test_who_hears_a_person_is_said_in_words(words: str, state: Session, capture: Capture) -> None:
    assert status.voice(state, capture) == words


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("", "interrupted"),
        ("person", "interrupted by a person (est.)"),
        ("speaker", "interrupted by our own speaker (est., likeness 0.62)"),
        ("client", "interrupted by you"),
        ("unknown", "interrupted, and nobody was heard here (est.)"),
    ],
)
def test_who_interrupted_is_said_in_words(by: str, words: str) -> None:
    assert status.interrupter(turn(interrupted_by=by, likeness=0.621)) == words


def test_a_model_that_interrupted_itself_is_a_problem_with_a_way_out() -> None:
    state = session(turn(interrupted_s=3.0, interrupted_by="speaker"))
    notice = status.notice(state, Instant(capture=HEARS))
    assert notice.problem and "push to talk (p)" in notice.text


def test_a_microphone_that_hears_nothing_says_why_after_the_speaker() -> None:
    deaf = Capture(problem="The microphone is off: gone.")
    mute = Playback(problem="Sound is off: gone.")
    assert status.notice(session(), Instant(capture=deaf)) == Notice(deaf.problem, problem=True)
    both = Instant(playback=mute, capture=deaf)
    assert status.notice(session(), both) == Notice(mute.problem, problem=True)
