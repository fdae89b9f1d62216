"""The screen of this computer, one monitor of it or all."""

from __future__ import annotations

from typing import Any

import numpy as np

from tui.media.eye import SourceError
from tui.media.picture import Image

OFF = "The screen is off:"
AGAIN = "bidiscope tries again every second."
PERIOD_S = 0.2
"""The server takes one picture a second; it shall not be older than this."""


class Screen:
    """A monitor.

    Args:
        monitor: its number, from 1; 0 is all of them in one picture.
    """

    period_s = PERIOD_S

    def __init__(self, monitor: int) -> None:
        self._monitor = monitor
        self.name = f"monitor {monitor}" if monitor else "all monitors"
        self._screen: Any = None
        self._area: Any = None
        self._shot: Any = None

    def open(self) -> None:
        """Connect to the display."""
        try:
            import mss

            self._screen = mss.MSS()
            monitors = self._screen.monitors
        except Exception as error:  # each system has errors of its own, and X no common one
            raise SourceError(
                f"{OFF} there is no display to look at ({_words(error)}). Start bidiscope in a "
                f"desktop session, or name its display in DISPLAY. {AGAIN}"
            ) from error
        if self._monitor >= len(monitors):
            raise SourceError(
                f"{OFF} there is no monitor {self._monitor}; this display has "
                f"{len(monitors) - 1}. --screen takes its number, 0 is all of them."
            )
        self._area = monitors[self._monitor]

    def advance(self) -> None:
        """Look."""
        try:
            self._shot = self._screen.grab(self._area)
        except Exception as error:
            raise SourceError(f"{OFF} {self.name} has gone ({_words(error)}). {AGAIN}") from error

    def image(self) -> Image:
        """What was seen, as rows x columns x (blue, green, red, nothing)."""
        return np.asarray(self._shot, np.uint8)

    def close(self) -> None:
        """Leave the display."""
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.close()


def _words(error: Exception) -> str:
    """The first line of what it says; a lost X server makes mss say nothing."""
    return str(error).partition("\n")[0].rstrip(". ") or "it does not answer"
