"""One JSON object → a message: bare as it crossed the wire, wrapped with its direction, or ours."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tui.core import schema
from tui.core.frame import BINARY, TEXT, Direction
from tui.core.recording import SHOWN_BYTES, UNREADABLE
from tui.importers.conversion import Connections, Happening, Item, Message, OpenFile
from tui.importers.lines import Line, Lines

_SENT = ("send", "sent", "client", "out", "outgoing", "up")
_RECEIVED = ("receive", "received", "recv", "server", "in", "incoming", "down")
_WAYS = dict.fromkeys(_SENT, Direction.SEND) | dict.fromkeys(_RECEIVED, Direction.RECEIVE)
_DIRECTION_KEYS, _TIME_KEYS = ("direction", "dir", "type"), ("time", "ts", "timestamp")
_PAYLOAD_KEYS = ("message", "payload", "data", "text")

_LATEST_S = 1e11
"""The year 5138: a time beyond it is in milliseconds, 1000 times beyond in microseconds…"""


class LineFeed(OpenFile):
    """A file of messages, one a line; lines that are appended to it come, too."""

    form = "JSON Lines"

    def __init__(self, path: Path, note: str) -> None:
        self.note = note
        super().__init__(path)
        self._lines = Lines(self._file)
        self._connections = Connections()

    def items(self) -> Iterator[Item]:
        """What the new lines say; the last one, which no line feed ended, when it is whole."""
        return self._connections.opened(items(self._lines))

    @property
    def torn(self) -> bool:
        """Whether the last line is none yet."""
        return bool(self._lines.begun.strip())


def items(lines: Lines) -> Iterator[Item]:
    """What the lines say that are there; a line that says nothing is an item that says so."""
    for line in lines:
        if line.data.strip():
            yield read(line)
    if lines.grew and _object(lines.begun) is not None:
        yield read(lines.rest())


def read(line: Line) -> Item:
    """A message, an event, or an ``unreadable``."""
    if not line.whole:
        return unreadable(line, f"it is {line.length:,} bytes long, which no message is")
    try:
        row = orjson.loads(line.data)
    except orjson.JSONDecodeError as error:
        return unreadable(line, f"it is not JSON: {error}")
    found = parse(row, line.data) if isinstance(row, dict) else None
    return found or unreadable(line, "it is no message of the Live API")


def is_message(line: bytes) -> bool:
    """Whether a line is a message in any of the ways that they are written."""
    return isinstance(read(Line(1, len(line), line)), Message)


def unreadable(line: Line, reason: str) -> Happening:
    """The row of a line that cannot be shown otherwise."""
    detail = {"number": line.number, "reason": reason}
    text = line.data[:SHOWN_BYTES].decode("utf-8", "replace")
    return Happening(UNREADABLE, {**detail, "line": text}, None)


def parse(row: Mapping[str, Any], raw: bytes) -> Item | None:
    """What the object says; ``raw`` are the bytes that it was read from."""
    time_s = next(filter(None, (read_time_s(row.get(key)) for key in _TIME_KEYS)), None)
    if (direction := direction_of(row)) is not None:
        return Message(direction, TEXT, raw.strip(), time_s)
    if row.get("type") == "event" and isinstance(row.get("detail"), dict):
        return Happening(str(row.get("name")), row["detail"], time_s)
    for key in _PAYLOAD_KEYS:
        value = row.get(key)
        if isinstance(value, (dict, str)):
            return _wrapped(row, value, time_s)
    return None


def way(word: Any) -> Direction | None:
    """The direction that a word means, if it does."""
    return _WAYS.get(word.lower()) if isinstance(word, str) else None


def direction_of(message: Mapping[str, Any]) -> Direction | None:
    """Which way a message goes, by its fields; None when it has none that the protocol has."""
    for key in message:
        if key in schema.client():
            return Direction.SEND
        if key in schema.server():
            return Direction.RECEIVE
    return None


def _wrapped(
    row: Mapping[str, Any], value: dict[str, Any] | str, time_s: float | None
) -> Item | None:
    payload, message = _payload(value)
    direction = next(filter(None, (way(row.get(key)) for key in _DIRECTION_KEYS)), None)
    direction = direction or direction_of(message)
    if direction is None or payload is None:
        return None
    opcode = row.get("opcode", row.get("frame"))
    return Message(direction, BINARY if opcode in (BINARY, "binary") else TEXT, payload, time_s)


def _payload(value: dict[str, Any] | str) -> tuple[bytes | None, dict[str, Any]]:
    """The bytes, and the message that they are (empty when they are none)."""
    if isinstance(value, dict):
        try:
            return orjson.dumps(value), value
        except TypeError:  # orjson reads 1,024 levels and writes 254
            return None, value
    return text_or_base64(value)


def text_or_base64(value: str) -> tuple[bytes, dict[str, Any]]:
    """A payload in either form; what is neither JSON nor base64 is kept as it is."""
    plain = value.encode("utf-8", "surrogatepass")
    if (message := _object(plain)) is not None:
        return plain, message
    try:
        decoded = base64.b64decode(plain, validate=True)
    except ValueError:
        return plain, {}
    return decoded, _object(decoded) or {}


def _object(payload: bytes) -> dict[str, Any] | None:
    if not payload.lstrip().startswith(b"{"):
        return None
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) else None


def read_time_s(value: Any) -> float | None:
    """Unix seconds (or seconds since a start) of a number in any unit, or of an ISO 8601 date."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _date_s(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return None
    time_s = float(value)
    while time_s > _LATEST_S:
        time_s /= 1000
    return time_s if time_s >= 0 else None


def _date_s(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
