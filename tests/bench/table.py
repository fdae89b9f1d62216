"""The table of the benchmarks: a figure, the floor or peer it is held against, and the aim."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

TITLES = ("", "measured", "floor or peer", "ratio", "aim", "")


@dataclass(frozen=True)
class Aim:
    """A limit, of the ratio to the floor or peer, or of the value itself."""

    limit: float
    of_ratio: bool = False
    at_least: bool = False

    def met(self, value: float, ratio: float | None) -> bool:
        """Whether the figure is within the limit."""
        figure = ratio if self.of_ratio else value
        assert figure is not None
        return figure >= self.limit if self.at_least else figure <= self.limit

    def words(self, unit: str) -> str:
        """``<= 1.3x`` or ``<= 100 ms``."""
        sign = ">=" if self.at_least else "<="
        return f"{sign} {self.limit:.3g}{'x' if self.of_ratio else ' ' + unit}"


@dataclass(frozen=True)
class Row:
    """One figure; ``value`` is None when it could not be measured, and ``note`` says why."""

    name: str
    value: float | None
    unit: str = ""
    note: str = ""
    peer: float | None = None
    """The same figure of the floor or peer, in the same run."""
    aim: Aim | None = None

    @property
    def ratio(self) -> float | None:
        """The value in multiples of the floor or peer."""
        return self.value / self.peer if self.value is not None and self.peer else None

    @property
    def verdict(self) -> str:
        """Met or missed; empty when nothing is aimed at."""
        if self.aim is None or self.value is None:
            return ""
        return "met" if self.aim.met(self.value, self.ratio) else "MISSED"

    @property
    def cells(self) -> tuple[str, ...]:
        """The row in words, the note left out."""
        return (
            self.name,
            _figure(self.value, self.unit),
            _figure(self.peer, self.unit),
            "" if self.ratio is None else f"{self.ratio:.2f}x",
            "" if self.aim is None else self.aim.words(self.unit),
            self.verdict,
        )


def table(rows: Iterable[Row]) -> str:
    """The rows, aligned, their notes under them."""
    rows = list(rows)
    lines = [TITLES, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    notes = ["", *(row.note for row in rows)]
    rendered = (_lines(*row, widths) for row in zip(lines, notes, strict=True))
    return "\n".join(chain.from_iterable(rendered))


def _lines(cells: tuple[str, ...], note: str, widths: list[int]) -> Iterator[str]:
    name, *figures, verdict = cells
    middle = (f"{cell:>{width}}" for cell, width in zip(figures, widths[1:-1], strict=True))
    yield "  ".join((f"{name:<{widths[0]}}", *middle, verdict)).rstrip()
    if note:
        yield f"    {note}"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def machine() -> str:
    """What the figures were measured on, and by which command."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    return (
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()}, load {load}; "
        f"Python {platform.python_version()}; {command}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
