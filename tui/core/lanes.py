"""What happens along a clock: spans and points, found by time.

One thread writes while another one draws: whatever is looked for by bisection is appended last.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

OPEN: Final = math.inf
"""The end of a span that still goes on."""
_SHORTEST_S = 1e-6
"""A span without length could not be found."""


@dataclass(slots=True)
class Span:
    """A stretch of time, and the record that it begins with."""

    start_s: float
    row: int
    label: str = ""
    look: str = ""
    """What kind of span it is, where a lane has several."""
    end_s: float = OPEN
    index: int = 0
    """In its lane."""


@dataclass(frozen=True, slots=True)
class Point:
    """A moment, and its record."""

    start_s: float
    row: int
    look: str = ""
    label: str = ""


class Run(NamedTuple):
    """The cells of a drawn lane that show one span: the first, and the one after the last."""

    first: int
    end: int
    span: Span


class Spans:
    """Spans in the order of their starts; they may overlap."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._reach = array("d")
        """The latest end of a span and all before it: never falls, so it can be bisected."""
        self._starts = array("d")

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Span:
        return self._spans[index]

    def begin(self, start_s: float, row: int, label: str = "", look: str = "") -> Span:
        """Begin a span, not before the last one began."""
        start_s = max(start_s, self._starts[-1] if self._starts else start_s)
        span = Span(start_s, row, label, look, OPEN, len(self._starts))
        self._spans.append(span)
        self._starts.append(start_s)
        self._reach.append(OPEN)
        return span

    def end(self, span: Span, end_s: float) -> None:
        """End a span, or end it elsewhere."""
        span.end_s = max(end_s, span.start_s + _SHORTEST_S)
        reach_s = self._reach[span.index - 1] if span.index else -math.inf
        for later in range(span.index, len(self._reach)):
            reach_s = max(reach_s, self._spans[later].end_s)
            if self._reach[later] == reach_s and later > span.index:
                break
            self._reach[later] = reach_s

    def over(self, start_s: float, end_s: float) -> Span | None:
        """The first span that goes on somewhere between two times."""
        index = bisect_right(self._reach, start_s)
        if index < len(self._reach) and self._starts[index] < end_s:
            return self._spans[index]
        return None

    def at(self, time_s: float) -> Span | None:
        """The first span that goes on at a time."""
        return self.over(time_s, math.nextafter(time_s, math.inf))

    def near(self, time_s: float) -> Span | None:
        """The last span that began by then, else the first one."""
        index = bisect_right(self._starts, time_s)
        return self._spans[max(0, index - 1)] if self._starts else None

    def neighbour(self, time_s: float, step: int) -> Span | None:
        """The first span that begins after a time (``step`` 1), or the last before it (-1)."""
        if step > 0:
            index = bisect_right(self._starts, time_s)
            return self._spans[index] if index < len(self._starts) else None
        index = bisect_left(self._starts, time_s)
        return self._spans[index - 1] if index else None

    def runs(self, start_s: float, cell_s: float, cells: int, now_s: float) -> Iterator[Run]:
        """What the cells of a drawn lane show, from left to right, those without a span left out.

        Costs a bisection for each run, however many spans there are.

        Args:
            start_s: of the first cell.
            cell_s: what a cell stands for.
            cells: how many there are.
            now_s: where spans that go on end.
        """
        cell, end_s = 0, start_s + cells * cell_s
        while cell < cells:
            span = self.over(start_s + cell * cell_s, end_s)
            if span is None or (span.end_s == OPEN and start_s + cell * cell_s >= now_s):
                return
            first = max(cell, int((span.start_s - start_s) / cell_s))
            last_s = min(span.end_s, max(now_s, span.start_s), end_s)
            end = min(cells, max(first + 1, math.ceil((last_s - start_s) / cell_s - 1e-9)))
            if first >= cells:
                return
            yield Run(first, end, span)
            cell = end


class Points:
    """Points in the order of their times, in whatever order they come."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def __len__(self) -> int:
        return len(self._points)

    def add(self, point: Point) -> None:
        """Put a point where it belongs."""
        if not self._points or point.start_s >= self._points[-1].start_s:
            self._points.append(point)
        else:
            insort(self._points, point, key=_time)

    def near(self, time_s: float) -> Point | None:
        """The last point by then, else the first one."""
        index = bisect_right(self._points, time_s, key=_time)
        return self._points[max(0, index - 1)] if self._points else None

    def last(self, time_s: float) -> Point | None:
        """The last point by then."""
        index = bisect_right(self._points, time_s, key=_time)
        return self._points[index - 1] if index else None

    def neighbour(self, time_s: float, step: int) -> Point | None:
        """The first point after a time (``step`` 1), or the last before it (-1)."""
        if step > 0:
            index = bisect_right(self._points, time_s, key=_time)
            return self._points[index] if index < len(self._points) else None
        index = bisect_left(self._points, time_s, key=_time)
        return self._points[index - 1] if index else None

    def count(self, time_s: float) -> int:
        """How many points there are by then."""
        return bisect_right(self._points, time_s, key=_time)

    def within(self, start_s: float, end_s: float) -> list[Point]:
        """The points from a time on, and before another one."""
        first = bisect_left(self._points, start_s, key=_time)
        return self._points[first : bisect_left(self._points, end_s, first, key=_time)]

    def cells(self, start_s: float, cell_s: float, cells: int) -> Iterator[tuple[int, list[Point]]]:
        """The cells of a drawn lane that have points, each with its own, from left to right."""
        cell, end_s = 0, start_s + cells * cell_s
        while (point := self._next(start_s + cell * cell_s)) is not None and point.start_s < end_s:
            cell = max(cell, min(cells - 1, int((point.start_s - start_s) / cell_s)))
            there = self.within(start_s + cell * cell_s, start_s + (cell + 1) * cell_s)
            yield cell, there or [point]
            cell += 1
            if cell >= cells:
                return

    def _next(self, time_s: float) -> Point | None:
        index = bisect_left(self._points, time_s, key=_time)
        return self._points[index] if index < len(self._points) else None


def _time(point: Point) -> float:
    return point.start_s
