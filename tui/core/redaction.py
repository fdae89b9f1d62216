"""Redaction: a session's records with credentials, words or media taken away, and all else kept.

What is left opens as the same session: the same rows, kinds, turns, times and sizes. Text and
media leave a note of how much they were. What may stay is listed; whatever is not goes, so that
a field which nobody foresaw gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from tui.core import media, schema, wire
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.recording import UNREADABLE
from tui.core.secrets import Mask


class Level(StrEnum):
    """What is taken away; credentials are at every level."""

    CREDENTIALS = "credentials"
    """API keys, tokens and session resumption handles."""
    TEXT = "text"
    """Also all words: questions, answers, instructions, arguments and results of tools."""
    MEDIA = "media"
    """Also all sound and pictures."""
    ALL = "all"

    @property
    def takes_text(self) -> bool:
        """Whether words go."""
        return self in (Level.TEXT, Level.ALL)

    @property
    def takes_media(self) -> bool:
        """Whether sound and pictures go."""
        return self in (Level.MEDIA, Level.ALL)


@dataclass
class Removed:
    """How much was taken away."""

    credentials: int = 0
    text_chars: int = 0
    media_bytes: int = 0

    def __str__(self) -> str:
        parts = (
            (self.credentials, f"{self.credentials:,} times a credential"),
            (self.text_chars, f"{self.text_chars:,} characters of text"),
            (self.media_bytes, f"{self.media_bytes:,} bytes of sound and pictures"),
        )
        said = [words for amount, words in parts if amount]
        return f"Removed: {', '.join(said)}." if said else "Nothing was found to remove."


class Redactor:
    """Redacts one record after another, and counts what it takes away.

    ``known`` are credentials that no pattern would find.
    """

    def __init__(self, level: Level, known: Iterable[str] = ()) -> None:
        self.level = level
        self._mask = Mask(known, handles=True)
        self._removed = Removed()

    @property
    def removed(self) -> Removed:
        """So much until now."""
        self._removed.credentials = self._mask.count
        return self._removed

    def record(self, record: Record) -> Record:
        """The record without what the level takes; the same object when that is nothing."""
        if isinstance(record, Event):
            return self._event(record)
        payload = record.payload
        if self.level is not Level.CREDENTIALS and payload:
            payload = self._payload(payload, record.direction)
        payload = self._mask.payload(payload)
        if payload is record.payload:
            return record
        return Frame(
            record.seq,
            record.mono_s,
            record.time_s,
            record.direction,
            record.opcode,
            payload,
            masked=True,
        )

    def header(self, header: Mapping[str, Any]) -> dict[str, Any]:
        """A journal's header; it says that the journal is redacted."""
        kept = {key: item for key, item in header.items() if _HEADER.fullmatch(key)}
        shown = kept if self.level.takes_text else dict(header)
        masked = orjson.loads(self._mask.payload(orjson.dumps(shown)))
        return {**masked, "redacted": self.level.value}

    def words(self, text: str) -> str:
        """Words that were put together from several records."""
        return self._text(text) if self.level.takes_text else self._mask.text(text)

    def name(self, text: str) -> str:
        """A name of the protocol's, of which only credentials are taken."""
        return self._mask.text(text)

    # ---- messages

    def _payload(self, payload: bytes, direction: Direction) -> bytes:
        try:
            message = wire.parse(payload)
        except wire.Undecodable:
            return self._media(len(payload)).encode()
        if self.level.takes_text:
            sent = direction is Direction.SEND
            known = schema.client() if sent else schema.server()
            return orjson.dumps(self._message(message, known, schema.MAX_DEPTH))
        return orjson.dumps(self._without_media(message, schema.MAX_DEPTH))

    def _message(self, value: dict[str, Any], known: schema.Message, depth: int) -> dict[str, Any]:
        if "mimeType" in known and isinstance(value.get("data"), str):
            return self._blob(value, known, depth)
        return {
            key: self._field(item, known[key], depth) if key in known else self._foreign(item)
            for key, item in value.items()
        }

    def _field(self, item: Any, field: schema.Field, depth: int) -> Any:
        if isinstance(item, list) and field.shape.endswith("[]"):
            return [self._element(each, field, depth) for each in item]
        if isinstance(item, dict) and field.shape.endswith("{}"):
            return {key: self._element(each, field, depth) for key, each in item.items()}
        return self._element(item, field, depth)

    def _element(self, item: Any, field: schema.Field, depth: int) -> Any:
        if isinstance(item, dict) and field.message is not None and depth:
            return self._message(item, field.message, depth - 1)
        if isinstance(item, str):
            if _is_base64(field.name):
                return self._base64(item)
            own = _KEPT.fullmatch(field.name) and _NAME.fullmatch(item)
            return item if own else self._text(item)
        return self._foreign(item)

    def _blob(self, value: dict[str, Any], known: schema.Message, depth: int) -> dict[str, Any]:
        data, mime_type = value["data"], value.get("mimeType", value.get("mime_type"))
        seen = isinstance(mime_type, str) and mime_type.partition("/")[0] in _SENSES
        rest = {key: item for key, item in value.items() if key != "data"}
        shown = self._base64(data) if seen else self._media(media.size_bytes(value))
        return {**self._message(rest, known, depth), "data": shown}

    def _base64(self, text: str) -> str:
        if self.level.takes_media or not _ALPHABET.fullmatch(text):
            return self._media(media.size_bytes({"data": text}))
        return text

    def _foreign(self, item: Any) -> Any:
        """What the schema does not describe: its type, and how long it was."""
        if isinstance(item, str):
            return self._text(item)
        if isinstance(item, dict):
            return {"removed": self._text(_json(item))} if item else {}
        if isinstance(item, list):
            return [self._text(_json(item))] if item else []
        return item

    def _without_media(self, item: Any, depth: int, named: bool = False) -> Any:
        """All of it, less strings that are base64 by name, by place or by length."""
        if isinstance(item, str):
            long = len(item) >= _LONG_CHARS and _ALPHABET.fullmatch(item)
            return self._media(media.size_bytes({"data": item})) if named or long else item
        if not isinstance(item, (list, dict)):
            return item
        if not depth:
            return type(item)()
        if isinstance(item, list):
            return [self._without_media(each, depth - 1) for each in item]
        names = "data" if item.get("mimeType", item.get("mime_type")) else None
        return {
            key: self._without_media(each, depth - 1, key == names or _is_base64(key))
            for key, each in item.items()
        }

    # ---- events

    def _event(self, event: Event) -> Event:
        detail = {key: self._detail(event.name, key, item) for key, item in event.detail.items()}
        try:
            masked = orjson.loads(self._mask.payload(orjson.dumps(detail)))
        except TypeError:  # deeper than orjson writes
            masked = {"removed": "what is nested so deep"}
        return Event(event.seq, event.mono_s, event.time_s, event.name, masked)

    def _detail(self, name: str, key: str, item: Any) -> Any:
        if self.level.takes_media and name == UNREADABLE:
            return self._foreign(item)
        own = isinstance(item, str) and _DETAILS.fullmatch(key) and _NAME.fullmatch(item)
        if not self.level.takes_text or own or _SAID.fullmatch(f"{name}.{key}"):
            return item
        return self._foreign(item)

    # ---- what stands in their place

    def _text(self, text: str) -> str:
        if not text:
            return ""
        self._removed.text_chars += len(text)
        return f"[{len(text)} characters removed]"

    def _media(self, size_bytes: int) -> str:
        self._removed.media_bytes += size_bytes
        return media.removal(size_bytes)


