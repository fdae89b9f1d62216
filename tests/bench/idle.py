"""What the workbench costs while nothing happens."""

from __future__ import annotations

from tests.bench.gateway import gateway
from tests.bench.table import Aim, Row
from tests.bench.terminal import Terminal, terminal

WINDOW_S = 10
SETTLE_S = 3


def rows() -> list[Row]:
    """Connected and silent, against the floor that does nothing."""
    with gateway(0) as server, terminal("tui", **server.environ) as program:
        program.wait_for("Ready")
        ours = _idle(program)
    with terminal("tests.bench.floor") as program:
        program.wait_for("press Enter")
        floor = _idle(program)
    return [
        Row(
            "processor while idle",
            ours,
            "% of a core",
            f"connected and silent, over {WINDOW_S} s; floor: Textual's own widgets, also with a"
            " blinking cursor",
            floor,
            Aim(1),
        )
    ]


def _idle(program: Terminal) -> float:
    program.watch(SETTLE_S)
    return program.processor_share(WINDOW_S)
