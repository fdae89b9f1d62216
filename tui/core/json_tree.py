"""JSON as lines that open and close: a message to look at, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from unicodedata import east_asian_width

import orjson

from tui.core import media
from tui.core.text import safe

SHORT_CHARS = 60
"""Longer strings are cut, and open into lines."""
LONG_LINES = 200
"""How many lines of a string are shown at most."""
GROUP = 100
"""Longer objects and arrays are shown in groups of this many."""
OPEN_LINES = 60
"""A tree opens by itself until it has about this many lines,"""
OPEN_LEVELS = 10
"""and this many levels."""
INDENTED_LEVELS = 12
"""Deeper levels are numbered instead of indented further."""

Line = list[tuple[str, str]]
"""Pieces of text with what they are: see `PIECES`."""

PIECES = ("key", "text", "number", "word", "chip", "dim", "unknown")


@dataclass(frozen=True, slots=True)
class _Group:
    """A stretch of a long object or array."""

    whole: dict[str, Any] | list[Any]
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class _Words:
    """A line of a long string, or a remark."""

    text: str


@dataclass(slots=True)
class Node:
    """One line: a field, an element, a group of them, or a line of text."""

    key: str
    path: str
    """Where it stands in the message, with keys as they are on the wire."""
    value: Any
    depth: int
    opened: bool = False


class JsonTree:
    """The lines of a JSON value. Children are made when a node opens."""

    def __init__(
        self, value: dict[str, Any], unknown: Iterable[str] = (), *, rate_hz: int, wrap: int
    ) -> None:
        """A tree of an object, opened as far as fits a pane.

        Args:
            value: A message, or the detail of an event.
            unknown: Canonical paths that the SDK does not know; they are marked and opened to.
            rate_hz: The rate of audio whose mime type names none.
            wrap: Cells that the lines of a long string may have.
        """
        self._unknown = [_alike(path) for path in unknown]
        self._marked = frozenset(self._unknown)
        self._rate_hz = rate_hz
        self._wrap = wrap
        self.nodes = self._children(Node("", "", value, -1)) or [Node("", "", value, 0)]
        self._open_some()

    @classmethod
    def remark(cls, words: str) -> JsonTree:
        """A tree of one line that is no JSON."""
        tree = cls({}, rate_hz=media.OUTPUT_RATE_HZ, wrap=SHORT_CHARS)
        tree.nodes = [Node("", "", _Words(words), 0)]
        return tree

    def __len__(self) -> int:
        return len(self.nodes)

    def line(self, at: int) -> Line:
        """One line in pieces; safe for a terminal."""
        node = self.nodes[at]
        mark = ("▾ " if node.opened else "▸ ") if self.can_open(at) else "  "
        line: Line = [(_indent(node.depth) + mark, "dim")]
        if node.key:
            line += [(safe(_cut(node.key)), "key"), (" ", "dim")]
        line += self._value(node)
        if _alike(node.path) in self._marked and not isinstance(node.value, (_Words, _Group)):
            line.append((" ⚑ unknown to the SDK", "unknown"))
        return line

    def can_open(self, at: int) -> bool:
        """Whether there is something below the line."""
        value = self.nodes[at].value
        if isinstance(value, str):
            return len(value) > SHORT_CHARS or "\n" in value
        return isinstance(value, (dict, list, _Group)) and len(value) > 0

    def open(self, at: int) -> bool:
        """Show what is below the line; returns False when it is shown or there is nothing."""
        node = self.nodes[at]
        if node.opened or not self.can_open(at):
            return False
        node.opened = True
        self.nodes[at + 1 : at + 1] = self._children(node)
        return True

    def close(self, at: int) -> bool:
        """Hide what is below the line; returns False when nothing is shown."""
        node = self.nodes[at]
        if not node.opened:
            return False
        node.opened = False
        end = at + 1
        while end < len(self.nodes) and self.nodes[end].depth > node.depth:
            end += 1
        del self.nodes[at + 1 : end]
        return True

    def parent(self, at: int) -> int:
        """The line that this one is below; itself at the top."""
        depth = self.nodes[at].depth
        return next((line for line in range(at, -1, -1) if self.nodes[line].depth < depth), at)

    def text(self, at: int) -> str:
        """What the line holds, to be copied: a string as it reads, anything else as JSON.

        Raises ValueError where it nests deeper than 254 levels.
        """
        value = self.nodes[at].value
        if isinstance(value, _Group):
            value = {key: item for key, _, item in _items("", value)}
        text = value.text if isinstance(value, _Words) else value
        return safe(text, lines=True) if isinstance(text, str) else json_text(text)

    def _open_some(self) -> None:
        """Open level by level while there is room, and to whatever is not known."""
        for depth in range(OPEN_LEVELS):
            at = 0
            while at < len(self.nodes):
                node = self.nodes[at]
                if node.depth == depth and self._opens_itself(node):
                    self.open(at)
                at += 1

    def _opens_itself(self, node: Node) -> bool:
        if not _is_container(node.value) or media.blob(node.value):
            return False
        below = (_alike(node.path) + ".", _alike(node.path) + "[")
        leads = any(path.startswith(below) for path in self._unknown[:OPEN_LINES])
        return leads or len(self.nodes) + min(len(node.value), GROUP) <= OPEN_LINES

    def _children(self, node: Node) -> list[Node]:
        value, depth = node.value, node.depth + 1
        if isinstance(value, str):
            return [
                Node("", node.path, _Words(line), depth) for line in self._wrapped(value, depth)
            ]
        group = value if isinstance(value, _Group) else _Group(value, 0, len(value))
        if len(group) <= GROUP:
            return [Node(key, path, item, depth) for key, path, item in _items(node.path, group)]
        return [Node(name, node.path, part, depth) for name, part in _parts(group)]

    def _value(self, node: Node) -> Line:
        value = node.value
        if isinstance(value, _Words):
            return [(safe(value.text), "text")]
        if isinstance(value, _Group):
            return [(f"{len(value):,} items", "dim")]
        if isinstance(value, str):
            return self._string(value, node.opened)
        if not _is_container(value):
            plain = value is None or isinstance(value, bool)
            return [(orjson.dumps(value).decode(), "word" if plain else "number")]
        count = f"{len(value):,}" if value else ""
        brackets = f"{{{count}}}" if isinstance(value, dict) else f"[{count}]"
        words = chip(value, self._rate_hz)
        return [(words, "chip")] if words else [(brackets, "dim")]

    def _string(self, value: str, opened: bool) -> Line:
        said = f"{len(value):,} characters"
        if opened:
            return [(said, "dim")]
        first = value.partition("\n")[0]
        if len(value) <= SHORT_CHARS and first == value:
            return [(f'"{safe(value)}"', "text")]
        return [(f'"{safe(first[: SHORT_CHARS - 20])}…" ', "text"), (said, "dim")]

    def _wrapped(self, value: str, depth: int) -> Iterator[str]:
        """The first lines of a string, as long as there is room for."""
        room = max(10, self._wrap - len(_indent(depth)) - 2)
        shown = value[: room * LONG_LINES].split("\n")
        lines = [line[start:end] for line in shown for start, end in wrapped(line, room)]
        yield from lines[:LONG_LINES]
        if len(lines) > LONG_LINES or len(value) > room * LONG_LINES:
            yield "… the rest is in the raw text"


def chip(value: Any, rate_hz: int) -> str:
    """Media in a few words; empty for anything else.

    ``rate_hz`` is that of sound whose mime type names none.
    """
    blob = media.blob(value)
    if not blob:
        return ""
    parts = [safe(_cut(blob["mimeType"].partition(";")[0]))]
    if media.is_pcm(blob):
        named_hz = media.pcm_rate_hz(blob["mimeType"], 0)
        rate = f"{(named_hz or rate_hz) / 1000:g} kHz{'' if named_hz else '?'}"
        parts += [rate, f"{media.audio_seconds(blob, rate_hz) * 1000:,.0f} ms"]
    return f"‹{' · '.join(parts)} · {media.size_bytes(blob):,} B›"


def json_text(value: Any) -> str:
    """The value as pretty JSON; what might act on a terminal is written as an escape.

    Raises ValueError where it nests deeper than 254 levels.
    """
    try:
        return escaped(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
    except orjson.JSONEncodeError as error:
        raise ValueError("The value nests too deep to be written.") from error


def escaped(text: str) -> str:
    """JSON text of the same meaning in which nothing acts on a terminal or hides."""
    if safe(text, lines=True) == text:
        return text
    return "".join(
        char if char in "\n\t" or safe(char) == char else json.dumps(char)[1:-1]
        for char in text.replace("\r\n", "\n")
    )


def wrapped(line: str, width: int) -> list[tuple[int, int]]:
    """Where to cut a line so that each piece surely fits ``width`` cells; at least one piece."""
    wide = not line.isascii() and any(east_asian_width(char) in "WF" for char in set(line))
    step = max(1, width // 2 if wide else width)
    starts = range(0, max(1, len(line)), step)
    return [(start, min(start + step, len(line))) for start in starts]


def _indent(depth: int) -> str:
    return "  " * depth if depth <= INDENTED_LEVELS else f"{'  ' * INDENTED_LEVELS}{depth}·"


def _items(path: str, group: _Group) -> Iterator[tuple[str, str, Any]]:
    """Key, path and value of each field or element."""
    whole = group.whole
    if isinstance(whole, dict):
        for key, item in islice(whole.items(), group.start, group.stop):
            yield key, f"{path}.{key}" if path else key, item
    else:
        for index in range(group.start, group.stop):
            yield str(index), f"{path}[{index}]", whole[index]


def _parts(group: _Group) -> Iterator[tuple[str, _Group]]:
    """The group in smaller ones, each with its first and last key."""
    step = GROUP
    while step * GROUP < len(group):
        step *= GROUP
    keys = list(group.whole) if isinstance(group.whole, dict) else range(len(group.whole))
    for start in range(group.start, group.stop, step):
        stop = min(start + step, group.stop)
        yield f"{keys[start]} … {keys[stop - 1]}", _Group(group.whole, start, stop)


def _is_container(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _cut(text: str) -> str:
    return text if len(text) <= SHORT_CHARS else text[: SHORT_CHARS - 1] + "…"


def _alike(path: str) -> str:
    """The path without what differs between camelCase and snake_case."""
    return path.replace("_", "").lower()
