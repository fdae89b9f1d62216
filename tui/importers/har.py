"""WebSocket sessions in a HAR, read as a stream: the file is one JSON document of any size.

The format is Chrome's (`_webSocketMessages` of DevTools 1.0.1705227, models/har/Log.ts), which
mitmproxy writes, too. Chrome writes an entry's messages before its URL, so that the file is read
twice: first for what the entries are, then for the messages of those that are Live sessions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import ijson

from tui.core import wire
from tui.core.frame import BINARY, TEXT, Direction
from tui.core.journal import JournalError
from tui.core.recording import UNREADABLE
from tui.importers.conversion import Connections, Happening, Item, Message, OpenFile
from tui.importers.messages import direction_of, read_time_s, text_or_base64, way

MAX_TOKEN = 64 << 20
"""A string that does not end within so many bytes is not waited for."""

MAX_EVENTS_CHARS = 32 << 20
"""Events are read before the messages; what is beyond is left out."""

BLOCK = 1 << 20
"""The parser reads a string that goes beyond a block again from its start."""

JUDGED_MESSAGES = 20
METHOD = "BidiGenerateContent"
_CONTROL = {8: "connection.closed", 9: "ping", 10: "pong"}

Events = Iterator[tuple[str, Any]]


@dataclass
class Entry:
    """A WebSocket entry: what decides whether it is a Live session."""

    url: str = ""
    messages: int = 0
    live: bool = False
    events: list[Happening] = field(default_factory=list)
    """What bidiscope's own HAR tells beside the messages, in ``_events``."""

    @property
    def host(self) -> str:
        """The host of its URL; the rest of it may hold a key."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""


class Torn(Exception):
    """The document is broken; what came before it holds."""


def scan(path: Path) -> dict[int, Entry]:
    """The entries with WebSocket messages by their place, as far as the document is whole."""
    entries: defaultdict[int, Entry] = defaultdict(Entry)
    with suppress(Torn), path.open("rb") as file:
        for number, part in _parts(file):
            entry = entries[number]
            if isinstance(part, str):
                entry.url = part
                continue
            if isinstance(part, Happening):
                entry.events.append(part)
                continue
            entry.messages += 1
            if not entry.live and entry.messages <= JUDGED_MESSAGES:
                item = _item(part)
                entry.live = isinstance(item, Message) and _known(item)
    return {
        number: replace(entry, live=entry.live or METHOD in entry.url)
        for number, entry in entries.items()
        if entry.messages
    }


class HarFeed(OpenFile):
    """The messages of a HAR's Live sessions, one session after the other."""

    form = "HAR"
    torn = False

    def __init__(self, path: Path, note: str, named: Path) -> None:
        """Find the sessions; ``named`` is the file that the person named.

        Raises:
            JournalError: There is none.
        """
        entries = scan(path)
        self._live = {number: entry for number, entry in entries.items() if entry.live}
        if not self._live:
            held = f"{len(entries)} WebSocket conversations, none" if entries else "no messages"
            raise JournalError(
                f"{named} is a HAR with {held} of a Live session: record one with the browser's "
                "network panel open, and export it as HAR with its content."
            )
        if others := len(entries) - len(self._live):
            note += f" Sockets in it that are not of Live sessions, and left out: {others}."
        self.note = note.strip()
        super().__init__(path)
        self._items = self._all()

    def items(self) -> Iterator[Item]:
        """What was not taken yet."""
        return self._items

    def _all(self) -> Iterator[Item]:
        try:
            for number, parts in groupby(_parts(self._file), key=itemgetter(0)):
                if number in self._live:
                    entry = self._live[number]
                    items = (_item(part) for _, part in parts if _is_row(part))
                    if entry.events:
                        items = merge(items, entry.events, key=lambda item: item.time_s or 0.0)
                    yield from Connections(entry.host).opened(items)
        except Torn as error:
            yield Happening(UNREADABLE, {"reason": f"the HAR is torn here: {error}"}, None)


def _is_row(part: Any) -> bool:
    return not isinstance(part, (str, Happening))


def _known(message: Message) -> bool:
    try:
        return direction_of(wire.parse(message.payload)) is not None
    except wire.Undecodable:
        return False


def _item(part: Any) -> Item:
    """An element of `_webSocketMessages`."""
    row = part if isinstance(part, dict) else {}
    time_s, data, direction = read_time_s(row.get("time")), row.get("data"), way(row.get("type"))
    if row.get("type") == "error":
        return Happening("error", {"message": str(data)}, time_s)
    if direction is None or not isinstance(data, str):
        return Happening(UNREADABLE, {"reason": "it is no message as HAR has them"}, time_s)
    opcode = row.get("opcode")
    if opcode == TEXT:
        return Message(direction, TEXT, data.encode("utf-8", "surrogatepass"), time_s)
    payload = text_or_base64(data)[0]
    if opcode in _CONTROL:
        return _control(_CONTROL[opcode], direction, payload, time_s)
    return Message(direction, BINARY, payload, time_s)