def _json(item: Any) -> str:
    try:
        return orjson.dumps(item).decode()
    except TypeError:  # deeper than orjson writes
        return "…"


def _is_base64(name: str) -> bool:
    return _BASE64.fullmatch(name) is not None


_SENSES = frozenset({"audio", "image", "video"})
_LONG_CHARS = 256
_ALPHABET = re.compile(r"[A-Za-z0-9+/_=-]+")
_NAME = re.compile(r"[\w./:;=+ -]{1,128}", re.ASCII)

_BASE64 = re.compile(
    "voiceSampleAudio|voice_sample_audio|consentAudio|consent_audio|imageData|image_data"
)
"""Fields that hold media without a mime type beside them."""

_KEPT = re.compile(
    "model|role|mimeType|name|ids?|type|sessionId|modality|responseModalities|mediaResolution|"
    "voiceName|languageCodes?|targetLanguageCode|thinkingLevel|turnCompleteReason|language|"
    "interactionStatus|outcome|behavior|scheduling|audioOffset|startOffset|endOffset|timeLeft|"
    "vadSignalType|trafficType|serviceTier|activityHandling|turnCoverage|category|threshold|"
    "startOfSpeechSensitivity|endOfSpeechSensitivity|method|mode|lastConsumedClientMessageIndex|"
    r"triggerTokens|targetTokens|\w*[tT]okenCount|newHandle|handle"
)
"""Fields whose strings are the protocol's own: names, enumerations, durations, numbers."""

_HEADER = re.compile("v|type|tool|sdk|model|origin|clock")

_DETAILS = re.compile("model|modality|origin|host|carry|view|by|route|cause|state")
"""What stays of every event."""

_SAID = re.compile(r"connection\.closed\.(reason|message)")
"""What the service says of its own accord."""
