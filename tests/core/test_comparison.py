from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.script import Script, conversation
from tui.core import comparison, cost
from tui.core.comparison import BOTH, LEFT, RIGHT, SAME, Comparison, align, changes, words
from tui.core.turn import Turn


def compared(left: Script, right: Script) -> Comparison:
    sides = [comparison.side(each.log, "x", cost.shipped()) for each in (left, right)]
    return comparison.compare(sides[0], sides[1], cost.shipped())


def turns(*questions: str) -> list[Turn]:
    return [Turn(number, float(number), user=each) for number, each in enumerate(questions, 1)]


def numbers(left: list[Turn], right: list[Turn]) -> list[tuple[int | None, int | None]]:
    return [(a and a.number, b and b.number) for a, b in align(left, right)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (["a b", "c d"], ["a b", "c d"], [(1, 1), (2, 2)]),
        (["What is six?"], ["what is SIX"], [(1, 1)]),
        (["Tell me a story.", "Stop."], ["Stop."], [(1, None), (2, 1)]),
        (["How is the weather now?"], ["How's the weather just now?"], [(1, 1)]),
        (["alpha"], ["omega"], [(1, None), (None, 1)]),
        (["", "", ""], ["", ""], [(1, 1), (2, 2), (3, None)]),
        (["Hello", "", "Bye now"], ["Hello", "lost", "Bye now"], [(1, 1), (2, 2), (3, 3)]),
        ([], ["x"], [(None, 1)]),
    ],
)  # fmt: skip
def test_turns_with_the_same_question_stand_together(
    left: list[str], right: list[str], expected: list[tuple[int | None, int | None]]
) -> None:
    assert numbers(turns(*left), turns(*right)) == expected


QUESTIONS = st.lists(st.sampled_from(["", "what is it", "what was it", "tell a story"]), max_size=9)


@settings(deadline=None)
@given(QUESTIONS, QUESTIONS)
def test_every_turn_is_shown_once_and_in_order(left: list[str], right: list[str]) -> None:
    found = numbers(turns(*left), turns(*right))
    for place, questions in ((0, left), (1, right)):
        assert [pair[place] for pair in found if pair[place] is not None] == [
            *range(1, len(questions) + 1)
        ]


def test_long_sessions_are_aligned_by_place_where_nothing_is_the_same() -> None:
    left = turns(*(f"left {number}" for number in range(300)))
    right = turns(*(f"other {number}" for number in range(200)))
    found = numbers(left, right)
    assert found[:2] == [(1, 1), (2, 2)] and found[-1] == (300, None)


TEXT = st.lists(st.sampled_from(["ab", "c", "d", "e"]), max_size=20).map(" ".join)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_words_of_both_sides_are_all_there(left: str, right: str) -> None:
    found = list(words(left, right))
    for mine, other, text in ((LEFT, RIGHT, left), (RIGHT, LEFT, right)):
        assert " ".join(each.text for each in found if each.sign != other) == text, mine
    assert all(one.sign != next_.sign for one, next_ in pairwise(found))


def test_answers_of_any_length_are_compared() -> None:
    long = " ".join(map(str, range(10_000)))
    assert {each.sign for each in words(long, long)} == {SAME}
    assert {each.sign for each in words(long, f"{long} more")} == {SAME, LEFT, RIGHT}


def test_set_ups_differ_in_paths() -> None:
    left = {
        "model": "models/a",
        "generationConfig": {"temperature": 0.5, "responseModalities": ["AUDIO"]},
        "sessionResumption": {"handle": "abc"},
        "tools": [{"functionDeclarations": [{"name": "x"}, {"name": "y", "behavior": "BLOCKING"}]}],
        "labels": {"key": "AIza***Zo4t"},
    }
    right = {
        "model": "models/b",
        "generationConfig": {"responseModalities": ["AUDIO"], "seed": 1},
        "sessionResumption": {"handle": "xyz"},
        "tools": [{"functionDeclarations": [{"name": "y", "behavior": "NON_BLOCKING"}]}],
        "labels": {"key": "AIza***9999"},
    }
    assert [(each.sign, each.path) for each in changes(left, right)] == [
        (BOTH, "model"),
        (LEFT, "generationConfig.temperature"),
        (LEFT, "tools[0].functionDeclarations[x].name"),
        (BOTH, "tools[0].functionDeclarations[y].behavior"),
        (RIGHT, "generationConfig.seed"),
    ]


def test_a_session_is_no_different_from_itself() -> None:
    found = compared(conversation(), conversation())
    assert found.setup == ()
    assert all(figure.left == figure.right for figure in found.figures)
    assert len(found.pairs) == 3
    for pair in found.pairs:
        assert {each.sign for each in (*pair.question, *pair.answer)} == {SAME}
        assert all(figure.left == figure.right for figure in pair.figures)


def test_what_differs_is_told_with_its_figures() -> None:
    other = conversation(model="unheard-of")
    other.ask(30.0, "One more?")
    other.audio(31.0)
    found = compared(conversation(), other)
    assert [(each.path, each.left, each.right) for each in found.setup] == [
        ("model", "gemini-3.8-live", "unheard-of")
    ]
    figures = {figure.name: figure for figure in found.figures}
    assert (figures["turns"].left, figures["turns"].right) == (3, 4)
    assert figures["cost (estimate)"].right is None
    assert figures["cost (estimate)"].difference is None
    assert found.pairs[-1].left is None
    alone = {figure.name: figure for figure in found.pairs[-1].figures}
    assert (alone["to first byte"].left, alone["to first byte"].right) == (None, 1.0)
