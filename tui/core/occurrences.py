"""Where in a log records of some kinds stand."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from tui.core.log import SessionLog


class Occurrences:
    """The rows of each of a few kinds of records, or names of events, in a growing log."""

    def __init__(self, log: SessionLog, kinds: Iterable[str]) -> None:
        self._log = log
        self._rows = {kind: array("Q") for kind in kinds}
        self._targets: dict[int, list[array[int]]] = {}
        """What rows are appended to, by kind id."""
        self._end = 0

    def last(self, kind: str, row: int) -> int | None:
        """The last one up to a row, that row included; None where there is none."""
        rows = self._up_to_date(kind)
        index = bisect_right(rows, row)
        return rows[index - 1] if index else None

    def next(self, kind: str, row: int) -> int | None:
        """The first one after a row; None where there is none."""
        rows = self._up_to_date(kind)
        index = bisect_right(rows, row)
        return rows[index] if index < len(rows) else None

    def count(self, kind: str, row: int) -> int:
        """How many there are up to a row, that row included."""
        return bisect_right(self._up_to_date(kind), row)

    def between(self, kind: str, first: int, end: int) -> array[int]:
        """Those from a row on, and before another one."""
        rows = self._up_to_date(kind)
        return rows[bisect_left(rows, first) : bisect_left(rows, end)]

    def _up_to_date(self, kind: str) -> array[int]:
        kind_ids = self._log.kind_ids
        for row in range(self._end, len(self._log)):
            targets = self._targets.get(kind_ids[row])
            if targets is None:
                kinds = set(self._log.kinds(row)).intersection(self._rows)
                targets = self._targets[kind_ids[row]] = [self._rows[each] for each in kinds]
            for rows in targets:
                rows.append(row)
        self._end = len(self._log)
        return self._rows[kind]
