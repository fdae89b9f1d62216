"""Audio and pictures on the wire: what a canonical Blob ``{"mimeType", "data"}`` holds."""

from __future__ import annotations

import binascii
import contextlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

INPUT_RATE_HZ, OUTPUT_RATE_HZ = 16_000, 24_000
"""The rates of audio whose mime type names none (protocol: audio to and from the model)."""

BYTES_PER_SAMPLE = 2
"""``audio/pcm`` is signed 16-bit little-endian mono, both ways."""

_RATES_HZ = range(8_000, 48_001)

_RATE = re.compile(r";\s*rate\s*=\s*(\d{1,6})\s*(?:;|$)", re.IGNORECASE)

_WHITESPACE = b" \t\r\n"

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")

_IGNORED = "=" + _WHITESPACE.decode()

_REMOVED = re.compile(r"\[(\d{1,9}) bytes removed\]")


def removal(size_bytes: int) -> str:
    """What stands in place of media that a redaction took away; `size_bytes` reads it."""
    return f"[{size_bytes} bytes removed]"


def is_removed(value: Mapping[str, Any]) -> bool:
    """Whether a redaction took the Blob's bytes away."""
    text = value.get("data")
    return isinstance(text, str) and _REMOVED.fullmatch(text) is not None


class Elided(str):
    """Base64 that a glance (`tui.core.glance`) left out; empty, but it knows its length."""

    __slots__ = ("chars", "padding")

    chars: int
    padding: int
    """How many ``=`` it ended with."""

    def __new__(cls, chars: int, padding: int) -> Elided:
        """So many characters of base64, ``padding`` of them at its end."""
        text = super().__new__(cls, "")
        text.chars, text.padding = chars, padding
        return text

    def __getnewargs__(self) -> tuple[int, int]:  # type: ignore[override]
        return self.chars, self.padding


def data_bytes(value: Mapping[str, Any]) -> bytes:
    """The Blob's bytes, from either base64 alphabet, padded or not.

    Raises ValueError with one sentence where ``data`` is no base64.
    """
    text = value.get("data")
    if not isinstance(text, str):
        raise ValueError("The media has no base64 text in `data`.")
    if is_removed(value):
        raise ValueError("The media was taken away when this recording was redacted.")
    if isinstance(text, Elided):
        raise ValueError("The media was left out; read the whole record.")
    with contextlib.suppress(ValueError):  # most is just what it should be
        return binascii.a2b_base64(text, strict_mode=True)
    try:
        plain = text.encode("ascii").translate(_TO_STANDARD, _WHITESPACE).rstrip(b"=")
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)
    except UnicodeEncodeError:
        raise ValueError("The media's `data` is not base64: it is not ASCII.") from None
    except binascii.Error as error:
        raise ValueError(f"The media's `data` is not base64: {error}.") from None


def size_bytes(value: Mapping[str, Any]) -> int:
    """How many bytes the Blob holds, or held before a redaction, not decoded; 0 without any."""
    text = value.get("data")
    if not isinstance(text, str):
        return 0
    if removed := _REMOVED.fullmatch(text):
        return int(removed[1])
    if isinstance(text, Elided):
        return (text.chars - text.padding) * 3 // 4
    ignored = sum(text.count(char) for char in _IGNORED if char in text)
    return (len(text) - ignored) * 3 // 4


@lru_cache(64)
def pcm_rate_hz(mime_type: str, default: int) -> int:
    """The ``rate`` of ``audio/pcm;rate=24000``; ``default`` without one from 8 to 48 kHz."""
    found = _RATE.search(mime_type)
    rate_hz = int(found[1]) if found else 0
    return rate_hz if rate_hz in _RATES_HZ else default


def is_pcm(value: Mapping[str, Any]) -> bool:
    """Whether the Blob is raw PCM, the only audio whose length shows its duration."""
    return _mime_type(value).partition(";")[0].strip().lower() == "audio/pcm"


def audio_seconds(value: Mapping[str, Any], default_rate_hz: int) -> float:
    """Duration of an ``audio/pcm`` Blob, not decoded; 0.0 for any other Blob."""
    rate_hz = _known_rate_hz(_mime_type(value), default_rate_hz)
    return size_bytes(value) / BYTES_PER_SAMPLE / rate_hz if rate_hz else 0.0


@lru_cache(64)
def _known_rate_hz(mime_type: str, default: int) -> int:
    """The rate of PCM; 0 of anything else. A session asks it for every message of media."""
    return pcm_rate_hz(mime_type, default) if is_pcm({"mimeType": mime_type}) else 0


def blob(value: Any) -> dict[str, str]:
    """The canonical Blob that a value is, in either spelling; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    mime_type, data = value.get("mimeType", value.get("mime_type")), value.get("data")
    if isinstance(mime_type, str) and isinstance(data, str):
        return {"mimeType": mime_type, "data": data}
    return {}


def _mime_type(value: Mapping[str, Any]) -> str:
    mime_type = value.get("mimeType")
    return mime_type if isinstance(mime_type, str) else ""
