"""From exec to the first screen and the whole one, and whether it goes on answering after that."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.table import Aim, Row
from tests.bench.terminal import terminal

RUNS = 9
START_UPS = 5
PANES = ("press Enter", "Select a message")
OURS_LAST, FLOOR_LAST = "Modality", "Key 7"
"""The footer's keys, which Textual draws one or two pictures later."""


def rows() -> list[Row]:
    """The first paint, alternating with the floor's, and the start-up after it."""
    return [*_paint_rows(), *_start_up_rows()]


def _paint_rows() -> list[Row]:
    pairs = [
        (*_paint("tui", OURS_LAST), *_paint("tests.bench.floor", FLOOR_LAST))
        for _ in range(RUNS + 1)
    ]
    panes, whole, floor_panes, floor_whole = (
        1000 * statistics.median(times)
        for times in zip(*pairs[1:], strict=True)  # the first ones have written the bytecode
    )
    return [
        Row(
            "first paint of the workbench",
            panes,
            "ms",
            f"exec to all panes, emulator started by it; medians of {RUNS}, alternating;"
            " floor: as many of Textual's own widgets",
            floor_panes,
            Aim(1.3, of_ratio=True),
        ),
        Row(
            "whole screen",
            whole,
            "ms",
            "with the footer's keys, which Textual draws a picture or two later",
            floor_whole,
            Aim(1.3, of_ratio=True),
        ),
    ]


def _paint(module: str, last: str) -> tuple[float, float]:
    with terminal(module) as program:
        return program.wait_for(*PANES), program.wait_for(last)


def _start_up_rows() -> list[Row]:
    runs = [(_start_up("ours"), _start_up("floor")) for _ in range(START_UPS)]
    ours, floor = zip(*runs, strict=True)
    early = {
        name
        for seen in ours
        for name, asked_s in seen["asked_s"].items()
        if asked_s is not None and asked_s < seen["painted_s"]
    }
    sdk_s = statistics.median(seen["asked_s"]["google.genai"] - seen["painted_s"] for seen in ours)
    gaps_ms, floor_gaps_ms = (
        [1000 * seen["longest_gap_s"] for seen in runs] for runs in (ours, floor)
    )
    return [
        Row(
            "heavy modules imported before the first paint",
            float(len(early)),
            "",
            f"{', '.join(sorted(early)) or 'none'}; the SDK's import begins {1000 * sdk_s:.0f} ms"
            " after it",
            aim=Aim(0),
        ),
        Row(
            "longest UI gap of the start-up",
            statistics.median(gaps_ms),
            "ms",
            f"a 5 ms timer until 1 s after the connection; median of {START_UPS}, worst"
            f" {max(gaps_ms):.0f}; floor: its own start, worst {max(floor_gaps_ms):.0f}",
            statistics.median(floor_gaps_ms),
            Aim(100),
        ),
    ]


def _start_up(which: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        report = Path(folder, "report.json")
        with terminal("tests.bench.probe", which, str(report)) as program:
            program.wait_for_end()
        seen: dict[str, Any] = json.loads(report.read_text())
        return seen
