from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.word_errors import WordErrors, word_errors


@pytest.mark.parametrize(
    ("said", "heard", "errors", "words"),
    [
        ("What is six times seven?", "what is SIX times seven", 0, 5),
        ("the cat sat", "the bat sat", 1, 3),
        ("the cat sat", "the sat", 1, 3),
        ("the cat sat", "the big cat sat down", 2, 3),
        ("don't stop", "don’t stop", 0, 2),
        ("one two three", "", 3, 3),
        ("", "hello you", 2, 0),
        ("a b c d", "b c d a", 2, 4),
    ],
)
def test_words_are_counted_that_are_wrong_missing_or_too_many(
    said: str, heard: str, errors: int, words: int
) -> None:
    found = word_errors(said, heard)
    assert (found.errors, found.words) == (errors, words)
    assert found.rate == (errors / words if words else None)


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=8).map(" ".join)


@given(WORDS, WORDS)
def test_the_distance_is_one(one: str, other: str) -> None:
    there, back = word_errors(one, other), word_errors(other, one)
    assert there.errors == back.errors
    assert (there.errors == 0) is (one == other)
    assert abs(there.words - back.words) <= there.errors <= max(there.words, back.words)


def test_rates_of_many_texts_are_weighed_by_their_words() -> None:
    assert (WordErrors(1, 1) + WordErrors(0, 3)).rate == 0.25
