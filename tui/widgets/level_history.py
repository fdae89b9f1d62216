"""The last seconds of a level on one line, and who heard speech in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import groupby
from time import monotonic
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

    def __init__(
        self,
        *,
        clock: Callable[[], float] = monotonic,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._slots: deque[Slot] = deque(maxlen=MOST_SLOTS)
        self._slot = Slot()
        self._end_s = clock() + SLOT_S

    def show(self, level_db: float, *, here: bool = False, there: bool = False) -> None:
        """Take in what is heard now; draws when a slot is over, unless that changes nothing."""
        now_s, slot = self._clock(), self._slot
        over = min(MOST_SLOTS, int((now_s - self._end_s) / SLOT_S) + 1)
        if over > 0:
            moves = any(each != Slot() for each in (slot, *self._slots))
            self._slots.append(slot)
            self._slots.extend([Slot()] * (over - 1))
            self._end_s = max(self._end_s + over * SLOT_S, now_s)
            slot = Slot()
            if moves:
                self.refresh()
        self._slot = Slot(max(slot.level_db, level_db), slot.here or here, slot.there or there)

    def render_line(self, y: int) -> Strip:
        """The slots that there is room for."""
        width = self.size.width
        slots = [*self._slots][-max(0, width - _MARGIN_CELLS) :]
        segments = [Segment(" " * (width - len(slots)))]
        for (here, there), run in groupby(slots, key=lambda slot: (slot.here, slot.there)):
            text = "".join(slot.block for slot in run)
            segments.append(Segment(text, self._style(here=here, there=there)))
        return (
            Strip(segments).adjust_cell_length(width, self.rich_style).apply_style(self.rich_style)
        )

    def _style(self, *, here: bool, there: bool) -> Style:
        style = self.get_component_rich_style(f"level-history--{'speech' if here else 'sound'}")
        return style + UNDERLINE if there else style
