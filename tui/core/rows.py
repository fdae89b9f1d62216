"""The rows of the message list: a log seen through a family filter, its audio runs folded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

from tui.core.log import FAMILIES, SessionLog
from tui.core.wire import Family

AUDIO_KINDS = frozenset({"serverContent.modelTurn.audio", "realtimeInput.audio"})

_NO_RUN = 0xFFFF_FFFF
_EVERY_FAMILY = (1 << len(FAMILIES)) - 1


@dataclass(slots=True)
class Run:
    """Audio of one direction with nothing but audio between, as far as the filter shows."""

    first: int
    last: int
    count: int
    size: int
    """Payload bytes of all its frames."""
    unknown: int
    """1 when a frame of it holds something that the SDK does not know."""
    folded: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a record, or a folded run of them."""

    first: int
    last: int
    count: int
    size: int
    """Payload bytes, of all frames of a run."""
    unknown: bool
    run: Run | None
    """The run that the row is, or is one frame of."""


class Rows:
    """A view over a growing log: which records are shown, one a row or folded into runs.

    Rows are ordered by their first record. Microphone and answer may alternate frame by frame, so
    each direction has a run of its own; both end with the next shown record that is not audio.
    """

    def __init__(
        self, log: SessionLog, family: Family | None = None, *, folding: bool = True
    ) -> None:
        self.log = log
        self.family = family
        """The family shown; None is all."""
        self.folding = folding
        """Whether runs begin folded."""
        self._tally: Counter[int] = Counter()
        self._audio: dict[int, bool] = {}
        """Whether records are nothing but audio, by kind id."""
        self._end = 0
        self._restart()
        self.extend()

    def __len__(self) -> int:
        return len(self._first)

    def __getitem__(self, row: int) -> Row:
        record, run = self._first[row], self._run(row)
        if run is not None and run.folded:
            return Row(run.first, run.last, run.count, run.size, bool(run.unknown), run)
        log = self.log
        return Row(record, record, 1, log.sizes[record], bool(log.unknown[record]), run)

    @property
    def shown(self) -> int:
        """How many records the filter shows, however they are folded."""
        return self.count(self.family)

    def shows(self, record: int) -> bool:
        """Whether the filter shows the record, be it in a folded run."""
        return bool(self.log.families[record] & _mask(self.family))

    def count(self, family: Family | None) -> int:
        """How many records belong to the family; one record may belong to several."""
        mask = _mask(family)
        return sum(count for families, count in self._tally.items() if families & mask)

    def record(self, row: int) -> int:
        """The first record of the row."""
        return self._first[row]

    def delta_s(self, row: int) -> float | None:
        """Seconds from the beginning of the row before; None for the first."""
        if row == 0:
            return None
        mono_s = self.log.mono_s
        return mono_s[self._first[row]] - mono_s[self._first[row - 1]]

    def row_of(self, record: int) -> int | None:
        """The row that shows the record, else the one before it; None when there are no rows."""
        row = bisect_right(self._first, record) - 1
        if row < 0:
            return 0 if self._first else None
        before = row
        while before >= 0 and (run := self._run(before)) is not None:
            if run.folded and run.last >= record and self._same_direction(run.first, record):
                return bisect_left(self._first, run.first)
            before -= 1
        return row

    def extend(self) -> set[int]:
        """Take the log's new records in; returns the rows from before whose run has grown."""
        counts = [(run, run.count) for run in self._open.values() if run.folded]
        start, self._end = self._end, len(self.log)
        self._tally.update(self.log.families[start:])
        self._scan(start)
        return {bisect_left(self._first, run.first) for run, count in counts if run.count > count}

    def show(self, family: Family | None) -> None:
        """Show one family, or all with None."""
        self.family = family
        self._restart()
        self.extend()

    def fold_all(self, folded: bool) -> None:
        """Fold or unfold every run, and those to come."""
        self.folding = folded
        self._restart()
        self.extend()

    def fold(self, row: int, folded: bool) -> bool:
        """Fold or unfold the run of one row; returns False when nothing changed."""
        run = self._run(row)
        if run is None or run.count == 1 or run.folded is folded:
            return False
        run.folded = folded
        low, high = self._block(row)
        stop = self._first[high] if high < len(self) else self._end
        runs = {self.log.directions[each]: self._runs[each] for each in set(self._owner[low:high])}
        first, owner = array("I"), array("I")
        for record in range(self._first[low], stop):
            if self.shows(record) and self._is_audio(record):
                run = runs[self.log.directions[record]]
                if record == run.first or not run.folded:
                    first.append(record)
                    owner.append(run.first)
        self._first[low:high], self._owner[low:high] = first, owner
        return True

    def _restart(self) -> None:
        self._end = 0
        self._tally.clear()
        self._first: array[int] = array("I")
        self._owner: array[int] = array("I")
        """The first record of the run that a row belongs to."""
        self._runs: dict[int, Run] = {}
        self._open: dict[int, Run] = {}
        """The runs that may still grow, by direction."""

    def _scan(self, start: int) -> None:
        """Append the rows of the records from ``start`` on."""
        log, mask = self.log, _mask(self.family)
        families, directions = log.families, log.directions
        first, owner, open_runs = self._first, self._owner, self._open
        for record in range(start, self._end):
            if not families[record] & mask:
                continue
            if not self._is_audio(record):
                open_runs.clear()
                first.append(record)
                owner.append(_NO_RUN)
                continue
            run = open_runs.get(directions[record])
            if run is None:
                run = Run(record, record, 0, 0, 0, self.folding)
                open_runs[directions[record]] = self._runs[record] = run
            if run.count == 0 or not run.folded:
                first.append(record)
                owner.append(run.first)
            run.last = record
            run.count += 1
            run.size += log.sizes[record]
            run.unknown |= log.unknown[record]

    def _is_audio(self, record: int) -> bool:
        kind_id = self.log.kind_ids[record]
        if kind_id not in self._audio:
            self._audio[kind_id] = AUDIO_KINDS.issuperset(self.log.kinds(record))
        return self._audio[kind_id]

    def _same_direction(self, record: int, other: int) -> bool:
        return self.log.directions[record] == self.log.directions[other]

    def _run(self, row: int) -> Run | None:
        owner = self._owner[row]
        return None if owner == _NO_RUN else self._runs[owner]

    def _block(self, row: int) -> tuple[int, int]:
        """The rows around ``row`` that are audio, up to the next that is not: a run or two."""
        low, high = row, row + 1
        while low > 0 and self._owner[low - 1] != _NO_RUN:
            low -= 1
        while high < len(self) and self._owner[high] != _NO_RUN:
            high += 1
        return low, high


def _mask(family: Family | None) -> int:
    return _EVERY_FAMILY if family is None else 1 << FAMILIES.index(family)
