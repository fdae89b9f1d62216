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
    ("an API key", rb"AIza[0-9A-Za-z_-]{35}"),
    ("an API key", rb"\bAQ\.[\w-]{30,}"),
    ("an OAuth token", rb"ya29\.[\w.-]{10,}"),
    ("an ephemeral token", rb"auth_tokens/[\w.-]{4,}"),
    ("a bearer token", rb"\b[Bb]earer +[\w.~+/=-]{6,}"),
    ("a key in a URL", rb"[?&](?:key|access_token)=[\w.~+/=-]{6,}"),
    ("a resumption handle", rb"\bnew_?[Hh]andle[\\\"']+\s*:\s*[\\\"']+[^\\\"'*]+[\\\"']"),
)
"""What field/debuggers 6.3 asks an export to be searched for."""

_ANY = re.compile(b"|".join(b"(" + pattern + b")" for _, pattern in _SHAPES))
_LONG = re.compile(rb"[A-Za-z0-9+/_-]{256,}")
_STAND_IN = b"~~~~~~~~"
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
        if found := _ANY.search(_LONG.sub(_STAND_IN, plain)):
            return _SHAPES[(found.lastindex or 1) - 1][0]
        hidden = _texts(plain) if depth else ()
        return next(filter(None, (self._find(text, depth - 1) for text in hidden)), "")


def _texts(plain: bytes) -> Iterator[bytes]:
    """What is text behind its base64, wherever in the four-character groups it begins."""
    for run in _BASE64.finditer(plain):
        for start in range(run.start(), run.start() + 4):
            if _PRINTABLE.issuperset(_decoded(plain[start : start + _SAMPLE_CHARS])):
                yield _decoded(plain[start : run.end()])


def _decoded(run: bytes) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)].translate(_TO_STANDARD)
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
