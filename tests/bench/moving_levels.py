"""An app of the workbench's levels that never stand still; ``still`` never moves them."""

from __future__ import annotations

import itertools
import math
import sys

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from tui import theming
from tui.widgets.level_history import LevelHistory
from tui.widgets.meter import Meter

FPS = 20
READY = "levels"


class Levels(App[None]):
    """Two meters and their histories, laid out as in the workbench."""

    CSS = """
    Horizontal { height: 1; }
    .speaker { width: 2fr; }
    .microphone { width: 3fr; margin-left: 2; }
    """

    def __init__(self, moves: bool) -> None:
        super().__init__()
        self._moves = moves
        self._ticks = itertools.count()
        self._meters = Meter("OUT", classes="speaker"), Meter("MIC", classes="microphone")
        self._histories = LevelHistory(classes="speaker"), LevelHistory(classes="microphone")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield from self._meters
        with Horizontal():
            yield from self._histories
        yield Label(READY)

    def on_mount(self) -> None:
        self.set_interval(1 / FPS, self._tick)

    def _tick(self) -> None:
        tick = next(self._ticks)
        level_db = -30 + 25 * math.sin(tick * 0.7) if self._moves else -90.0
        for meter, history in zip(self._meters, self._histories, strict=True):
            meter.show(level_db, level_db + 4, note="here speech · server silence")
            history.show(tick / FPS, level_db, here=tick % 40 < 20, there=tick % 50 < 20)


if __name__ == "__main__":
    Levels(sys.argv[1] == "moving").run()
