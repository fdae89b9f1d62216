"""The part of a timeline that is in view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

FINEST_S: Final = 0.005
"""What a cell stands for at least."""
LEAST_GAP: Final = 9
"""Cells from one label of the ruler to the next at least."""
_TICKS_S: Final = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600),
    *(7200, 14_400, 43_200, 86_400),
)


@dataclass(frozen=True, slots=True)
class Window:
    """Cells along a clock. Changes give another one, never with less than nothing in view."""

    start_s: float = 0.0
    cell_s: float = 0.1
    cells: int = 1

    @property
    def end_s(self) -> float:
        """Where the cell after the last one would begin."""
        return self.start_s + self.cells * self.cell_s

    def cell(self, time_s: float) -> int:
        """The cell of a time, in view or not."""
        return math.floor((time_s - self.start_s) / self.cell_s + 1e-9)

    def time_s(self, cell: int) -> float:
        """Where a cell begins."""
        return self.start_s + cell * self.cell_s

    def shows(self, time_s: float) -> bool:
        """Whether a time is in view."""
        return 0 <= self.cell(time_s) < self.cells

    def all_of(self, length_s: float) -> Window:
        """Everything, from the beginning on."""
        return replace(self, start_s=0.0, cell_s=max(FINEST_S, length_s / self.cells))

    def zoomed(self, factor: float, about_s: float, length_s: float) -> Window:
        """Closer by a factor, or farther below 1; a time stays where it is."""
        widest_s = max(FINEST_S, length_s / self.cells)
        cell_s = min(widest_s, max(FINEST_S, self.cell_s / factor))
        share = (about_s - self.start_s) / self.cell_s
        return replace(self, cell_s=cell_s).at(about_s - share * cell_s, length_s)

    def at(self, start_s: float, length_s: float) -> Window:
        """From a time on, with no more room than needed before the beginning or after the end."""
        latest_s = max(0.0, length_s - self.cells * self.cell_s)
        return replace(self, start_s=min(max(0.0, start_s), latest_s))

    def with_in_view(self, time_s: float, length_s: float) -> Window:
        """Moved as little as needed; by a part of its width, so that what moves on stays awhile."""
        if self.shows(time_s):
            return self
        margin_s = self.cells * self.cell_s * 0.1
        if time_s < self.start_s:
            return self.at(time_s - margin_s, length_s)
        return self.at(time_s + self.cell_s + margin_s - self.cells * self.cell_s, length_s)

    def ticks(self) -> Iterator[tuple[int, str]]:
        """The cells that the ruler labels, with their labels, from left to right."""
        least_s = self.cell_s * LEAST_GAP
        step_s = next((step for step in _TICKS_S if step >= least_s), _TICKS_S[-1])
        while step_s < least_s:
            step_s *= 2
        number = math.ceil(self.start_s / step_s - 1e-9)
        while (cell := self.cell(number * step_s)) < self.cells:
            yield cell, _label(number * step_s, step_s)
            number += 1


def _label(time_s: float, step_s: float) -> str:
    """``1:20``, ``1:02:03``, with tenths where the ruler has them."""
    tenths = round(time_s * 10)
    minutes, tenth = divmod(tenths, 600)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}" if hours else f"{minute}"
    return f"{text}:{tenth // 10:02}" + (f".{tenth % 10}" if step_s < 1 else "")
