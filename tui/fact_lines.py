"""Facts as JSON lines on stdout: one for each fact of a frame, one for each event."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import orjson

from tui.core import media
from tui.core.frame import Event, Frame, Record


def write(record: Record) -> None:
    """Print all facts of a record."""
    for row in _rows(record):
        line(row)
    sys.stdout.buffer.flush()


def line(row: dict[str, Any]) -> None:
    """Print one line."""
    sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def _rows(record: Record) -> Iterator[dict[str, Any]]:
    base = {"seq": record.seq, "mono": record.mono_s}
    if isinstance(record, Event):
        yield {**base, "direction": "event", "kind": record.name, "value": record.detail}
        return
    assert isinstance(record, Frame)
    for fact in record.facts:
        value = fact.value
        if isinstance(value, dict) and "data" in value:
            value = {**value, "data": f"({media.size_bytes(value)} bytes)"}
        yield {
            **base,
            "direction": record.direction.value,
            "kind": fact.kind,
            "family": fact.family.value,
            "path": fact.path,
            "value": value,
        }