def _control(name: str, direction: Direction, payload: bytes, time_s: float | None) -> Happening:
    """A control frame (RFC 6455, 5.5)."""
    by = "client" if direction is Direction.SEND else "server"
    if name != "connection.closed":
        return Happening(name, {"by": by}, time_s)
    code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
    reason = payload[2:].decode("utf-8", "replace")
    return Happening(name, {"code": code, "reason": reason, "by": by, "message": ""}, time_s)


# ---- the document, by descent: each function below takes one value from the events


def _parts(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Of each entry, by its place: its URL as a string, and its WebSocket messages."""
    events = _events(file)
    for key in _members(events):
        if key != "log":
            _scalar(events)
            continue
        for name in _members(events):
            if name == "entries":
                yield from _entries(events)
            else:
                _scalar(events)


def _entries(events: Events) -> Iterator[tuple[int, Any]]:
    for number, event in enumerate(_elements(events)):
        if event == "start_array":
            _skip(events)
        if event != "start_map":
            continue
        for key in _keys(events):
            if key == "_webSocketMessages":
                yield from ((number, message) for message in _messages(events))
            elif key == "_events":
                yield from ((number, event) for event in _happenings(events))
            elif key == "request":
                request = dict(_flat(events))
                yield number, str(request.get("url", ""))
            else:
                _scalar(events)


def _messages(events: Events) -> Iterator[dict[str, Any] | None]:
    """The elements, those that are no objects as None."""
    for event in _elements(events):
        if event == "start_array":
            _skip(events)
        yield {key: _scalar(events) for key in _keys(events)} if event == "start_map" else None


def _happenings(events: Events) -> Iterator[Happening]:
    """The elements of ``_events`` that are events, as long as there are not too many."""
    room = MAX_EVENTS_CHARS
    for event in _elements(events):
        if event == "start_array":
            _skip(events)
        if event != "start_map":
            continue
        builder, depth = ijson.ObjectBuilder(), 1
        builder.event(event, None)
        while depth:
            event, value = next(events)
            depth += event in ("start_map", "start_array")
            depth -= event in ("end_map", "end_array")
            room -= 8 + (len(value) if isinstance(value, str) else 0)
            if room > 0:
                builder.event(event, value)
        row = builder.value if room > 0 else {}
        if isinstance(row.get("name"), str) and isinstance(row.get("detail"), dict):
            yield Happening(row["name"], row["detail"], read_time_s(row.get("time")))


def _flat(events: Events) -> Iterator[tuple[str, Any]]:
    """The scalar members of an object."""
    for key in _members(events):
        yield key, _scalar(events)


def _members(events: Events) -> Iterator[str]:
    """The keys of an object; who takes one takes its value, too."""
    event, _ = next(events)
    if event == "start_map":
        yield from _keys(events)
    elif event == "start_array":
        _skip(events)


def _keys(events: Events) -> Iterator[str]:
    for event, key in events:
        if event == "end_map":
            return
        yield key


def _elements(events: Events) -> Iterator[str]:
    """The event that each element of an array begins with; who takes it takes the rest, too."""
    event, _ = next(events)
    if event == "start_map":
        _skip(events)
    elif event == "start_array":
        for event, _ in events:
            if event == "end_array":
                return
            yield event


def _scalar(events: Events) -> Any:
    """A value; None for an object or an array."""
    event, value = next(events)
    if event in ("start_map", "start_array"):
        _skip(events)
    return value


def _skip(events: Events) -> None:
    """The rest of an object or array that has begun."""
    depth = 1
    for event, _ in events:
        depth += event in ("start_map", "start_array")
        depth -= event in ("end_map", "end_array")
        if depth == 0:
            return


def _events(file: BinaryIO) -> Events:
    source = _Source(file)
    try:
        for event in ijson.basic_parse(source, use_float=True, buf_size=BLOCK):
            source.unanswered = 0
            yield event
    except (ijson.JSONError, ValueError, OverflowError) as error:
        raise Torn(str(error).partition("\n")[0]) from error


class _Source:
    """The file, as long as what is read of it makes events."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.unanswered = 0

    def read(self, size: int) -> bytes:
        self.unanswered += size
        if self.unanswered > MAX_TOKEN:
            raise Torn(f"a string in it is longer than {MAX_TOKEN >> 20} MiB")
        return self._file.read(size)
