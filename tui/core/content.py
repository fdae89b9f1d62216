"""What a search reads of a record: its text, on the wire and as it reads, and its JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from tui.core import wire
from tui.core.frame import Frame, Record

MEDIA_CHARS = 256
"""A field ``data`` with so many characters or more, none of them a blank, is media."""

CHANCE_CHARS = 12
"""Shorter words would be found in base64 by chance, so they are not looked for in media."""

_DATA_KEY = re.compile(r'"data"\s{0,16}:\s{0,16}\Z')
_DATA_KEY_CHARS = len('"data"') + 33

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_NOT_ASCII_LETTERS = {0x0130: "\uffff", 0x212A: "\uffff"}
"""The two characters beyond ASCII (İ and the Kelvin sign) whose small letter is in it."""


def folded(text: str) -> str:
    """The text in small letters; a letter of ASCII comes from nothing else."""
    return text.lower() if text.isascii() else text.translate(_NOT_ASCII_LETTERS).lower()


def is_exact(words: str) -> bool:
    """Whether the words have a capital letter, so that capital and small letters differ."""
    return words.lower() != words


class Content:
    """The content of one record. What cannot be read has none."""

    def __init__(self, text: str, value: Mapping[str, Any] | None = None) -> None:
        self.text = text
        """The payload as it crossed the wire; of an event its name, and its detail in JSON."""
        self._value = value

    @classmethod
    def of(cls, record: Record) -> Content:
        """All that there is to search in a record."""
        if isinstance(record, Frame):
            return cls(record.payload.decode("utf-8", "replace"))
        try:
            detail = orjson.dumps(record.detail).decode()
        except orjson.JSONEncodeError:  # orjson writes 254 levels but reads 1,024
            detail = ""
        return cls(f"{record.name}\n{detail}", record.detail)

    @cached_property
    def value(self) -> Mapping[str, Any]:
        """The message, keys as on the wire, or the event's detail; empty where it is no JSON."""
        if self._value is not None:
            return self._value
        try:
            return wire.parse(self.text.encode())
        except wire.Undecodable:
            return {}

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """The text as it crossed the wire and, where that differs, with its escapes resolved."""
        plain = unescaped(self.text)
        return (self.text,) if plain == self.text else (self.text, plain)

    @cached_property
    def folded_readings(self) -> tuple[str, ...]:
        """The same in small letters."""
        return tuple(map(folded, self.readings))

    @cached_property
    def readings_without_media(self) -> tuple[str, ...]:
        """The readings, their media left out."""
        return tuple(map(without_media, self.readings))

    def has(self, words: str) -> bool:
        """Whether the words stand in it, in one of its readings.

        Capital and small letters differ only if the words have a capital one.
        """
        readings = self.readings if is_exact(words) else self.folded_readings
        return any(_stands(words, text) for text in readings)


def unescaped(text: str) -> str:
    """JSON text with every escape that a string in it may have resolved, once."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    if plain.isascii():
        return plain
    # two escapes of surrogates are one character
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _character(found: re.Match[str]) -> str:
    code, char = found.groups()
    return chr(int(code, 16)) if code else _SHORT.get(char, char)


def without_media(text: str) -> str:
    """The text with the content of every long ``data`` left out."""
    pieces, end = [], 0
    key = text.find('"data"')
    while key >= 0:
        media = _media_at(text, text.find('"', key + 6) + 1)
        if media is not None:
            pieces.append(text[end : media[0]])
            end = media[1]
        key = text.find('"data"', max(key + 6, end))
    return "".join([*pieces, text[end:]]) if end else text


def _stands(words: str, text: str) -> bool:
    at = text.find(words)
    while at >= 0:
        if len(words) >= CHANCE_CHARS or len(text) < MEDIA_CHARS:
            return True
        media = _media_at(text, text.rfind('"', 0, at) + 1)
        if media is None or at + len(words) > media[1]:
            return True
        at = text.find(words, media[1])
    return False


def _media_at(text: str, start: int) -> tuple[int, int] | None:
    """Where the media are whose string begins at ``start``; None where there are none."""
    end = text.find('"', start)
    if end - start < MEDIA_CHARS or start == 0:
        return None
    before = text[max(0, start - 1 - _DATA_KEY_CHARS) : start - 1]
    if not _DATA_KEY.search(before):
        return None
    return (start, end) if text.find(" ", start, end) < 0 else None
