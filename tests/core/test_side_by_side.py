"""Two sessions of one microphone: which turns belong together, and what differs."""

from __future__ import annotations

import pytest

from tests.core.script import Script, usage
from tui.core import cost
from tui.core.comparison import LEFT, RIGHT, SAME
from tui.core.lint.finding import Findings
from tui.core.lint.linter import Linter
from tui.core.side_by_side import (
    COST,
    FIRST_ANSWER,
    FIRST_BYTE,
    FOUND,
    INTERRUPTED,
    SOUND,
    TOKENS,
    WORDS,
    Exchange,
    Side,
    SideBySide,
    side_by_side,
    together,
)
from tui.core.turn import Turn


def turns(*inputs: float | tuple[float]) -> list[Turn]:
    """Turns whose input ended then; in brackets the time at which one without a mark began."""
    return [
        Turn(number, at[0])
        if isinstance(at, tuple)
        else Turn(number, at, ended_s=at, anchor="local VAD")
        for number, at in enumerate(inputs, 1)
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([10, 20], [10.2, 19.8], [(1, 1), (2, 2)]),
        ([10, 20], [20.1], [(1, None), (2, 1)]),
        ([10], [10, 13], [(1, 1), (None, 2)]),
        ([10, 14], [14.3], [(1, None), (2, 1)]),
        ([10, 11.5], [11.4], [(1, None), (2, 1)]),
        ([11.4], [10, 11.5], [(None, 1), (1, 2)]),
        ([10], [(17.0,)], [(1, 1)]),
        ([10], [(21.0,)], [(1, None), (None, 1)]),
        ([], [3], [(None, 1)]),
        ([], [], []),
    ],
)  # fmt: skip
def test_turns_stand_together_by_when_their_input_ended(
    left: list[float], right: list[float], expected: list[tuple[int | None, int | None]]
) -> None:
    found = together(turns(*left), turns(*right))
    assert [(a and a.number, b and b.number) for a, b in found] == expected


def spoken(
    script: Script, heard: str, answer: str, *, ended_s: float, first_s: float, heard_s: float = 0
) -> None:
    """A spoken question that this machine heard end; ``heard_s`` after it came, it was played."""
    script.event(ended_s + 0.3, "speech.ended", quiet_s=0.3)
    script.content(ended_s + 0.4, inputTranscription={"text": heard})
    script.audio(first_s, 2.0)
    script.words(first_s + 0.01, answer)
    if heard_s:
        number = len(script.session.turns)
        script.event(first_s + heard_s, "playback.started", turn=number)
    script.complete(first_s + 2.0, usage(100, 20))


def pair() -> tuple[Script, Script]:
    """One question by voice: the left one is heard, the right one is later and mishears."""
    left, right = Script("gemini-3.8-live"), Script("gemini-2.5-flash-native-audio")
    for each in (left, right):
        each.connect()
    spoken(left, "What is six times seven?", "It is 42.", ended_s=5, first_s=5.6, heard_s=0.1)
    spoken(right, "What is sick times seven?", "Are you ill? Oh.", ended_s=5, first_s=6.1)
    return left, right


def compared(left: Script, right: Script, before: SideBySide | None = None) -> SideBySide:
    sides = [Side.of(each.session, Findings()) for each in (left, right)]
    return side_by_side(sides[0], sides[1], cost.shipped(), before)


def figures(exchange: Exchange) -> dict[str, tuple[float | None, float | None]]:
    return {
        each.name: tuple(None if at is None else round(at, 3) for at in (each.left, each.right))  # type: ignore[misc]
        for each in exchange.figures
    }


def test_an_exchange_says_who_was_faster_and_what_each_heard() -> None:
    (exchange,) = compared(*pair()).exchanges
    assert (exchange.left, exchange.right, exchange.anchor) == (1, 1, "local VAD")
    assert exchange.misheard
    assert [(each.sign, each.text) for each in exchange.heard] == [
        (SAME, "What is"), (LEFT, "six"), (RIGHT, "sick"), (SAME, "times seven?"),
    ]  # fmt: skip
    said = figures(exchange)
    assert said[FIRST_BYTE] == (0.6, 1.1)
    assert said[FIRST_ANSWER] == (0.6, 1.1)
    assert said[SOUND] == (0.7, None), "nobody has heard the right one"
    assert said[WORDS] == (3, 4)
    assert said[TOKENS] == (120, 120)
    assert said[INTERRUPTED] == (0, 0)
    left_cost, right_cost = said[COST]
    assert (left_cost and right_cost is None) or right_cost != left_cost


