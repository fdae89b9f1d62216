"""What playing a dense recording at 16x costs, and whether keys are answered meanwhile."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from tests.bench import hour
from tests.bench.table import Aim, Row
from tests.bench.terminal import Terminal, terminal

SPEED = 16
HOURS = 0.35
"""Enough for the time that it is watched."""
SETTLE_S = 6
WINDOW_S = 8
KEYS = 12


def rows() -> list[Row]:
    """37 messages a second, a picture among them, sixteen times as fast."""
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        path = Path(folder) / "hour.jsonl"
        hour.write(path, HOURS)
        with terminal("tui", "open", str(path), TEXTUAL_ANIMATIONS="none") as program:
            program.wait_for("END")
            program.watch(SETTLE_S)
            rested_ms = _answer_ms(program)
            program.type(b" ")
            program.wait_for("PLAYING")
            program.type(b">" * 6)
            program.watch(SETTLE_S)
            share = program.processor_share(WINDOW_S)
            playing_ms = _answer_ms(program)
    return [
        Row(f"playing at {SPEED}x, 600 messages/s", share, "% of a core", "", None, Aim(50)),
        Row(
            "key to its answer on the screen while it plays, p50",
            playing_ms,
            "ms",
            f"{KEYS} changes of the speed; peer: the same keys while it is paused",
            rested_ms,
            Aim(150),
        ),
    ]


def _answer_ms(program: Terminal) -> float:
    """From a key that changes the speed to the new one on the terminal; it is at an end after."""
    found_ms = []
    for number in range(KEYS):
        key, told = (b"<", "8x") if number % 2 == 0 else (b">", "16x")
        program.type(b">" * 6 if number == 0 else b"")
        program.watch(0.5)
        program.output = b""
        start_s = time.perf_counter()
        program.type(key)
        program.wait_for(told, timeout_s=5)
        found_ms.append((time.perf_counter() - start_s) * 1000)
    return statistics.median(found_ms)
