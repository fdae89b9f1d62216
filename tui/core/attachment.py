"""What a person attaches to a turn, as it will be sent, and what a session tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tui.core import models
from tui.core.capture import RATE_HZ
from tui.core.text import safe

AUDIO_TOKENS_PER_S = 25
CHARS_PER_TOKEN = 4
PICTURE_TOKENS = {None: 258, "low": 64, "medium": 256}
"""By the configuration's `media_resolution`; what "high" costs is not published (protocol, 5.3)."""
PCM_BYTES_PER_S = 2 * RATE_HZ


class Medium(StrEnum):
    """What a file is for a model."""

    IMAGE = "image"
    AUDIO = "audio"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of an attached file; 0 and empty are unknown, or not of its kind."""

    name: str
    medium: str
    size_bytes: int
    """The file's; of pictures that no event tells of, what was sent."""
    width_px: int = 0
    height_px: int = 0
    """As it is sent."""
    seconds: float = 0.0
    chars: int = 0
    """How much of the turn's text it is, its heading included."""
    tokens: int = 0
    """Estimated."""

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> Description:
        """From an event ``attachment``, whatever stands in it."""
        name, medium = (str(detail.get(key, "")) for key in ("file", "medium"))
        size, width, height, chars, tokens = (
            value if isinstance(value := detail.get(key), int) else 0
            for key in ("size", "width", "height", "chars", "tokens")
        )
        seconds = detail.get("seconds")
        length_s = float(seconds) if isinstance(seconds, (int, float)) else 0.0
        return cls(name, medium, size, width, height, length_s, max(0, chars), tokens)

    @property
    def detail(self) -> dict[str, Any]:
        """The event that tells of it."""
        told = {
            "size": self.size_bytes,
            "width": self.width_px,
            "height": self.height_px,
            "seconds": round(self.seconds, 3),
            "chars": self.chars,
            "tokens": self.tokens,
        }
        return {"file": self.name, "medium": self.medium} | {k: v for k, v in told.items() if v}

    @property
    def words(self) -> str:
        """Its name and all that is known of it; safe for a terminal."""
        facts = (
            safe(self.medium),
            f"{self.width_px}x{self.height_px}" if self.width_px else "",
            f"{self.seconds:.1f} s" if self.seconds else "",
            size_words(self.size_bytes),
            f"~{self.tokens:,} tok" if self.tokens else "",
        )
        return " · ".join(filter(None, (safe(self.name), *facts)))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was read: its bytes go on the wire as they are."""

    about: Description
    data: bytes
    """JPEG; or sound, s16le mono 16 kHz; or a turn's text with the file's name above it, UTF-8."""

    @property
    def medium(self) -> str:
        """One of `Medium`."""
        return self.about.medium


@dataclass(slots=True)
class Attached:
    """A file in the conversation."""

    about: Description
    sent_s: float | None = None
    """Seconds of its sound that were sent, where that ended before its end."""

    @property
    def words(self) -> str:
        """What it is, and how much of it was sent; safe for a terminal."""
        part = "" if self.sent_s is None else f" · only {self.sent_s:.1f} s were sent"
        return self.about.words + part


@dataclass(slots=True)
class Prefilled:
    """A turn that was laid into the context, and asked for no answer."""

    role: str
    text: str
    at_s: float
    attached: list[Attached] = field(default_factory=list)
    enclosed: str = ""
    """The text of attached files."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A file whose sound is being sent at its speed, in the microphone's place."""

    name: str
    seconds: float
    from_s: float
    """Seconds of sound that had been sent before."""


def size_words(size_bytes: int) -> str:
    """``812 B``, ``1.2 MB``; empty for none."""
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return (
        f"{size_bytes / 1e3:.0f} kB" if size_bytes >= 1000 else f"{size_bytes} B" * bool(size_bytes)
    )


def refusal(model: str, text: str, attachments: Sequence[Attachment]) -> str:
    """Why a model cannot be sent these in one turn, in a sentence; empty when it can."""
    row = models.model(model)
    media = {each.medium for each in attachments}
    written = bool(text) or Medium.TEXT in media
    if row.client_content == "none" and (written or Medium.IMAGE in media):
        return f"{row.name} takes no text and no pictures: speak to it, or attach sound."
    if row.client_content == "history":
        if Medium.AUDIO in media and written:
            return f"{row.name} answers sound and words apart: send one, then the other."
        if media == {Medium.IMAGE} and not written:
            return f"{row.name} sees a picture only along with a question: add words."
    tokens = sum(each.about.tokens for each in attachments) + len(text) // CHARS_PER_TOKEN
    if attachments and tokens > row.context_tokens:
        return (
            f"That is about {tokens:,} tokens, and the context of {row.name} has room for "
            f"{row.context_tokens:,}: send less of it."
        )
    return ""


def prefill_refusal(model: str, attachments: Sequence[Attachment] = ()) -> str:
    """Why a turn cannot be laid into the context of a model, in a sentence; empty when it can."""
    row = models.model(model)
    if any(each.medium == Medium.AUDIO for each in attachments):
        return "Sound asks for an answer by itself: send it, or take it out."
    if row.client_content == "history":
        return (
            f"{row.name} takes history only at the start of a session, and closes with 1007 later: "
            "put it into the system instruction (S), or send it as a question."
        )
    return f"{row.name} takes no written turns." if row.client_content == "none" else ""
