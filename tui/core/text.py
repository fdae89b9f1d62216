"""The one door through which captured strings go to a terminal."""

from __future__ import annotations

import re
import unicodedata

SUBSTITUTE = "␦"
"""Stands for a character that would be invisible or would steer the terminal."""

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): bidi controls, zero-width
characters, variation selectors, tags, fillers."""

_PRESENTATION = re.compile("(?<![\ufe0e\ufe0f])[\ufe0e\ufe0f]")
"""The selectors of text or emoji style that models write after a symbol; terminals disagree
whether the second widens it, a space after the bare symbol has one width in all of them."""

_LINE_BREAKS = {0x85, 0x2028, 0x2029}


def safe(text: str, *, lines: bool = False) -> str:
    """The text with every character that could act on a terminal, or hide, made visible.

    C0 controls and DEL become their pictures (U+2400…), other line breaks ␤, all other controls,
    lone surrogates and default-ignorable characters `SUBSTITUTE`; each is one cell wide. With
    ``lines`` a newline stays and a tab becomes four spaces.
    """
    if text.isprintable() and (text.isascii() or not _IGNORABLE.search(text)):
        return text
    return _PRESENTATION.sub(" ", text).translate(_MANY_LINES if lines else _ONE_LINE)


class _Pictures(dict[int, str]):
    """A table for `str.translate` that fills itself with the characters it meets."""

    def __missing__(self, code: int) -> str:
        self[code] = _picture(code)
        return self[code]


def _picture(code: int) -> str:
    char = chr(code)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code in _LINE_BREAKS:
        return "␤"
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs") or _IGNORABLE.match(char)
    return SUBSTITUTE if hidden else char


_ONE_LINE = _Pictures()
_MANY_LINES = _Pictures({0x0A: "\n", 0x09: "    "})
