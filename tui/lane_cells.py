"""A lane of the timeline in cells: characters and their looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len

from tui.core.lanes import Points, Run
from tui.core.text import safe
from tui.core.timeline import Lane, Timeline
from tui.core.window import Window

FLOOR_DB: Final = -60.0
"""What the lowest block shows; fainter sound shows nothing."""
LOOKS: Final = (
    *("mic", "playback", "here", "server", "user", "user-text", "generation", "generation-text"),
    *("tools", "tools-text", "cut", "connection", "connection-text", "frames", "error", "warn"),
)

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_SPEECH: Final = "━"
_MARKS: Final = {
    Lane.INTERRUPTIONS: {"": "✂"},
    Lane.FRAMES: {"": "▪"},
    Lane.FINDINGS: {"error": "E", "warn": "W", "note": "n"},
    Lane.NOTICES: {"error": "!", "closed": "✕", "goAway": "G"},
}
"""What points look like; of several in a cell the first of these."""
_POINT_LOOKS: Final = {
    (Lane.FRAMES, ""): "frames",
    (Lane.FINDINGS, "error"): "error",
    (Lane.FINDINGS, "note"): "frames",
    (Lane.NOTICES, "error"): "error",
    (Lane.NOTICES, "closed"): "error",
}
"""All other points are warnings."""
_NAMED: Final = frozenset({Lane.USER, Lane.GENERATION, Lane.TOOLS, Lane.CONNECTION})
"""The lanes whose spans are named by what is said or done in them."""

Cell = tuple[str, str]
"""A character, empty after a wide one, and one of `LOOKS`, empty for none."""


def cells(timeline: Timeline, lane: Lane, window: Window, now_s: float) -> list[Cell]:
    """The lane as far as it is in the window; what goes on ends at ``now_s``."""
    drawn: list[Cell] = [(" ", "")] * window.cells
    spans, points, levels = timeline.spans(lane), timeline.points(lane), timeline.levels(lane)
    if spans is None and levels is not None:
        _draw_levels(levels, window, 0, window.cells, "mic", drawn)
    if points is not None:
        _draw_points(lane, points, window, drawn)
    if spans is None:
        return drawn
    runs = list(spans.runs(window.start_s, window.cell_s, window.cells, now_s))
    for index, run in enumerate(runs):
        if levels is not None:
            _draw_levels(levels, window, run.first, run.end, "playback", drawn)
        elif lane in _NAMED:
            room = runs[index + 1].first if index + 1 < len(runs) else window.cells
            _draw_name(lane, run, room, drawn)
        else:
            look = "here" if lane is Lane.HERE else "server"
            drawn[run.first : run.end] = [(_SPEECH, look)] * (run.end - run.first)
    return drawn


def _draw_levels(
    levels: Callable[[float, float], float],
    window: Window,
    first: int,
    end: int,
    look: str,
    drawn: list[Cell],
) -> None:
    """A block as high as the highest peak in a cell."""
    start_s = window.time_s(first)
    for cell in range(first, end):
        end_s = window.time_s(cell + 1)
        share = min(1.0, max(0.0, 1 - levels(start_s, end_s) / FLOOR_DB))
        drawn[cell] = (_BLOCKS[round(share * (len(_BLOCKS) - 1))], look)
        start_s = end_s


def _draw_points(lane: Lane, points: Points, window: Window, drawn: list[Cell]) -> None:
    marks = _MARKS[lane]
    for cell, there in points.cells(window.start_s, window.cell_s, window.cells):
        looks = {point.look for point in there}
        look = next((look for look in marks if look in looks), None)
        sign = "•" if look is None else marks[look]
        drawn[cell] = (sign, _POINT_LOOKS.get((lane, look or ""), "warn"))


def _draw_name(lane: Lane, run: Run, room: int, drawn: list[Cell]) -> None:
    """A span in reverse video, its name from its first cell on, as far as there is room."""
    cut = lane is Lane.TOOLS and run.span.look in ("cancelled", "cut")
    looks = "cut" if cut else str(lane), f"{lane}-text"
    cell = run.first
    for char in f" {safe(run.span.label)} " if run.span.label else "":
        width = cell_len(char)
        if cell + width > room:
            break
        look = looks[cell >= run.end]
        drawn[cell : cell + width] = [(char, look), ("", look)][:width]
        cell += width
    for rest in range(cell, run.end):
        drawn[rest] = (" ", looks[0])
