"""Small sums, worked out exactly by a parser of its own."""

from __future__ import annotations

import re
from fractions import Fraction

from tui.emulator.mind import numerals

LONGEST = 120
"""Characters of an expression; bounds the parser's depth."""
_MAGNITUDE = 10**40
"""No number on the way may be larger."""

_WORDS = (
    (r"to the power of|\*\*", "^"),
    (r"multiplied by|times|×|·", "*"),
    (r"divided by|over|÷", "/"),
    (r"plus|added to", "+"),
    (r"minus|less|−", "-"),
    (r"squared", "^2"),
    (r"cubed", "^3"),
    (r"percent of|% of", "/100*"),
    (r"(?<=[\d\s)])x(?=[\s\d(])", "*"),
)

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+|[-+*/^()])")


class ArithmeticFailure(Exception):
    """The expression has no value that could be told; the message is a sentence."""


def evaluate(expression: str) -> Fraction | None:
    """The value of ``expression`` ("six times 7", "(2+3)^2"); None when it is not one.

    Raises:
        ArithmeticFailure: It is an expression, but divides by zero or becomes too large.
    """
    tokens = _tokens(expression)
    if tokens is None or not any(token in "+-*/^" for token in tokens[1:]):
        return None
    reader = _Reader(tokens)
    try:
        result = reader.sum()
    except _NotArithmeticError:
        return None
    except ZeroDivisionError:
        raise ArithmeticFailure("Nothing can be divided by zero.") from None
    return None if reader.rest else result


def symbols(expression: str) -> str:
    """``expression`` in digits and symbols, ``6 * 7``; nothing when it has other words."""
    return " ".join(_tokens(expression) or ())


def told(number: Fraction) -> str:
    """``number`` in digits, rounded to six places where it does not end."""
    if number.denominator == 1:
        return str(number.numerator)
    text = f"{float(number):.6f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == number else f"about {text}"


def _tokens(expression: str) -> list[str] | None:
    text = expression.lower()
    if len(text) > LONGEST:
        return None
    for words, symbol in _WORDS:
        text = re.sub(words, f" {symbol} ", text)
    text = numerals.NUMERAL.sub(_in_digits, text)
    tokens, end = [], 0
    while found := _TOKEN.match(text, end):
        tokens.append(found[1])
        end = found.end()
    return None if text[end:].strip(" =?.!") or not tokens else tokens


def _in_digits(found: re.Match[str]) -> str:
    number = numerals.value(found[0]) if found[0][0].isalpha() else None
    return found[0] if number is None else str(number)


class _NotArithmeticError(Exception):
    pass


class _Reader:
    """Recursive descent: sum → product → power → atom."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens[::-1]

    def sum(self) -> Fraction:
        left = self._product()
        while self._next("+-"):
            operator, right = self.rest.pop(), self._product()
            left = left + right if operator == "+" else left - right
        return _bounded(left)

    def _product(self) -> Fraction:
        left = self._power()
        while self._next("*/"):
            operator, right = self.rest.pop(), self._power()
            left = _bounded(left * right if operator == "*" else left / right)
        return left

    def _power(self) -> Fraction:
        if self._next("-"):
            self.rest.pop()
            return -self._power()
        base = self._atom()
        if not self._next("^"):
            return base
        self.rest.pop()
        exponent = self._power()
        if exponent.denominator != 1 or abs(exponent) > 128 or abs(base) > 10**9:
            raise ArithmeticFailure("That power is too much for me.")
        return _bounded(base ** int(exponent))

    def _atom(self) -> Fraction:
        token = self.rest.pop() if self.rest else ""
        if token == "(":
            inner = self.sum()
            if self._next(")"):
                self.rest.pop()
                return inner
        elif token and token not in "+-*/^)":
            return _bounded(Fraction(token))
        raise _NotArithmeticError

    def _next(self, operators: str) -> bool:
        return bool(self.rest) and self.rest[-1] in operators


def _bounded(number: Fraction) -> Fraction:
    if max(abs(number.numerator), number.denominator) > _MAGNITUDE:
        raise ArithmeticFailure("That number is too large for me.")
    return number
