"""HAR 1.2 as Chrome reads and writes it: an entry for each connection, its messages inside.

Chrome reads ``type``, ``time``, ``opcode`` and ``data`` of a message and passes over keys with an
underscore (DevTools, ``models/har``). Those are here so that nothing is lost on the way back:

- of a message ``_seq`` and ``_mono`` (the journal's), ``_opcode`` where the true one is another,
  ``_masked`` where a credential was masked;
- of an entry ``_events``, what happened on this side meanwhile;
- of the log ``_journal``, the journal's header.

There is a message a line, so that a reader need not hold the document.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, BinaryIO

import orjson

from tui.core.frame import BINARY, TEXT, Direction, Event, Frame
from tui.core.journal import JournalError
from tui.exporters.material import Material

CHROME_BYTES = 512 << 20
"""V8 holds no longer string (2^29 - 24 characters), so DevTools reads no larger file."""


def export(material: Material, out: BinaryIO) -> None:
    """Write it faithfully: binary messages, as the service sends them, as base64."""
    _export(material, out, as_text=False)


def export_text(material: Material, out: BinaryIO) -> None:
    """Write binary messages that are UTF-8 as text, so that DevTools shows their JSON as a tree."""
    _export(material, out, as_text=True)


def _export(material: Material, out: BinaryIO, *, as_text: bool) -> None:
    header = material.redactor.header(material.log.header)
    creator = {"name": "bidiscope", "version": version("bidiscope")}
    out.write(b'{"log":{"version":"1.2","creator":' + orjson.dumps(creator))
    out.write(b',"_journal":' + orjson.dumps(header) + b',"pages":[],"entries":[')
    for number, stretch in enumerate(_stretches(material)):
        out.write(b",\n" if number else b"\n")
        _write_entry(material, out, stretch, number, as_text=as_text)
    out.write(b"\n]}}\n")
    if out.tell() > CHROME_BYTES:
        material.notes.append("Chrome reads no HAR of more than 512 MB; this one is larger.")


@dataclass(frozen=True)
class Stretch:
    """The rows of one connection."""

    rows: range
    opening: Event | None
    closed: Event | None

    def detail(self, name: str) -> str:
        """What the connection's opening says of itself."""
        return str(self.opening.detail.get(name, "")) if self.opening else ""


def _stretches(material: Material) -> Iterator[Stretch]:
    """Each begins at an opening; what stands before the first one belongs to it."""
    material = material.again()
    openings = [*material.of_kind("connection.opening")]
    starts = [0, *openings[1:], material.rows]
    closings = material.of_kind("connection.closed")
    for at, start in enumerate(starts[:-1]):
        rows = range(start, starts[at + 1])
        closed = [row for row in closings if row in rows]
        yield Stretch(
            rows,
            _event(material, openings[at]) if openings else None,
            _event(material, closed[-1]) if closed else None,
        )


def _event(material: Material, row: int) -> Event:
    record = material.redactor.record(material.log.record(row))
    if not isinstance(record, Event):
        raise JournalError("The recording has changed while it was read; export it again.")
    return record


def _write_entry(
    material: Material, out: BinaryIO, stretch: Stretch, number: int, *, as_text: bool
) -> None:
    directions = material.log.directions
    events = (row for row in stretch.rows if directions[row] == ord("e"))
    frames = (row for row in stretch.rows if directions[row] != ord("e"))
    opened = any(directions[row] != ord("e") for row in stretch.rows)
    head = orjson.dumps(_entry(material, stretch, number, opened=opened))
    out.write(head[:-1] + b',"_webSocketMessages":[')
    separator = b"\n"
    for _, record in material.records(material.wanted(frames)):
        if isinstance(record, Frame):
            out.write(separator + orjson.dumps(message(record, as_text=as_text)))
            separator = b",\n"
    out.write(b'\n],"_events":[')
    separator = b"\n"
    for _, record in material.records(material.wanted(events)):
        if isinstance(record, Event):
            out.write(separator + orjson.dumps(_happened(record)))
            separator = b",\n"
    out.write(b"\n]}")


def message(frame: Frame, *, as_text: bool = False) -> dict[str, Any]:
    """One of ``_webSocketMessages``."""
    opcode, data = frame.opcode, ""
    try:
        data = frame.payload.decode() if as_text or opcode == TEXT else ""
        opcode = TEXT if as_text else opcode
    except UnicodeDecodeError:
        opcode = BINARY
    if opcode != TEXT:
        data = base64.b64encode(frame.payload).decode()
    row: dict[str, Any] = {
        "type": "send" if frame.direction is Direction.SEND else "receive",
        "time": frame.time_s,
        "opcode": opcode,
        "data": data,
        "_seq": frame.seq,
        "_mono": frame.mono_s,
    }
    if opcode != frame.opcode:
        row["_opcode"] = frame.opcode
    if frame.masked:
        row["_masked"] = True
    return row


def _happened(event: Event) -> dict[str, Any]:
    return {
        "_seq": event.seq,
        "time": event.time_s,
        "_mono": event.mono_s,
        "name": event.name,
        "detail": event.detail,
    }


def _entry(material: Material, stretch: Stretch, number: int, *, opened: bool) -> dict[str, Any]:
    """All of an entry but its messages.

    The journal does not hold the URL's path nor the headers, so they are not here either.
    """
    log, rows = material.log, stretch.rows
    first = _first_time_s(material, stretch)
    total_ms = max(0.0, (log.mono_s[rows[-1]] - log.mono_s[rows[0]]) * 1000) if rows else 0.0
    url = stretch.detail("url") or f"wss://{stretch.detail('host') or 'unknown.invalid'}/"
    closed: Mapping[str, Any] = stretch.closed.detail if stretch.closed else {}
    error = "" if opened else str(closed.get("message", "")) or "no connection came about"
    port = url.partition("://")[2].partition("/")[0].rpartition(":")[2]
    return {
        "_connectionId": str(number + 1),
        "_resourceType": "websocket",
        "startedDateTime": _iso(first),
        "time": total_ms,
        "request": {
            "method": "GET",
            "url": url,
            "httpVersion": "http/1.1",
            "headers": [],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": _response(opened=opened, error=error),
        "cache": {},
        "timings": {
            "blocked": -1,
            "dns": -1,
            "connect": -1,
            "ssl": -1,
            "send": 0,
            "wait": 0,
            "receive": total_ms,
        },
        "connection": port if port.isdecimal() else "443",
    }


def _response(*, opened: bool, error: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": 101 if opened else 0,
        "statusText": "Switching Protocols" if opened else "",
        "httpVersion": "http/1.1",
        "headers": [],
        "cookies": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": 0,
    }
    return {**response, "_error": error} if error else response


def _first_time_s(material: Material, stretch: Stretch) -> float:
    if stretch.opening is not None:
        return stretch.opening.time_s
    return material.log.record(stretch.rows[0]).time_s if stretch.rows else 0.0


def _iso(time_s: float) -> str:
    """As Chrome writes it; the epoch for a time that no calendar has."""
    try:
        moment = datetime.fromtimestamp(time_s, UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(0, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
