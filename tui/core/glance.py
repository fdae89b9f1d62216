"""A quick look at a journal line: the same record, its base64 media left out.

Nine of ten messages of a spoken session are media, and nine tenths of their bytes are base64 that
says nothing to a reducer but its length. A glance finds it by its quotes, leaves it out, and knows
what is left from the last message that looked alike.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import orjson

from tui.core import wire
from tui.core.frame import Direction, Frame, Record
from tui.core.media import Elided
from tui.core.recording import read_line
from tui.core.wire import Fact

LEAST_CHARS = 256
"""Shorter base64 is not worth the trouble."""

KNOWN = 4096
"""How many different messages are remembered."""

_HEAD = re.compile(
    rb'\{"v":1,"seq":(\d{1,15}),"type":"(?:(send)|receive)","time":([0-9.]{1,25}),'
    rb'"mono":([0-9.]{1,25}),"opcode":(\d{1,2}),"size":\d{1,12},"text":"'
)
"""A message line as `tui.core.journal` writes it; any other is read whole."""

_KEY = b'data\\":'
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_MARK = f"elided-{os.urandom(8).hex()}-".encode()
"""Stands where base64 was left out; no message can hold it by itself."""

_DEEPEST = 16
"""How deep in a fact media are looked for."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """What messages have in common that differ in nothing but their media's content."""

    payload: bytes
    left_out: int
    facts: tuple[Fact, ...]


class Glancer:
    """Reads lines; what it learnt of one message serves the next one like it."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bool], _Alike] = {}

    def read(self, line: bytes) -> Record | dict[str, Any]:
        """The line's record, without its base64 where that is long.

        Of such a frame ``payload`` has empty strings in its place, ``left_out`` and `size` count
        it, and the Blobs of ``facts`` have `Elided` data. The header is a dict.

        Raises:
            JournalError: The line is torn or is no record.
        """
        head = _HEAD.match(line) if len(line) > LEAST_CHARS else None
        if head is None:
            return read_line(line)
        rest = _elided(line, head.end())
        if rest is None:
            return read_line(line)
        seq, sent, time_s, mono_s, opcode = head.groups()
        key = (rest, sent is not None)
        alike = self._known.get(key)
        if alike is None:
            try:
                alike = _understood(*key)
            except ValueError:
                return read_line(line)
            if len(self._known) == KNOWN:
                self._known.clear()
            self._known[key] = alike
        frame = Frame(
            int(seq),
            float(mono_s),
            float(time_s),
            Direction.RECEIVE if sent is None else Direction.SEND,
            int(opcode),
            alike.payload,
            left_out=alike.left_out,
        )
        frame.__dict__["facts"] = alike.facts
        return frame


def _elided(line: bytes, start: int) -> bytes | None:
    """The line from ``start``, marks in place of long base64; None when there is none."""
    pieces: list[bytes] = []
    at, find = start, line.find
    key = find(_KEY, start)
    while key >= 0:
        first = find(b'\\"', key + 7, key + 11) + 2
        last = find(b'"', first) - 1
        if first > 1 and last - first >= LEAST_CHARS and _is_base64(line, first, last):
            padding = line.count(b"=", last - 2, last)
            pieces += line[at:first], _MARK, b"%d-%d" % (last - first, padding)
            at = last
        key = find(_KEY, max(key + 7, at))
    if not pieces:
        return None
    pieces.append(line[at:])
    return b"".join(pieces)


def _is_base64(line: bytes, first: int, last: int) -> bool:
    """Whether the JSON string looks so at both ends and has no escape between them."""
    ends = line[first : first + 64] + line[last - 64 : last]
    return not ends.translate(None, _ALPHABET) and line.find(b"\\", first, last) < 0


def _understood(rest: bytes, sent: bool) -> _Alike:
    """What the rest of a line says; raises ValueError when it is no whole message line."""
    row = orjson.loads(b'{"text":"' + rest)
    if row.keys() != {"text"}:
        raise ValueError("There is more in the line than it should be.")
    marked: bytes = row["text"].encode()
    left_out = 0
    pieces = marked.split(_MARK)
    for number, piece in enumerate(pieces[1:], 1):
        counts, quote, after = piece.partition(b'"')
        left_out += int(counts.partition(b"-")[0])
        pieces[number] = quote + after
    facts = wire.decode(marked, Direction.SEND if sent else Direction.RECEIVE)
    mark = _MARK.decode()
    for fact in facts:
        _mark_elided(fact.value, mark, 0)
    return _Alike(b"".join(pieces), left_out, facts)


def _mark_elided(value: Any, mark: str, depth: int) -> None:
    """Put `Elided` where the marks are."""
    if depth == _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            _mark_elided(item, mark, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and item.startswith(mark):
                chars, padding = map(int, item.removeprefix(mark).split("-"))
                value[key] = Elided(chars, padding)
            else:
                _mark_elided(item, mark, depth + 1)
