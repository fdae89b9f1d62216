"""From exec to the first whole screen, and whether the screen stays answering after it."""

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
OURS = ("press Enter", "Select a message", "Modality")
FLOOR = ("press Enter", "Select a message", "Key 7")


def rows() -> list[Row]:
    """The first paint, alternating with the floor's, and the start-up after it."""
    pairs = [(_paint("tui", OURS), _paint("tests.bench.floor", FLOOR)) for _ in range(RUNS + 1)]
    ours_s, floor_s = (statistics.median(times[1:]) for times in zip(*pairs, strict=True))
    start_ups = [_start_up() for _ in range(START_UPS)]
    return [
        Row(
            "first paint of the workbench",
            ours_s * 1000,
            "ms",
            f"exec to the last marker of the screen, emulator starting; medians of {RUNS} each;"
            " floor: Textual's own widgets",
            floor_s * 1000,
            Aim(1.3, of_ratio=True),
        ),
        *_start_up_rows(start_ups),
    ]


def _paint(module: str, texts: tuple[str, ...]) -> float:
    with terminal(module) as program:
        return program.wait_for(*texts)


def _start_up() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        report = Path(folder, "report.json")
        with terminal("tests.bench.probe", str(report)) as program:
            program.wait_for_end()
        seen: dict[str, Any] = json.loads(report.read_text())
        return seen


def _start_up_rows(start_ups: list[dict[str, Any]]) -> list[Row]:
    early = sorted(
        {
            name
            for seen in start_ups
            for name, asked_s in seen["asked_s"].items()
            if asked_s is not None and asked_s < seen["painted_s"]
        }
    )
    leads_s = [seen["asked_s"]["google.genai"] - seen["painted_s"] for seen in start_ups]
    longest_s = [max(seen["gaps_s"]) for seen in start_ups]
    return [
        Row(
            "heavy imports before the first paint",
            float(len(early)),
            "",
            f"{', '.join(early) or 'none'}; the SDK's import begins "
            f"{statistics.median(leads_s) * 1000:.0f} ms after it",
            aim=Aim(0),
        ),
        Row(
            "longest UI gap of the start-up",
            statistics.median(longest_s) * 1000,
            "ms",
            f"a 5 ms timer until 1 s after the connection; median of {START_UPS} start-ups, "
            f"worst {max(longest_s) * 1000:.0f} ms",
            aim=Aim(100),
        ),
    ]
