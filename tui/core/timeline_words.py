"""What a timeline has at a moment, in words; all of it is safe for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tui.core.lanes import OPEN
from tui.core.row_text import duration
from tui.core.text import safe
from tui.core.timeline import AT_ONCE, Lane, Timeline


def under(timeline: Timeline, lane: Lane | None, start_s: float, end_s: float) -> str:
    """What a lane has between two times: its first point, else its span, and its level."""
    if lane is None:
        return "nothing to show yet"
    spans, points, levels = timeline.spans(lane), timeline.points(lane), timeline.levels(lane)
    there = points.within(start_s, end_s) if points is not None else []
    if there:
        more = f"and {len(there) - 1} more" if len(there) > 1 else ""
        return _joined(lane, there[0].look, there[0].label, more)
    span = spans.over(start_s, end_s) if spans is not None else None
    peak = ""
    if levels is not None and (span is not None or spans is None):
        peak = f"peak {levels(start_s, end_s):.0f} dB"
    if span is None:
        return _joined(lane, peak)
    lasted = "" if span.end_s == OPEN else duration(span.end_s - span.start_s)
    look = span.look if lane is Lane.TOOLS else ""
    return _joined(lane, span.label, look, lasted, peak)


def reading(timeline: Timeline, rows: int) -> Iterator[str]:
    """How much of a log's records is still to be read, and what is not known of its playback."""
    if timeline.rows < rows - AT_ONCE:
        yield f"reading records: {timeline.rows / rows:.0%}"
    elif timeline.heard < rows - AT_ONCE:
        yield f"reading levels: {timeline.heard / rows:.0%}"
    if not timeline.sound.known and timeline.sound.spans:
        yield "playback is laid out at arrival"


def _joined(*words: str) -> str:
    return safe(" ".join(filter(None, words)))
