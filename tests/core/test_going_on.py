"""A false interruption: what was heard, what is asked, and when that is offered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.script import Script, pcm
from tui.core import barge_in, status
from tui.core.going_on import Nothing, Rest, rest
from tui.core.instant import Instant
from tui.core.prose import Hearing, Span, Tone, paragraphs

WORDS = ("Once upon a time there was an old oscilloscope on a shelf").split()  # noqa: SIM905


def answered(heard_s: float | None = 1.5, words: bool = True, by: str = "") -> Script:
    """An answer of twelve words and three seconds that is interrupted."""
    script = Script()
    script.connect()
    script.ask(1.0, "A story.")
    for at, word in enumerate(WORDS):
        blob: dict[str, Any] = {"modelTurn": {"parts": [{"inlineData": pcm(0.25, 24000)}]}}
        script.content(1.5 + at / 100, **blob)
        if words:
            script.content(1.5 + at / 100, outputTranscription={"text": f"{word} "})
    script.event(1.7, "playback.started", turn=1)
    if heard_s is not None:
        script.event(3.2, "playback.flushed", turn=1, heard_s=heard_s, received_s=3.0)
    script.content(3.2, interrupted=True)
    if by:
        script.event(3.21, "interrupted", turn=1, by=by, heard=0.5, sent=0.5, speech=False)
    script.content(3.3, turnComplete=True)
    return script


def asked(script: Script, at_s: float = 5.0) -> None:
    left = rest(script.session)
    script.event(at_s, "going_on", turn=left.turn)
    script.ask(at_s, left.request)


def test_the_last_words_heard_are_quoted_and_the_lost_ones_told() -> None:
    left = rest(answered().session)
    assert (left.turn, left.heard, left.lost) == (
        1,
        "Once upon a time there was",
        "an old oscilloscope on a shelf",
    )
    assert "heard are: “Once upon a time there was”." in left.request
    assert "did not hear: “an old oscilloscope on a shelf”." in left.request
    assert left.known == "from 1.5 of 3.0 s, the words are an estimate"


def test_without_words_the_seconds_are_told() -> None:
    left = rest(answered(words=False).session)
    assert "I heard the first 1.5 s of your answer." in left.request
    assert left.known.endswith("no words are known")


def test_who_heard_nothing_asks_for_all_of_it() -> None:
    assert "I heard none of your answer" in rest(answered(0.0).session).request


def test_a_long_answer_is_quoted_by_its_end_and_marks_do_not_end_the_quotation() -> None:
    left = Rest(1, "x " * 100 + "he said “no” and left", 'y "z" ' * 100, 9.0, 20.0)
    assert "“…" in left.request and "he said no and left”." in left.request
    assert left.request.count("“") == 2 and len(left.request) < 800


def test_what_was_thrown_away_by_a_key_counts_though_the_model_had_finished() -> None:
    script = answered()
    script = Script()
    script.connect()
    script.ask(1.0, "A story.")
    script.content(1.5, modelTurn={"parts": [{"inlineData": pcm(2.0, 24000)}]})
    script.content(1.6, turnComplete=True)
    script.event(2.0, "playback.flushed", turn=1, heard_s=0.5, received_s=2.0)
    assert rest(script.session).turn == 1


def test_where_nothing_was_interrupted_it_says_so() -> None:
    script = Script()
    script.connect()
    with pytest.raises(Nothing, match="No answer was interrupted"):
        rest(script.session)
    script = answered()
    asked(script)
    with pytest.raises(Nothing, match="was gone on with in turn 2"):
        rest(script.session)


def test_the_transcript_shows_what_goes_on_with_what() -> None:
    script = answered()
    asked(script)
    first, second = script.session.turns
    shown = [
        " ".join(span.text for each in paragraphs(turn, _ME, _HEARD) for span in each.spans)
        for turn in (first, second)
    ]
    assert "turn 2 asks the model to go on from there" in shown[0]
    assert "goes on with turn 1" in shown[1]


_ME, _HEARD = Span("Model", Tone.MODEL), Hearing(1.5, waits=False)


@pytest.mark.parametrize(
    ("by", "offered"), [("speaker", True), ("unknown", True), ("person", False), ("client", False)]
)
def test_it_is_offered_where_nobody_seems_to_have_spoken(by: str, offered: bool) -> None:
    script = answered(by=by)
    notice = status.notice(script.session, Instant(4.0))
    assert ("u asks it to go on" in notice.text) is offered
    asked(script)
    assert not barge_in.false_alarm(script.session.turns, 60.0)


def test_a_person_without_words_is_doubted_only_where_words_would_have_come() -> None:
    script = answered(by="person")
    assert not barge_in.false_alarm(script.session.turns, 60.0)
    script = Script()
    script.connect()
    script.content(1.0, inputTranscription={"text": "Hello"})
    script.content(1.1, outputTranscription={"text": "Hello!"}, turnComplete=True)
    script.content(2.0, outputTranscription={"text": "And"})
    script.content(2.5, interrupted=True)
    script.event(2.51, "interrupted", turn=2, by="person", speech=True)
    script.content(2.6, turnComplete=True)
    assert not barge_in.false_alarm(script.session.turns, 3.0)
    assert "no words" in barge_in.false_alarm(script.session.turns, 6.0)
    script.content(6.1, inputTranscription={"text": "Stop"})
    assert not barge_in.false_alarm(script.session.turns, 9.0)
