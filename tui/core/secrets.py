"""Credentials: found in any spelling and masked before anything is stored or shown."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence

_KEPT = 4
"""Characters left at each end of a masked credential, so that two keys can be told apart."""

_SHAPES = re.compile(
    # In the middle of base64 media a match would be chance: none may touch such a character.
    rb"(?<![A-Za-z0-9+/_=-])(?:"
    rb"AIza[\w-]{35}"
    rb"|AQ\.[\w-]{30,}"
    rb"|ya29\.[\w.-]{10,}"
    rb"|auth_tokens/[\w.-]{4,}"
    rb")(?![A-Za-z0-9+/=-])"
)
"""What Google's API keys, OAuth tokens and ephemeral tokens look like."""

_NAMED = re.compile(
    rb"(?:[?&](?:key|access_token)=|\b(?:Bearer|Token) +|\bapi[_-]?key[\\\"']*\s*[:=]\s*[\\\"']*)"
    rb"([\w.~+/=-]{6,})",
    re.IGNORECASE,
)
"""Values that their name gives away."""

_HANDLES = re.compile(
    rb"(?:new_?handle|\bhandle)[\\\"']+\s*:\s*[\\\"']+([^\\\"'*]+)[\\\"']", re.IGNORECASE
)
"""Session resumption handles: who has one can take the conversation up (protocol, section 4)."""

_HINTS = re.compile(
    rb"AIza|AQ\.|ya29\.|auth_tokens|_token=|_TOKEN="
    rb"|earer |EARER |oken |OKEN |key=|KEY=|-key|-KEY|-Key"
    rb"|api_key|API_KEY|apikey|apiKey|APIKEY|ApiKey"
)
"""Cheap to look for; a payload without any holds no credential that we could know by its shape."""

_BASE64 = (string.ascii_letters + string.digits + "+/=-_").encode()

_LONG = 256
"""Characters of base64 that are media, and no credential."""

_ESCAPED = re.compile(rb"\\+u00([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})|\\+(/)")
"""Other spellings of one ASCII character, in URLs, in JSON, and in JSON within JSON."""

_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")


def of_environment(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The API keys that the SDK would take from there."""
    names = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
    return tuple(key for name in names if (key := environ.get(name, "").strip()))


class Mask:
    """Masks the credentials it was given and whatever else looks like one.

    With ``handles`` session resumption handles count as credentials; a session that is going on
    needs its own.
    """

    def __init__(self, known: Iterable[str] = (), *, handles: bool = False) -> None:
        self._secrets: list[bytes] = []
        self._handles = handles
        self.count = 0
        """How many credentials it has masked."""
        self.learn(known)

    def learn(self, known: Iterable[str]) -> None:
        """Mask these, too, from now on."""
        secrets = {*self._secrets, *(text.encode() for text in known if len(text) >= 6)}
        self._secrets = sorted(secrets, key=len, reverse=True)
        either = b"|".join(map(re.escape, self._secrets))
        self._known = re.compile(either) if secrets else None

    def payload(self, payload: bytes) -> bytes:
        """``payload`` with credentials masked; the same object when it holds none."""
        plain: bytes = payload
        origins: Sequence[int] = range(len(payload) + 1)
        if b"\\" in payload or b"%" in payload:
            plain, origins = _unescaped(payload)
        if not self._suspect(plain):
            return payload
        out, end = [], 0
        for start, stop in sorted(self._spans(plain)):
            if origins[start] >= end:
                out += [payload[end : origins[start]], _masked(plain[start:stop])]
                end = origins[stop]
                self.count += 1
        return b"".join([*out, payload[end:]]) if out else payload

    def text(self, text: str) -> str:
        """The same for a string."""
        return self.payload(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def _suspect(self, plain: bytes) -> bool:
        """Whether to look closer; media, the bulk of a session, is passed over fast."""
        if any(secret in plain for secret in self._secrets):
            return True
        words = _without_media(plain)
        return _HINTS.search(words) is not None or (self._handles and b"andle" in words)

    def _spans(self, plain: bytes) -> Iterator[tuple[int, int]]:
        for pattern in (self._known, _SHAPES):
            if pattern is not None:
                yield from (found.span() for found in pattern.finditer(plain))
        yield from (found.span(1) for found in _NAMED.finditer(plain))
        if self._handles:
            yield from (found.span(1) for found in _HANDLES.finditer(plain))


def _without_media(plain: bytes) -> bytes:
    """The payload less its long base64 strings: the shapes cannot match inside one."""
    if len(plain) < 2 * _LONG:
        return plain
    words = plain.split(b'"')
    return b'"'.join(word for word in words if len(word) < _LONG or word.translate(None, _BASE64))


def _masked(secret: bytes) -> bytes:
    shown = len(secret) >= 4 * _KEPT
    return secret[:_KEPT] + b"***" + secret[-_KEPT:] if shown else b"***"


def unescaped(data: bytes) -> bytes:
    """The bytes with escaped ASCII characters spelt plainly."""
    if b"%" in data:
        data = _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), data)
    if b"\\u00" in data or b"\\/" in data:
        data = _ESCAPED.sub(_spelt, data)
    return data


def _spelt(found: re.Match[bytes]) -> bytes:
    code = found[1] or found[2]
    return bytes([int(code, 16)]) if code else b"/"


def _unescaped(payload: bytes) -> tuple[bytes, list[int]]:
    """The payload with escaped characters spelt plainly, and where each byte of it came from."""
    plain, end = bytearray(), 0
    origins: list[int] = []
    for found in _ESCAPED.finditer(payload):
        plain += payload[end : found.start()]
        origins += range(end, found.start())
        plain += _spelt(found)
        origins.append(found.start())
        end = found.end()
    plain += payload[end:]
    origins += range(end, len(payload) + 1)
    return bytes(plain), origins
