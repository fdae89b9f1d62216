"""What it costs to pan and zoom through the timeline of an hour."""

from __future__ import annotations

from tests.bench.panning import FPS, HOUR_S, READY
from tests.bench.table import Aim, Row
from tests.bench.terminal import terminal

SETTLE_S = 3
WINDOW_S = 8


def rows() -> list[Row]:
    """A frame in which every cell of every lane is another one."""
    return [
        Row(
            f"timeline of {HOUR_S // 3600} h, panned and zoomed, a frame",
            _frame_ms("ours"),
            "ms",
            f"{FPS} frames/s in 120 cells over {WINDOW_S} s, levels from whole hours to 20 ms; "
            "floor: an empty widget of as many lines",
            _frame_ms("empty"),
            Aim(1000 / FPS),
        )
    ]


def _frame_ms(which: str) -> float:
    with terminal("tests.bench.panning", which, TEXTUAL_ANIMATIONS="none") as program:
        program.wait_for(READY, timeout_s=120)
        program.watch(SETTLE_S)
        return program.processor_share(WINDOW_S) / 100 / FPS * 1000
