"""An app that writes down what its own process can see of its start: ``probe ours|floor REPORT``.

The report is one JSON object: when the first screen was written, when each heavy module began to
be imported (null: not at all), both in seconds since the start, and the longest gap of the event
loop from the first screen until a second after the connection, or for as long without one.
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

from textual.app import App
from textual.screen import Screen

from tests.bench.gaps import gaps_s

START_S = time.perf_counter()
HEAVY = ("numpy", "soxr", "sounddevice", "google.genai", "websockets", "cv2", "cryptography")
SETTLED_S = 1.0
WITHOUT_CONNECTION_S = 2.5


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


class Probe(App[None]):
    """Mixed into an app: measures from the first screen on, then ends it."""

    watch_imports: ImportWatch
    report: Path
    _painted_s: float | None = None
    _connected_s: float | None = None

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if self._painted_s is None and renderable is not None:
            self._painted_s = time.perf_counter() - START_S
            self._measuring = asyncio.create_task(self._measure(self._painted_s))

    async def _measure(self, painted_s: float) -> None:
        gaps = await gaps_s(self._settled)
        seen = {
            "painted_s": painted_s,
            "asked_s": self.watch_imports.asked_s,
            "longest_gap_s": max(gaps),
        }
        self.call_later(self._finish, json.dumps(seen))

    def _settled(self) -> bool:
        now_s = time.perf_counter() - START_S
        if self._connected_s is None and self.is_connected:
            self._connected_s = now_s
        return self._connected_s is not None and now_s > self._connected_s + SETTLED_S

    @property
    def is_connected(self) -> bool:
        """Whether what is waited for has come."""
        assert self._painted_s is not None
        return time.perf_counter() - START_S > self._painted_s + WITHOUT_CONNECTION_S

    def _finish(self, seen: str) -> None:
        self.report.write_text(seen)
        self.exit()


def ours() -> None:
    """Bidiscope as its command line starts it."""
    from tui import app, cli

    class ProbedBidiscope(Probe, app.Bidiscope):
        CSS_PATH = str(Path(app.__file__).with_name("app.tcss"))

        @property
        def is_connected(self) -> bool:
            return self._evidence.session.connected

    app.Bidiscope = ProbedBidiscope  # type: ignore[misc]
    cli.main([])


def floor() -> None:
    """The floor, with nothing to connect to."""
    from tests.bench.floor import Floor

    class ProbedFloor(Probe, Floor):
        pass

    ProbedFloor().run()


if __name__ == "__main__":
    Probe.watch_imports = ImportWatch()
    sys.meta_path.insert(0, Probe.watch_imports)
    Probe.report = Path(sys.argv[2])
    (ours if sys.argv[1] == "ours" else floor)()
