"""The last seconds of a level on one line, and who heard speech in them."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.core.playback import SILENCE_DB

SLOT_S: Final = 0.25
"""What a cell stands for."""
MOST_SLOTS: Final = 400
FLOOR_DB: Final = -60.0
"""What the lowest block shows; fainter sound shows nothing."""
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_MARGIN_CELLS: Final = 4
UNDERLINE: Final = Style(underline=True)


class Slot(NamedTuple):
    """The loudest level of a quarter of a second, and whether speech was heard in it."""

    level_db: float = SILENCE_DB
    here: bool = False
    """By the voice activity detection on this machine."""
    there: bool = False
    """By the server's."""

    @property
    def block(self) -> str:
        """Its height in eighths of a cell."""
        share = min(1.0, max(0.0, 1 - self.level_db / FLOOR_DB))
        return _BLOCKS[round(share * (len(_BLOCKS) - 1))]


class LevelHistory(Widget):
    """A block for each quarter of a second, the newest at the right.

    Speech that was heard here has its colour; what the server took for speech is underlined.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("level-history--sound", "level-history--speech"),
    }

    DEFAULT_CSS = """
    LevelHistory {
        height: 1;
        & > .level-history--sound { color: $text-muted; }
        & > .level-history--speech { color: $bd-speech; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._slots = deque([Slot()], maxlen=MOST_SLOTS)
        """The last one is still going on."""
        self._number = 0
        """Of the last one, since the clock began."""

    def show(
        self, now_s: float, level_db: float, *, here: bool = False, there: bool = False
    ) -> None:
        """Take in what is heard at a time; draws when a slot is over, unless all are silent.

        Args:
            now_s: Seconds of a clock that never goes back.
            level_db: RMS in dBFS.
            here: Voice activity detection on this machine hears speech.
            there: The server's does.
        """
        passed = int(now_s / SLOT_S) - self._number
        if passed > 0:
            self._number += passed
            if any(slot != Slot() for slot in self._slots):
                self.refresh()
            self._slots.extend([Slot()] * min(passed, MOST_SLOTS))
        slot = self._slots[-1]
        self._slots[-1] = Slot(max(slot.level_db, level_db), slot.here or here, slot.there or there)

    def restart(self, now_s: float) -> None:
        """Forget what was heard: the clock has been put to another time."""
        self._slots.clear()
        self._slots.append(Slot())
        self._number = int(now_s / SLOT_S)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The slots that are over, as many as there is room for."""
        width = self.size.width
        room = max(0, width - _MARGIN_CELLS)
        slots = [*self._slots][-room - 1 : -1]
        segments = [Segment(" " * (width - len(slots)))]
        for (here, there), run in groupby(slots, key=lambda slot: (slot.here, slot.there)):
            text = "".join(slot.block for slot in run)
            segments.append(Segment(text, self._style(here=here, there=there)))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _style(self, *, here: bool, there: bool) -> Style:
        style = self.get_component_rich_style(f"level-history--{'speech' if here else 'sound'}")
        return style + UNDERLINE if there else style
