"""The rows of the message list: a log seen through a family filter, its audio runs folded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

from tui.core.log import FAMILIES, SessionLog
from tui.core.wire import Family

AUDIO_KINDS = frozenset({"serverContent.modelTurn.audio", "realtimeInput.audio"})
PASSING_KINDS = frozenset(
    {
        "serverContent.outputTranscription",
        "serverContent.inputTranscription",
        "serverContent.interimInputTranscription",
        "serverContent",
        "empty",
    }
)
"""What comes between the audio of one stretch of speech, and so ends no run."""

_NO_RUN = 0xFFFF_FFFF
_AUDIO, _PASSING, _END = range(3)
_EVERY_FAMILY = (1 << len(FAMILIES)) - 1


@dataclass(slots=True)
class Run:
    """Audio of one direction, with nothing but audio and `PASSING_KINDS` between."""

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

    Rows are ordered by their first record. Microphone, answer and transcriptions may alternate
    frame by frame: each direction has a run of its own, and both go on until something happens.
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
        self._roles: dict[int, int] = {}
        """What records are to a run (`_AUDIO`, `_PASSING`, `_END`), by kind id."""
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
        if not self._first:
            return None
        run = self._run_of(record)
        if run is not None and run.folded:
            return bisect_left(self._first, run.first)
        return max(0, bisect_right(self._first, record) - 1)

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
        low, high = bisect_left(self._first, run.first), bisect_right(self._first, run.last)
        first, owner = array("I"), array("I")
        for record in filter(self.shows, range(run.first, run.last + 1)):
            own = self._run_of(record)
            if own is None or record == own.first or not own.folded:
                first.append(record)
                owner.append(_NO_RUN if own is None else own.first)
        self._first[low:high], self._owner[low:high] = first, owner
        return True

    def _restart(self) -> None:
        self._end = 0
        self._tally.clear()
        self._first: array[int] = array("I")
        self._owner: array[int] = array("I")
        """The first record of the run that a row belongs to."""
        self._runs: dict[int, Run] = {}
        """By their first record, in order."""
        self._starts: dict[int, list[int]] = {direction: [] for direction in b"sre"}
        """The first records of the runs of a direction."""
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
            role = self._role(record)
            if role != _AUDIO:
                if role == _END:
                    open_runs.clear()
                first.append(record)
                owner.append(_NO_RUN)
                continue
            run = open_runs.get(directions[record])
            if run is None:
                run = Run(record, record, 0, 0, 0, self.folding)
                open_runs[directions[record]] = self._runs[record] = run
                self._starts[directions[record]].append(record)
            if run.count == 0 or not run.folded:
                first.append(record)
                owner.append(run.first)
            run.last = record
            run.count += 1
            run.size += log.sizes[record]
            run.unknown |= log.unknown[record]

    def _role(self, record: int) -> int:
        kind_id = self.log.kind_ids[record]
        role = self._roles.get(kind_id)
        if role is None:
            kinds = self.log.kinds(record)
            role = _AUDIO if AUDIO_KINDS.issuperset(kinds) else _END
            if PASSING_KINDS.issuperset(kinds):
                role = _PASSING
            self._roles[kind_id] = role
        return role

    def _run(self, row: int) -> Run | None:
        owner = self._owner[row]
        return None if owner == _NO_RUN else self._runs[owner]

    def _run_of(self, record: int) -> Run | None:
        """The run that a shown record belongs to; None when it is no audio."""
        if self._role(record) != _AUDIO or not self.shows(record):
            return None
        starts = self._starts[self.log.directions[record]]
        return self._runs[starts[bisect_right(starts, record) - 1]]


def _mask(family: Family | None) -> int:
    return _EVERY_FAMILY if family is None else 1 << FAMILIES.index(family)
