"""A word as bytes to look for in a journal's lines, before any line is decoded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.core.content import CHANCE_CHARS, MEDIA_CHARS, is_exact

_ESCAPED_LATIN = re.compile(rb"\\u00(?!3[cdeCDE]|2[67])[2-7]")
"""A printable ASCII character as an escape; not <, =, > and &, ', which some servers escape."""
_ESCAPED_ASCII = re.compile(rb"\\u00[2-7]")
_ESCAPED = re.compile(rb"\\u")

_KEY = b'\\"data\\":'
_LEAST_BYTES = 4 * MEDIA_CHARS
"""So many bytes of UTF-8 are enough characters for media."""

_OFTEN_ESCAPED = frozenset("<=>&'")
_NEVER_PLAIN = frozenset('"\\/')
"""Characters that JSON has a short escape for."""


@dataclass(frozen=True, slots=True)
class Needle:
    r"""The longest stretch of a word that no line spells otherwise but with ``\u``."""

    plain: bytes
    any_case: bool
    """``plain`` is in small letters, and so must be what it is looked for in."""
    escapes: re.Pattern[bytes]
    """Found in each line that may spell the stretch otherwise."""

    @classmethod
    def of(cls, words: str) -> Needle | None:
        """The needle of a word; None where every character of it may be spelt otherwise."""
        any_case = not is_exact(words)
        stretch = max(_stretches(words, any_case), key=len, default="")
        if not stretch:
            return None
        if not stretch.isascii():
            escapes = _ESCAPED
        elif _OFTEN_ESCAPED.isdisjoint(stretch):
            escapes = _ESCAPED_LATIN
        else:
            escapes = _ESCAPED_ASCII
        return cls(stretch.encode(), any_case and stretch.upper() != stretch, escapes)


def _stretches(words: str, any_case: bool) -> Sequence[str]:
    marked = "".join(char if _is_plain(char, any_case) else "\0" for char in words)
    return [stretch for stretch in marked.split("\0") if stretch]


def _is_plain(char: str, any_case: bool) -> bool:
    """Whether a line has the character as it is, or by its number."""
    if char.isascii():
        return char.isprintable() and char not in _NEVER_PLAIN
    if "\ud800" <= char <= "\udfff":
        return False
    return not any_case or char.lower() == char.upper() == char


def beside_media(line: bytes, start: int, end: int) -> bytes:
    """A stretch of a line without its media, in the sense of `tui.core.content`.

    Of each so much is left at both ends that no short word is lost that reaches into it. Media
    that are short, or have an escape in them, may be left whole.
    """
    key = line.find(_KEY, start, end)
    if key < 0:
        return line[start:end]
    pieces, at = [], start
    while key >= 0:
        key += len(_KEY)
        quote = line.find(b'\\"', key, key + 3)
        last = line.find(b'"', quote + 2, end) - 1
        if quote >= 0 and _is_media(line, quote + 2, last):
            pieces.append(line[at : quote + 2 + CHANCE_CHARS])
            at = key = last - CHANCE_CHARS
        key = line.find(_KEY, key, end)
    pieces.append(line[at:end])
    return b"".join(pieces)


def _is_media(line: bytes, first: int, last: int) -> bool:
    return (
        last - first >= _LEAST_BYTES
        and line.find(b"\\", first, last) < 0
        and line.find(b" ", first, last) < 0
    )
