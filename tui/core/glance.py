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

FURTHEST = 400
"""How far from the payload's ends the base64 may stand."""

KNOWN = 4096
"""How many different messages are remembered."""

_HEAD = re.compile(
    rb'\{"v":1,"seq":(\d{1,15}),"type":"(?:(send)|receive)","time":([0-9.]{1,25}),'
    rb'"mono":([0-9.]{1,25}),"opcode":(\d|1[0-5]),"size":\d{1,12},"text":"'
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

        Of such a frame ``payload`` has an empty string in its place, ``left_out`` and `size` count
        it, and the Blob of ``facts`` has `Elided` data. The header is a dict.

        Raises:
            JournalError: The line is torn or is no record.
        """
        seen = self.scan(line if line.endswith(b"\n") else line + b"\n", 0)
        return read_line(line) if seen is None else seen[0]

    def scan(self, block: bytes, start: int) -> tuple[Frame, int] | None:
        """The frame of the line that begins at ``start``, and where its line feed is.

        None where it is no message with one long base64 string, or does not end in the block.
        """
        head, find = _HEAD.match(block, start), block.find
        key = find(_KEY, head.end(), head.end() + FURTHEST) if head else -1
        if head is None or key < 0:
            return None
        first = find(b'\\"', key + len(_KEY), key + len(_KEY) + 4) + 2
        last = find(b'"', first) - 1
        if first < 2 or last - first < LEAST_CHARS or not _is_base64(block, first, last):
            return None
        before, end = block[head.end() : first], find(b"\n", last, last + FURTHEST)
        after = block[last:end]
        if end < 0 or b"\n" in before or _KEY in after:
            return None
        padding = block.count(b"=", last - 2, last)
        rest = b"%b%b%d-%d%b" % (before, _MARK, last - first, padding, after)
        seq, sent, time_s, mono_s, opcode = head.groups()
        alike = self._alike(rest, sent is not None)
        if alike is None:
            return None
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
        return frame, end

    def _alike(self, rest: bytes, sent: bool) -> _Alike | None:
        """What is known of such a message; None when it is no whole message line."""
        alike = self._known.get((rest, sent))
        if alike is None:
            try:
                alike = _understood(rest, sent)
            except ValueError:
                return None
            if len(self._known) == KNOWN:
                self._known.clear()
            self._known[rest, sent] = alike
        return alike


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
