from __future__ import annotations

from fractions import Fraction

import pytest

from tui.emulator.mind import numerals
from tui.emulator.mind.arithmetic import ArithmeticFailure, evaluate, told


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("6*7", 42),
        ("6 x 7", 42),
        ("six times seven", 42),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 - 4 - 3", 3),
        ("2 ^ 3 ^ 2", 512),
        ("2**10", 1024),
        ("-3 + 5", 2),
        ("3 minus -4", 7),
        ("10 / 4", Fraction(5, 2)),
        ("15% of 80", 12),
        ("twenty-one plus one hundred and five", 126),
        ("seven squared", 49),
        ("0.1 + 0.2", Fraction(3, 10)),
    ],
)
def test_it_works_out(expression: str, value: Fraction) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    "text", ["", "5", "hello", "2 +", "* 2", "(1 + 2", "1 2", "__import__('os')", "1+" * 99 + "1"]
)
def test_this_is_no_sum(text: str) -> None:
    assert evaluate(text) is None


@pytest.mark.parametrize("text", ["1/0", "9^9^9", "9^99 * 9^99", "0^-1"])
def test_this_has_no_answer(text: str) -> None:
    with pytest.raises(ArithmeticFailure, match=r"^[A-Z].*\.$"):
        evaluate(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [(Fraction(42), "42"), (Fraction(5, 2), "2.5"), (Fraction(1, 3), "about 0.333333")],
)
def test_a_result_is_told(number: Fraction, text: str) -> None:
    assert told(number) == text


@pytest.mark.parametrize("number", [*range(130), 999, 1000, 12_345, 999_999])
def test_numerals_are_read_as_they_are_written(number: int) -> None:
    assert numerals.value(numerals.words(number)) == number
    assert numerals.value(str(number)) == number


def test_other_words_are_no_numerals() -> None:
    assert numerals.value("banana") is None
    assert numerals.value("and") is None
