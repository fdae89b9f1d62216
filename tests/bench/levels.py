"""What the levels cost while a person and the model speak at once."""

from __future__ import annotations

from tests.bench.moving_levels import FPS, READY
from tests.bench.table import Aim, Row
from tests.bench.terminal import terminal

SETTLE_S = 3
WINDOW_S = 10


def rows() -> list[Row]:
    """Both meters and both histories, every picture another one."""
    return [
        Row(
            f"levels and histories at {FPS} pictures/s",
            _share("moving"),
            "% of a core",
            f"an app of nothing else, over {WINDOW_S} s; peer: the same app at digital silence",
            _share("still"),
            Aim(8),
        )
    ]


def _share(what: str) -> float:
    with terminal("tests.bench.moving_levels", what, TEXTUAL_ANIMATIONS="none") as program:
        program.wait_for(READY)
        program.watch(SETTLE_S)
        return program.processor_share(WINDOW_S)
