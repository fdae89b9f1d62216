"""An app that shows a moving picture: ``moving_picture ours|peer scene|noise``.

The peer is Textual's own Static with the same half blocks.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment, Segments
from textual.app import App, ComposeResult
from textual.widgets import Static

from tui import theming
from tui.core.video import Lens, Picture, Video
from tui.half_blocks import half_blocks
from tui.media.picture import encoded, pixels
from tui.widgets.preview import Preview

COLUMNS, ROWS, FPS = 64, 18, 10
SECONDS = 6
"""So that it does not come round before the styles of its beginning are forgotten."""
READY = "moving"

Shot = NDArray[np.float64]
"""Rows x columns x (blue, green, red)."""


def film(what: str) -> list[Picture]:
    """All of it, as it would be sent."""
    draw = {"scene": scene, "noise": noise}[what]
    shots = (np.clip(draw(number), 0, 255).astype(np.uint8) for number in range(SECONDS * FPS))
    return [encoded(shot, 768) for shot in shots]


def scene(number: int) -> Shot:
    """A disc before a wall in slanting light that both move, in a camera's noise."""
    y, x = np.mgrid[0:432, 0:768]
    light = 40 + 130 * (x + y) / 1200 + 30 * np.sin((x - 12 * number) / 90)
    shot = np.stack([0.8 * light, light, 0.9 * light + y / 8], -1)
    disc = (x - 384 - 250 * np.sin(number / 9)) ** 2 + (y - 216) ** 2 < 90**2
    shot[disc] = [40, 60, 220]
    return shot + np.random.default_rng(number).normal(0, 8, shot.shape)


def noise(number: int) -> Shot:
    """Each pixel of the terminal is another one than its neighbours and than all before."""
    small = np.random.default_rng(number).uniform(0, 255, (2 * ROWS, COLUMNS, 3))
    return small.repeat(12, 0).repeat(12, 1)


class Moving(App[None]):
    """Ten pictures a second, each decoded from its JPEG."""

    CSS = f"Preview, Static {{ width: {COLUMNS}; height: {ROWS + 2}; }}"

    def __init__(self, which: str, what: str) -> None:
        super().__init__()
        self._peer = Static(READY) if which == "peer" else None
        self._preview = Preview(pixels)
        self._film = film(what)
        self._shown = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self._peer or self._preview
        yield Static(READY)

    def on_mount(self) -> None:
        self.set_interval(1 / FPS, self._next)

    def _next(self) -> None:
        self._shown += 1
        picture = self._film[self._shown % len(self._film)]
        if self._peer is None:
            lens = Lens(name=READY, seen=True)
            age_s = time.perf_counter() % 1
            self._preview.show(Video("camera", lens, True, picture, age_s, 1 - age_s))
        else:
            lines = half_blocks(pixels(picture, COLUMNS, 2 * ROWS), COLUMNS)
            segments = [each for line in lines for each in (*line, Segment.line())]
            self._peer.update(Segments(segments))


if __name__ == "__main__":
    Moving(sys.argv[1], sys.argv[2]).run()
