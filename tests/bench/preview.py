"""What the preview costs while a picture moves in it, against Textual's own Static."""

from __future__ import annotations

from tests.bench.moving_picture import COLUMNS, FPS, READY, ROWS
from tests.bench.table import Aim, Row
from tests.bench.terminal import terminal

SETTLE_S = 3
WINDOW_S = 8


def rows() -> list[Row]:
    """A scene, and the worst that there can be, far more often than a picture is sent."""
    name = f"preview, {FPS} pictures/s in {COLUMNS}x{ROWS}"
    peer = "peer: Textual's Static with the same half blocks"
    return [
        Row(
            f"{name}, a moving scene",
            _share("ours", "scene"),
            "% of a core",
            f"JPEG 768x432 decoded and drawn, over {WINDOW_S} s; {peer}",
            _share("peer", "scene"),
            Aim(15),
        ),
        Row(
            f"{name}, noise",
            _share("ours", "noise"),
            "% of a core",
            "the worst case: each cell in two colours that no cell had before",
            _share("peer", "noise"),
        ),
    ]


def _share(which: str, what: str) -> float:
    with terminal("tests.bench.moving_picture", which, what, TEXTUAL_ANIMATIONS="none") as program:
        program.wait_for(READY)
        program.watch(SETTLE_S)
        return program.processor_share(WINDOW_S)
