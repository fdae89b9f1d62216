"""Credentials in what shall hold none: the second look at an export, by patterns of its own.

What is long and base64 is no text: in an hour of sound `AIza` stands some thirty times by chance.
Where text hides in base64, as in a HAR's binary messages, it is looked at as text.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator

from tui.core.secrets import unescaped

_SHAPES = (
    ("an API key", b"AIza", rb"AIza[0-9A-Za-z_-]{35}"),
    ("an API key", b"AQ.", rb"\bAQ\.[\w-]{30,}"),
    ("an OAuth token", b"ya29.", rb"ya29\.[\w.-]{10,}"),
    ("an ephemeral token", b"auth_tokens/", rb"auth_tokens/[\w.-]{4,}"),
    ("a bearer token", b"earer ", rb"\b[Bb]earer +[\w.~+/=-]{6,}"),
    ("a key in a URL", b"key=", rb"[?&]key=[\w.~+/=-]{6,}"),
    ("a token in a URL", b"access_token=", rb"[?&]access_token=[\w.~+/=-]{6,}"),
    (
        "a resumption handle",
        b"andle",
        rb"\bnew_?[Hh]andle[\\\"']+\s*:\s*[\\\"']+[^\\\"'*]{6,}",
    ),
)
"""What field/debuggers 6.3 asks an export to be searched for: what it is, a part of it that is
found fast, and all of it."""

_PATTERNS = tuple((name, hint, re.compile(pattern)) for name, hint, pattern in _SHAPES)
_BEFORE, _AFTER = 16, 256
"""Bytes around the part that are looked at."""
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_MEDIA_CHARS = 256
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{40,}")
_PRINTABLE = frozenset(b"\t\n\r" + bytes(range(0x20, 0x7F)))
_SAMPLE_CHARS = 32
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_DEPTH = 2
"""Base64 within base64 is as deep as a HAR of messages with media goes."""


class Leaks:
    """Looks for the credentials it was given and for whatever has the shape of one."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = [text.encode() for text in known if len(text) >= 6]

    def find(self, data: bytes) -> str:
        """What kind of credential ``data`` holds, in words; empty when it holds none."""
        return self._find(data, _DEPTH)

    def _find(self, data: bytes, depth: int) -> str:
        plain = unescaped(data)
        if any(secret in plain for secret in self._known):
            return "a credential of this session"
        for name, hint, pattern in _PATTERNS:
            if _holds(plain, hint, pattern):
                return name
        hidden = _texts(plain) if depth else ()
        return next(filter(None, (self._find(text, depth - 1) for text in hidden)), "")


def _holds(plain: bytes, hint: bytes, pattern: re.Pattern[bytes]) -> bool:
    at = plain.find(hint)
    while at >= 0:
        around = plain[max(0, at - _BEFORE) : at + _AFTER]
        if pattern.search(around) and not _in_media(plain, at):
            return True
        at = plain.find(hint, at + 1)
    return False


def _in_media(plain: bytes, at: int) -> bool:
    """Whether the place is amidst long base64."""
    before, after = plain[max(0, at - _MEDIA_CHARS) : at], plain[at : at + _MEDIA_CHARS]
    outside = len(before.rstrip(_ALPHABET)) + len(after.lstrip(_ALPHABET))
    return len(before) + len(after) - outside >= _MEDIA_CHARS


def _texts(plain: bytes) -> Iterator[bytes]:
    """What is text behind its base64; that of a cut piece may begin within a group of four."""
    for run in _BASE64.finditer(plain):
        first = run.start()
        for start in range(first, first + (1 if first else 4)):
            if _PRINTABLE.issuperset(_decoded(plain[start : start + _SAMPLE_CHARS])):
                yield _decoded(plain[start : run.end()])


def _decoded(run: bytes) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)].translate(_TO_STANDARD)
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
