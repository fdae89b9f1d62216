"""A level in dBFS on one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.core.playback import SILENCE_DB
from tui.core.text import safe

FLOOR_DB: Final = -60.0
"""The left end of the scale; the right end is full scale, 0 dBFS."""
MID_DB: Final = -18.0
HIGH_DB: Final = -6.0
"""Where the scale changes its colour; the RMS of normal speech stays below both."""
CLIP_DB: Final = -0.1
HOLD_S: Final = 1.5
"""How long a peak and a clip stay."""
FALL_DB_PER_S: Final = 24.0
SILENT_S: Final = 2.0
"""After so much digital silence in what should be sound, the meter says "no signal"."""
NARROW_CELLS: Final = 24
"""Below this width the number gives its room to the bar."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NUMBER_CELLS = 7


@dataclass(slots=True)
class Peak:
    """The highest sample of late: held, then falling."""

    db: float = SILENCE_DB
    at_s: float = float("-inf")

    def feed(self, peak_db: float, now_s: float) -> None:
        """A block's highest sample was played at ``now_s``."""
        if peak_db > SILENCE_DB and peak_db >= self.value_db(now_s):
            self.db, self.at_s = peak_db, now_s

    def value_db(self, now_s: float) -> float:
        """Where the mark stands."""
        falling_s = max(0.0, now_s - self.at_s - HOLD_S)
        return max(SILENCE_DB, self.db - FALL_DB_PER_S * falling_s)

    def clipped(self, now_s: float) -> bool:
        """Whether full scale was reached a moment ago."""
        return self.db >= CLIP_DB and now_s - self.at_s < HOLD_S


class Picture(NamedTuple):
    """All that the meter can look like: equal pictures are not drawn again."""

    words: str = ""
    eighths: int = 0
    """Filled eighths of a cell."""
    peak: int = -1
    """The cell of the peak's mark, -1 for none."""
    number: str = ""
    clipped: bool = False
    note: str = ""


class Meter(Widget):
    """RMS as a bar in eighths of a cell, the held peak as a mark and a number, or words instead.

    Call `show` at every tick, also when nothing has changed: holding and falling need time. What
    is drawn changes only with the picture.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("meter--label", "meter--words", "meter--clip"),
        *("meter--low", "meter--mid", "meter--high"),
    }

    DEFAULT_CSS = """
    Meter {
        height: 1;
        & > .meter--label { color: $text-muted; }
        & > .meter--words { color: $text-muted; }
        & > .meter--low { color: $bd-meter-low; background: $panel; }
        & > .meter--mid { color: $bd-meter-mid; background: $panel; }
        & > .meter--high { color: $bd-meter-high; background: $panel; }
        & > .meter--clip { color: $bd-meter-high; text-style: bold reverse; }
    }
    """

    def __init__(
        self,
        label: str,
        *,
        clock: Callable[[], float] = monotonic,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._label = f"{label} "
        self._clock = clock
        self._peak = Peak()
        self._sound_at_s = clock()
        self._picture = Picture()
        self._longest_note = 0

    def show(
        self,
        level_db: float,
        peak_db: float,
        words: str = "",
        playing: bool = False,
        note: str = "",
    ) -> None:
        """Show a level, or in its place why there is none.

        Args:
            level_db: RMS of the last block, dBFS.
            peak_db: Highest sample of the last block, dBFS.
            words: Stand in the place of the bar: "mic off", "no sound: …".
            playing: There should be sound, so that `SILENT_S` of silence are worth a word.
            note: Stands at the right end, where there is room for it.
        """
        now_s = self._clock()
        self._peak.feed(peak_db, now_s)
        if peak_db > SILENCE_DB or not playing:
            self._sound_at_s = now_s
        if not words and now_s - self._sound_at_s >= SILENT_S:
            words = "no signal"
        picture = Picture(safe(words)) if words else self._drawn(level_db, now_s)
        picture = picture._replace(note=safe(note) if self._has_room(note) else "")
        if picture != self._picture:
            self._picture = picture
            self.refresh()

    def _drawn(self, level_db: float, now_s: float) -> Picture:
        cells, held_db = self._bar_cells, self._peak.value_db(now_s)
        peak = min(cells - 1, int(_share(held_db) * cells)) if held_db > FLOOR_DB else -1
        number = f"{held_db:.0f} dB" if held_db > SILENCE_DB else ""
        eighths = round(_share(level_db) * cells * 8)
        return Picture("", eighths, peak, number, self._peak.clipped(now_s))

    @property
    def _bar_cells(self) -> int:
        number = _NUMBER_CELLS if self.size.width >= NARROW_CELLS else 0
        return max(1, self.size.width - self._note_cells - len(self._label) - number)

    @property
    def _note_cells(self) -> int:
        return self._longest_note if self.size.width - self._longest_note >= NARROW_CELLS else 0

    def _has_room(self, note: str) -> bool:
        """The longest note yet decides about the room, so that the bar does not jump."""
        self._longest_note = max(self._longest_note, cell_len(safe(note)) + 2 * bool(note))
        return self._note_cells > 0

    def render_line(self, y: int) -> Strip:
        """The label, then the bar and its number, or the words."""
        picture, width = self._picture, self.size.width
        label = Segment(self._label, self._style("label"))
        note = Segment(picture.note.rjust(self._note_cells), self._style("words"))
        if picture.words:
            words = Segment(picture.words, self._style("words"))
            room = width - self._note_cells
            left = Strip([label, words]).adjust_cell_length(room, self.rich_style)
            return Strip([*left, note]).adjust_cell_length(width, self.rich_style)
        number = "CLIP" if picture.clipped else picture.number
        style = self._style("clip" if picture.clipped else "label")
        right = Segment(number.rjust(_NUMBER_CELLS), style)
        line = Strip([label, *self._bar(self._bar_cells), right, note])
        return line.adjust_cell_length(width, self.rich_style)

    def _bar(self, cells: int) -> Iterator[Segment]:
        """One segment for each zone of the scale."""
        full, part = divmod(self._picture.eighths, 8)
        bar = ("█" * full + _EIGHTHS[part]).ljust(cells)
        if (peak := self._picture.peak) >= full + (part > 0):
            bar = f"{bar[:peak]}▏{bar[peak + 1 :]}"
        edges = (0, round(_share(MID_DB) * cells), round(_share(HIGH_DB) * cells), cells)
        for zone, (first, last) in zip(("low", "mid", "high"), pairwise(edges), strict=True):
            yield Segment(bar[first:last], self._style(zone))

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"meter--{part}")


def _share(level_db: float) -> float:
    """Where a level stands between the floor (0) and full scale (1)."""
    return min(1.0, max(0.0, 1 - level_db / FLOOR_DB))