def test_the_end_of_speech_is_the_better_witness_of_both() -> None:
    left, right = pair()
    for each in (left, right):
        each.mic(9.0, 12.0)
    left.receive(11.9, voiceActivity={"type": "ACTIVITY_END", "audioOffset": "2.5s"})
    spoken(left, "And now?", "Now too.", ended_s=11.0, first_s=12.2)
    spoken(right, "And now?", "Later.", ended_s=11.0, first_s=13.0)
    exchange = compared(left, right).exchanges[-1]
    assert exchange.anchor == "server VAD", "the right model tells nothing; it is the same person"
    assert figures(exchange)[FIRST_BYTE] == (0.7, 1.5)
    assert not exchange.misheard


def test_a_message_about_the_end_of_speech_may_be_late() -> None:
    left, right = pair()
    spoken(left, "And now?", "Now too.", ended_s=11.0, first_s=16.0)
    right.receive(14.5, voiceActivity={"type": "ACTIVITY_END"})
    spoken(right, "And now?", "Later.", ended_s=14.0, first_s=16.5)
    exchange = compared(left, right).exchanges[-1]
    assert (exchange.left, exchange.right) == (2, 2)
    assert exchange.anchor == "local VAD"
    assert figures(exchange)[FIRST_BYTE] == (5.0, 5.5)


def test_what_is_typed_is_sent_to_each_at_a_time_of_its_own() -> None:
    left, right = Script(), Script()
    for each, at_s in ((left, 3.0), (right, 3.4)):
        each.connect()
        each.ask(at_s, "Hello?")
        each.audio(at_s + 0.5)
    (exchange,) = compared(left, right).exchanges
    assert figures(exchange)[FIRST_BYTE] == (0.5, 0.5)


def test_who_does_not_answer_has_no_figures() -> None:
    left, right = pair()
    spoken(left, "Still there?", "Yes.", ended_s=20, first_s=20.5)
    exchange = compared(left, right).exchanges[-1]
    assert (exchange.left, exchange.right) == (2, None)
    assert not exchange.misheard, "the right one took nothing for anything"
    assert {each.right for each in exchange.figures} == {None}
    assert figures(exchange)[FIRST_BYTE] == (0.5, None)


def test_the_total_takes_medians_of_the_same_questions_and_sums_of_all() -> None:
    left, right = pair()
    spoken(left, "Alone?", "Yes indeed.", ended_s=20, first_s=29.0)
    spoken(left, "Both?", "Yes.", ended_s=40, first_s=40.2)
    spoken(right, "Both?", "Yes.", ended_s=40, first_s=40.3)
    left.content(42.0, interrupted=True)
    total = {each.name: each for each in compared(left, right).total}
    assert (total[FIRST_BYTE].left, total[FIRST_BYTE].right) == pytest.approx((0.4, 0.7))
    assert total[SOUND].left == pytest.approx(0.7) and total[SOUND].right is None
    assert (total[WORDS].left, total[WORDS].right) == (6, 5)
    assert total[TOKENS].difference == -120


def test_findings_above_chat_count_by_turn_and_before_the_first() -> None:
    left, right = pair()
    linter = Linter()
    for row in range(len(left.log)):
        linter.take(left.log.record(row), row)
    right.receive(30.0, brandNew={"answer": 42})
    sides = Side.of(left.session, linter.findings), Side(right.session, {0: 2, 1: 3})
    found = side_by_side(*sides, cost.shipped())
    assert figures(found.exchanges[0])[FOUND][1] == 3
    assert {each.name: each.right for each in found.total}[FOUND] == 5


def test_old_turns_are_not_looked_at_again() -> None:
    left, right = Script(), Script()
    before: SideBySide | None = None
    for number in range(7):
        for each in (left, right):
            spoken(
                each, f"Question {number}", "Yes.", ended_s=number * 20 + 5, first_s=number * 20 + 6
            )
        before = compared(left, right, before)
    assert before is not None
    assert before == compared(left, right)
    assert compared(left, right, before).exchanges[0] is before.exchanges[0]


def test_nothing_said_is_nothing_to_compare() -> None:
    found = compared(Script(), Script())
    assert found == SideBySide((), ())
