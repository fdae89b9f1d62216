"""Messages and events as a table: CSV (RFC 4180) and JSON Lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

from tui.core import media, schema
from tui.core.frame import Frame, Record
from tui.core.gist import gist
from tui.core.text import safe
from tui.exporters.material import Material

COLUMNS = (
    *("row", "seq", "time", "mono_s", "delta_s", "direction", "opcode"),
    *("kind", "size_bytes", "turn", "unknown", "masked", "summary"),
)

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What begins a cell that a spreadsheet computes (OWASP, CSV Injection), full width too."""


def export_csv(material: Material, out: BinaryIO) -> None:
    """Write a header line, then a line for each record; UTF-8, lines end with CR LF."""
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for columns, _ in _rows(material):
        lines.writerow([_cell(columns[name]) for name in COLUMNS])
    text.detach()


def export_jsonl(material: Material, out: BinaryIO) -> None:
    """Write an object for each record: the columns, and its facts or an event's detail."""
    for columns, record in _rows(material):
        if isinstance(record, Frame):
            said: dict[str, Any] = {"facts": [*_facts(record)]}
        else:
            said = {"detail": record.detail}
        try:
            line = orjson.dumps({**columns, **said}, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # nested deeper than orjson writes
            line = orjson.dumps({**columns, "too_deep": True}, option=orjson.OPT_APPEND_NEWLINE)
        out.write(line)


def _rows(material: Material) -> Iterator[tuple[dict[str, Any], Record]]:
    log, before_s = material.log, None
    for row, record in material.records(material.wanted(range(material.rows))):
        frame = record if isinstance(record, Frame) else None
        summary = (
            gist(record.facts)
            if isinstance(record, Frame)
            else orjson.dumps(record.detail).decode()
        )
        yield (
            {
                "row": row + 1,
                "seq": record.seq,
                "time": _iso(record.time_s),
                "mono_s": record.mono_s,
                "delta_s": None if before_s is None else round(record.mono_s - before_s, 6),
                "direction": frame.direction.value if frame else "event",
                "opcode": frame.opcode if frame else None,
                "kind": " ".join(log.kinds(row)),
                "size_bytes": log.sizes[row] if frame else None,
                "turn": log.turns[row] or None,
                "unknown": bool(log.unknown[row]),
                "masked": bool(frame and frame.masked),
                "summary": summary,
            },
            record,
        )
        before_s = record.mono_s


def _facts(frame: Frame) -> Iterator[dict[str, Any]]:
    for fact in frame.facts:
        yield {
            "kind": fact.kind,
            "family": fact.family.value,
            "path": fact.path,
            "unknown": fact.unknown,
            "value": _without_data(fact.value),
        }


def _without_data(value: Any, depth: int = schema.MAX_DEPTH) -> Any:
    """Of media only how many bytes they have."""
    if not depth:
        return value
    if isinstance(value, list):
        return [_without_data(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("data"), str) and "mimeType" in value:
        return {**value, "data": None, "data_bytes": media.size_bytes(value)}
    return {key: _without_data(item, depth - 1) for key, item in value.items()}


def _cell(value: object) -> object:
    """Text that no spreadsheet takes for a formula and no terminal for an order."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = safe(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _iso(time_s: float) -> str | None:
    try:
        return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, OSError):
        return None
