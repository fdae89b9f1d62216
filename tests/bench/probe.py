"""Runs bidiscope as its command line does, and writes down what its own process can see.

``python -m tests.bench.probe REPORT [FLAGS…]``. The report is one JSON object: when the first
screen was written, when each heavy module began to be imported (None: not at all), both in seconds
since the start, and the gaps of the event loop from the first paint to a second after the connection.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from textual.screen import Screen

START_S = time.perf_counter()
HEAVY = ("numpy", "soxr", "sounddevice", "google.genai", "websockets", "cv2", "cryptography")
PERIOD_S = 0.005
SETTLED_S = 1.0


class ImportWatch:
    """A finder that finds nothing, and notes when it is first asked for a heavy module."""

    def __init__(self) -> None:
        self.asked_s: dict[str, float | None] = dict.fromkeys(HEAVY)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in self.asked_s and self.asked_s[name] is None:
            self.asked_s[name] = time.perf_counter() - START_S
        return None


def main(report: Path, flags: list[str]) -> int:
    """Run until the connection has settled, then quit by itself."""
    watch = ImportWatch()
    sys.meta_path.insert(0, watch)
    from tui import app, cli

    class Probed(app.Bidiscope):
        CSS_PATH = Path(app.__file__).with_name("app.tcss")
        painted_s: float | None = None

        def _display(self, screen: Screen[Any], renderable: Any) -> None:
            super()._display(screen, renderable)
            if self.painted_s is None and renderable is not None:
                self.painted_s = time.perf_counter() - START_S
                self._measuring = asyncio.create_task(self._measure())

        async def _measure(self) -> None:
            gaps_s: list[float] = []
            settled_s = float("inf")
            while (now_s := time.perf_counter()) < settled_s:
                await asyncio.sleep(PERIOD_S)
                gaps_s.append(time.perf_counter() - now_s - PERIOD_S)
                if settled_s == float("inf") and self._evidence.session.connected:
                    settled_s = now_s + SETTLED_S
            seen = {"painted_s": self.painted_s, "asked_s": watch.asked_s, "gaps_s": gaps_s}
            report.write_text(json.dumps(seen))
            self.exit()

    app.Bidiscope = Probed  # type: ignore[misc]
    return cli.main(flags)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
