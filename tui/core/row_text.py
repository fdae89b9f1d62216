"""A row of the message list in words; everything in it is safe for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tui.core import media
from tui.core.frame import Direction, Frame, Record
from tui.core.gist import gist
from tui.core.journal import JournalError
from tui.core.rows import Row, Rows
from tui.core.text import safe
from tui.core.wire import Family

_DIRECTIONS = {ord("s"): "sent", ord("r"): "received", ord("e"): "event"}
ARROWS = {"sent": "▲", "received": "▼", "event": "·"}
FOLDED, UNFOLDED = "▸", "▾"

SHOWN_FACTS = 20
"""How many facts of a message a row tells."""

SHOWN_WORDS = 160
"""How many characters of a run of transcriptions a row tells."""

_IMPLIED = ("serverContent.modelTurn.", "serverContent.", "realtimeInput.")
"""What the arrow and the rest of a kind say already."""


@dataclass(frozen=True, slots=True)
class RowText:
    """The cells of a row; a cell that does not apply is empty."""

    seq: str
    time: str
    delta: str
    direction: str
    """sent, received or event."""
    mark: str
    """`FOLDED` at a folded run, `UNFOLDED` at the first row of an unfolded one."""
    kinds: tuple[tuple[str, Family], ...]
    """Shortened, in the order of the wire."""
    count: str
    size: str
    unknown: bool
    gist: str


def row_text(rows: Rows, line: int) -> RowText:
    """The row in words; decodes its first record."""
    row, log = rows[line], rows.log
    try:
        record = log.glance(row.first)
        kinds, said = _kinds(record), _said(record, rows, line)
    except JournalError as error:
        kinds, said = tuple((kind, Family.EVENTS) for kind in log.kinds(row.first)), str(error)
    delta_s = rows.delta_s(line)
    return RowText(
        seq=str(log.seqs[row.first]),
        time=clock(log.mono_s[row.first]),
        delta="" if delta_s is None else f"+{duration(delta_s)}",
        direction=_DIRECTIONS[log.directions[row.first]],
        mark=_mark(row),
        kinds=tuple((short_kind(kind), family) for kind, family in kinds),
        count=f"×{row.count:,}" if row.count > 1 else "",
        size=size_text(row.size) if row.size else "",
        unknown=row.unknown,
        gist=safe(said),
    )


def shown_of(rows: Rows) -> str:
    """``37/1,204 · 45% searched · ``, where a query chooses the records; else empty."""
    matches, total = rows.matches, len(rows.log)
    if matches is None:
        return ""
    searched = f" · {matches.upto / total:.0%} searched" if matches.upto < total else ""
    return f"{rows.shown:,}/{total:,}{searched} · "


def short_kind(kind: str) -> str:
    """The kind without what goes without saying: ``serverContent.modelTurn.audio`` is ``audio``."""
    for implied in _IMPLIED:
        if kind.startswith(implied):
            return safe(kind.removeprefix(implied))
    return safe(kind)


def clock(mono_s: float) -> str:
    """``mm:ss.mmm`` since the start of the journal."""
    ms = round(min(max(0.0, mono_s), 5_999_999.0) * 1000)
    return f"{ms // 60_000:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def duration(seconds: float) -> str:
    """``12 ms``, ``1.20 s``, ``3:07 min``."""
    seconds = min(max(0.0, seconds), 5_999_999.0)
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    return f"{round(seconds) // 60}:{round(seconds) % 60:02} min"


def size_text(size: int) -> str:
    """``27 B``, ``9.6 kB``, ``1.3 MB``: powers of 1000."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:.1f} kB" if size < 999_950 else f"{size / 1e6:,.1f} MB"


def event_gist(detail: Mapping[str, Any]) -> str:
    """An event's detail in one line; safe for a terminal."""
    return safe(" · ".join(f"{key} {_literal(value)}" for key, value in detail.items()))


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # orjson writes 254 levels but reads 1,024
        return "nested too deep to show in a line"


def _kinds(record: Record) -> tuple[tuple[str, Family], ...]:
    if isinstance(record, Frame):
        return tuple((fact.kind, fact.family) for fact in record.facts[:SHOWN_FACTS])
    return ((record.name, Family.EVENTS),)


def _said(record: Record, rows: Rows, line: int) -> str:
    row, log = rows[line], rows.log
    if not isinstance(record, Frame):
        return event_gist(record.detail)
    if row.count == 1:
        return gist(record.facts[:SHOWN_FACTS])
    if not any(kind.endswith(".audio") for kind in log.kinds(row.first)):
        return _words(rows, line)
    took = duration(log.mono_s[row.last] - log.mono_s[row.first])
    audio_s = _audio_s(row, record)
    return f"≈{audio_s:.1f} s of audio in {took}" if audio_s else f"audio in {took}"


def _words(rows: Rows, line: int) -> str:
    """A run of transcriptions joined, as far as a row can show."""
    joined = ""
    for record in rows.frames(line):
        frame = rows.log.glance(record)
        values = [fact.value for fact in frame.facts] if isinstance(frame, Frame) else []
        texts = [value.get("text") for value in values if isinstance(value, dict)]
        joined += "".join(text for text in texts if isinstance(text, str))
        if len(joined) > SHOWN_WORDS:
            return f'"{joined[:SHOWN_WORDS]}…'
    return f'"{joined}"'


def _audio_s(row: Row, first: Frame) -> float:
    """Seconds of PCM in a run, if all its frames are packed as the first; 0.0 if not known.

    Of a frame, all but the base64 of the samples is packing.
    """
    sent = first.direction is Direction.SEND
    rate_hz = media.INPUT_RATE_HZ if sent else media.OUTPUT_RATE_HZ
    blobs = [fact.value for fact in first.facts if isinstance(fact.value, dict)]
    size = sum(map(media.size_bytes, blobs))
    seconds = sum(media.audio_seconds(blob, rate_hz) for blob in blobs)
    packing = first.size - size * 4 / 3
    samples = (row.size - row.count * packing) * 3 / 4
    return max(0.0, samples * seconds / size) if size else 0.0


def _mark(row: Row) -> str:
    if row.run is None or row.run.count == 1:
        return ""
    if row.run.folded:
        return FOLDED
    return UNFOLDED if row.first == row.run.first else ""
