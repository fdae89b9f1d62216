"""A client message as a person writes it: an earlier one to begin with, its media put aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tui.core import field_guide, media, schema
from tui.core.json_tree import json_text
from tui.core.lint.finding import Finding
from tui.core.lint.rule import Severity
from tui.core.text import safe
from tui.core.wire import Undecodable, parse

LARGEST_BYTES = 4 << 20
"""Of what is written by hand. What is put aside does not count."""
SHORT_MEDIA_CHARS, SHORT_TEXT_CHARS = 64, 20_000
"""Longer base64, and longer strings of any other kind, are put aside."""

_PLACEHOLDER = re.compile(r'"‹(\d+):[^"›]*›"')
_INDEX = re.compile(r"\[\d+\]")
_TYPES = {
    "string": str,
    "bytes": str,
    "timestamp": str,
    "integer": (int, str),  # proto3 JSON writes int64 as a string
    "number": (int, float, str),
    "boolean": bool,
}


class Unwritten(ValueError):
    """Why a text is no message that could be sent: one sentence, with line and column."""


@dataclass(frozen=True)
class Handwritten:
    """What an editor begins with, and how its text becomes a message."""

    text: str
    """Pretty JSON, safe for a terminal."""
    payload: str = ""
    """The message that it was made of; empty where it is new."""
    aside: dict[str, str] = field(default_factory=dict)
    """By the number in its placeholder, a string as JSON writes it."""

    @classmethod
    def of(cls, payload: bytes) -> Handwritten:
        """To edit an earlier message.

        Raises:
            Unwritten: It cannot be edited.
        """
        try:
            message, whole = parse(payload), payload.decode()
            aside: dict[str, str] = {}
            text = json_text(_shortened(message, aside, orjson.dumps(message).decode()))
        except Undecodable as error:
            raise Unwritten(str(error)) from None
        except (ValueError, RecursionError, orjson.JSONEncodeError):
            raise Unwritten("The message nests too deep to be edited.") from None
        if len(text.encode()) > LARGEST_BYTES:
            raise Unwritten(_TOO_LARGE)
        return cls(text, whole, aside)

    def message(self, text: str) -> str:
        """What is sent of a text: the bytes as they were where nothing was changed."""
        if text == self.text and self.payload:
            return self.payload
        if not self.aside:
            return text
        return _PLACEHOLDER.sub(lambda found: self.aside.get(found[1], found[0]), text)

    def read(self, text: str) -> dict[str, Any]:
        """The message of a text.

        Raises:
            Unwritten: It is none.
        """
        if len(text) > LARGEST_BYTES or len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
            raise Unwritten(_TOO_LARGE)
        if not text.strip():
            raise Unwritten("Nothing is written yet.")
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Unwritten(_where(text, error)) from None
        if not isinstance(found, dict):
            raise Unwritten("A message is a JSON object: begin with { and name what is sent.")
        if text == self.text or self.aside:
            found = orjson.loads(self.message(text))
        return dict(found)


_TOO_LARGE = f"The text is larger than {LARGEST_BYTES >> 20} MiB: no service takes such a message."


def _where(text: str, error: orjson.JSONDecodeError) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as broken:
        before = text[: broken.start]
        line, column = before.count("\n") + 1, broken.start - before.rfind("\n")
        return f"Line {line}, column {column}: half a character (a lone surrogate) is no text."
    return f"Line {error.lineno}, column {error.colno}: {safe(error.msg)}."


def _shortened(value: Any, aside: dict[str, str], whole: str) -> Any:
    """The value with placeholders for what is long."""
    if isinstance(value, list):
        return [_shortened(each, aside, whole) for each in value]
    if isinstance(value, dict):
        blob = media.blob(value)
        shown = {key: _shortened(each, aside, whole) for key, each in value.items()}
        if blob and len(blob["data"]) > SHORT_MEDIA_CHARS:
            words = f"{safe(blob['mimeType'][:40])}, {media.size_bytes(blob):,} bytes"
            shown["data"] = _put_aside(blob["data"], words, aside, whole)
        return shown
    if isinstance(value, str) and len(value) > SHORT_TEXT_CHARS:
        return _put_aside(value, f"{len(value):,} characters", aside, whole)
    return value


def _put_aside(value: str, words: str, aside: dict[str, str], whole: str) -> str:
    number = len(aside) + 1
    while f"‹{number}:" in whole or str(number) in aside:
        number += 1
    aside[str(number)] = orjson.dumps(value).decode()
    return f"‹{number}: {words}›"


# ---- what is thought of it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a text before it is sent."""

    problem: str = ""
    """Why it cannot be sent, in a sentence; empty where it can."""
    warnings: Sequence[str] = field(default_factory=list)
    """What is known to be refused or in vain: it needs saying twice."""
    notes: Sequence[str] = field(default_factory=list)
    """What else is worth knowing."""
    setup: bool = False
    """It is a set-up: a connection of its own."""


def verdict(text: str, written: Handwritten, check: Check) -> Verdict:
    """What is known of a text, by google-genai's types and the linter's rules."""
    try:
        message = written.read(text)
    except Unwritten as error:
        return Verdict(str(error))
    except RecursionError:
        return Verdict("The message nests too deep.")
    if not message:
        return Verdict("The message says nothing: name what is sent.")
    types = dict(mistyped(message))
    found = [
        each
        for each in check(message, written.message(text).encode())
        if each.rule.id != "field-unknown-sent" or each.figures.get("path") not in types
    ]
    grave = [_told(each) for each in found if each.severity >= Severity.WARN]
    rest = [_told(each) for each in found if each.severity < Severity.WARN]
    return Verdict("", [*types.values(), *grave], rest, message.keys() == {"setup"})


Check = Callable[[dict[str, Any], bytes], Sequence[Finding]]
"""Finds what is wrong with a message, given it and its bytes."""


def _told(finding: Finding) -> str:
    return f"{finding.ahead} {finding.rule.advice}"


# ---- types


def mistyped(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What of a client message has another type than google-genai gives it.

    Paths, an index in them as ``[]``, each with a sentence.
    """
    canonical, _ = schema.read(message, schema.client())
    yield from _mistyped("LiveClientMessage", canonical, "")


def _mistyped(message: str, value: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        kind = field_guide.type_of(message, key)
        if not kind or item is None:
            continue
        here = f"{path}.{key}" if path else key
        listed, kind = kind.endswith("[]"), kind.removesuffix("[]")
        if listed != isinstance(item, list) and kind != "JSON":
            yield _wrong(here, "a list" if listed else f"one {kind} and no list")
            continue
        for at, each in enumerate(item if listed else [item]):
            yield from _misfit(kind, each, f"{here}[{at}]" if listed else here)


def _misfit(kind: str, item: Any, here: str) -> Iterator[tuple[str, str]]:
    values = field_guide.values_of(kind)
    if field_guide.is_message(kind):
        if isinstance(item, dict):
            yield from _mistyped(kind, item, here)
        else:
            yield _wrong(here, f"an object ({kind})")
    elif values and item not in values:
        yield _wrong(here, f"one of {', '.join(values[:8])}{' …' * (len(values) > 8)}")
    elif kind in _TYPES and not _fits(kind, item):
        yield _wrong(here, f"{'an' if kind == 'integer' else 'a'} {kind}")


def _wrong(here: str, wanted: str) -> tuple[str, str]:
    return _INDEX.sub("[]", here), f"{safe(here[:120])} must be {wanted}."


def _fits(kind: str, item: Any) -> bool:
    return isinstance(item, _TYPES[kind]) and (kind == "boolean" or not isinstance(item, bool))  # type: ignore[arg-type]
