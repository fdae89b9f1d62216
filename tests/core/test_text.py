from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.core.text import safe

STEERING = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
    *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *"\u2028\u2029\ufeff\u200b\u200c\u200d\u2060\u00ad\u180e\u034f\u3164",
    *"\ud800\udfff\U000e0000\U000e0041\U000e007f\ufe00\U000e0100",
]

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too."""


@pytest.mark.parametrize("char", STEERING, ids=lambda char: f"U+{ord(char):04X}")
def test_a_character_that_steers_or_hides_becomes_one_visible_cell(char: str) -> None:
    shown = safe(f"a{char}b")
    assert shown[0] + shown[2:] == "ab"
    assert shown[1] != char
    assert shown[1].isprintable()
    assert cell_len(shown[1]) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00\x07\x1b[31m", "␀␇␛[31m"),
        ("\x1b]52;c;aGk=\x1b\\", "␛]52;c;aGk=␛\\"),
        ("\x7f", "␡"),
        ("\x9b31m", "␦31m"),
        ("a\tb\r\nc\x85d\u2028e\u2029f", "a␉b␍␊c␤d␤e␤f"),
        ("user\u202etxt.exe", "user␦txt.exe"),
        ("\ufeffBOM", "␦BOM"),
        ("\U000e0068\U000e0069", "␦␦"),
        ("\ud83d", "␦"),
    ],
)
def test_what_stands_for_each(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, [@click=app.bell]world[/]",
        "Grüße, こんにちは 你好 안녕하세요 नमस्ते שלום مرحبا",
        "é (e\u0301) 😀 🇺🇦 \u00a0\u3000",
        "\U0001fae8",  # newer than some of Python's Unicode tables
    ],
)
def test_words_of_any_language_stay(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("☀\ufe0f!", "☀ !"), ("❤\ufe0e", "❤ "), ("x" + "\ufe0f" * 3, "x ␦␦")],
)
def test_one_style_selector_is_a_space_and_more_are_seen(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_stay_lines_where_they_are_asked_for() -> None:
    assert safe("a\n\tb\x1b\r\n", lines=True) == "a\n    b␛␍\n"


@settings(deadline=None)
@given(ANY_TEXT, st.booleans())
def test_nothing_that_steers_or_hides_gets_through(text: str, lines: bool) -> None:
    shown = safe(text, lines=lines).replace("\n", "" if lines else "\n")
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not set(STEERING) & set(shown)
    shown.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert safe(safe(text)) == safe(text)
