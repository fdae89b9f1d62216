"""English numerals: 42 ↔ forty-two."""

from __future__ import annotations

import re

_TEENS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NAMES = dict(enumerate(_TEENS.split())) | dict(zip(range(20, 100, 10), _TENS.split(), strict=True))
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_UNITS = {word: number for number, word in _NAMES.items()}

_WORD = "|".join(sorted([*_UNITS, *_SCALES], key=len, reverse=True))
NUMERAL = re.compile(
    rf"(?<!\d)-?\d+(?:\.\d+)?|\b(?:{_WORD})(?:(?:[ -]+and)?[ -]+(?:{_WORD}))*\b", re.IGNORECASE
)
"""A number in digits (``-3.5``) or in words (``one hundred and five``)."""


def words(number: int) -> str:
    """The numeral of ``number``, below one million."""
    if number < 0:
        return f"minus {words(-number)}"
    if number in _NAMES:
        return _NAMES[number]
    if number < 100:
        return f"{_NAMES[number - number % 10]}-{_NAMES[number % 10]}"
    name, scale = ("hundred", 100) if number < 1000 else ("thousand", 1000)
    rest = f" {words(number % scale)}" if number % scale else ""
    return f"{words(number // scale)} {name}{rest}"


def value(numeral: str) -> int | None:
    """The whole number that ``numeral`` says, in digits or words; None when it says none."""
    if re.fullmatch(r"-?\d+", numeral):
        return int(numeral)
    total = group = 0
    for word in re.findall(r"[a-z]+", numeral.lower()):
        if word in _UNITS:
            group += _UNITS[word]
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in _SCALES:
            total, group = total + max(group, 1) * _SCALES[word], 0
        elif word != "and":
            return None
    return total + group if NUMERAL.fullmatch(numeral) else None
