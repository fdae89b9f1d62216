"""The rows of the message list: a log seen through a family filter, its streams folded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tui.core.log import FAMILIES, SessionLog
from tui.core.wire import Family

STREAMS = {
    "serverContent.modelTurn.audio": "voice",
    "realtimeInput.audio": "microphone",
    "serverContent.outputTranscription": "words of the model",
    "serverContent.inputTranscription": "words of the person",
    "serverContent.interimInputTranscription": "words of the person",
}
"""Kinds that come many times in one stretch of speech, and what they are together."""

_PASSING = frozenset({"empty", "serverContent"})
"""Kinds that say nothing, and so end no run."""
_NO_RUN = 0xFFFF_FFFF
_EVERY_FAMILY = (1 << len(FAMILIES)) - 1


@dataclass(slots=True)
class Run:
    """Messages of one stream, with nothing but streams between."""

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


class Matches(Protocol):
    """The records that a query matches, as far as it has come; all below ``upto`` are known."""

    @property
    def hits(self) -> Sequence[int]:
        """The rows of the log that match, in order."""
        ...

    @property
    def upto(self) -> int:
        """How many records were looked at."""
        ...

    def hit(self, row: int) -> bool:
        """Whether the record matches."""
        ...


class Rows:
    """A view over a growing log: which records are shown, one a row or folded into runs.

    Rows are ordered by their first record. Microphone, voice and transcriptions alternate frame by
    frame: each stream has a run of its own, and all of them end when something else is shown.
    """

    def __init__(
        self, log: SessionLog, family: Family | None = None, *, folding: bool = True
    ) -> None:
        self.log = log
        self.family = family
        """The family shown; None is all."""
        self.folding = folding
        """Whether runs begin folded."""
        self.matches: Matches | None = None
        """What else must hold of the records shown; None where nothing must."""
        self._tally: Counter[int] = Counter()
        self._streams: dict[int, str | None] = {}
        """What stream records belong to, by kind id: "" passes by, None ends all runs."""
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
        shown = bool(self.log.families[record] & _mask(self.family))
        return shown and (self.matches is None or self.matches.hit(record))

    def count(self, family: Family | None) -> int:
        """How many records belong to the family and match; one may belong to several families."""
        mask = _mask(family)
        return sum(count for families, count in self._tally.items() if families & mask)

    def record(self, row: int) -> int:
        """The first record of the row."""
        return self._first[row]

    def frames(self, row: int) -> Iterator[int]:
        """The records that the row stands for, in the order of the wire."""
        shown, stream = self[row], self._stream(self._first[row])
        for record in range(shown.first, shown.last + 1):
            if record == shown.first or (self._stream(record) == stream and self.shows(record)):
                yield record

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
        records = self._new_records()
        self._tally.update(map(self.log.families.__getitem__, records))
        self._scan(records)
        return {bisect_left(self._first, run.first) for run, count in counts if run.count > count}

    def show(self, family: Family | None) -> None:
        """Show one family, or all with None."""
        self.family = family
        self._restart()
        self.extend()

    def match(self, matches: Matches | None) -> None:
        """Show only what matches, or all with None; `extend` follows the matches as they grow."""
        self.matches = matches
        self._restart()
        self.extend()

    def has_hit(self, row: int, matches: Matches) -> bool:
        """Whether one of the records that the row stands for matches."""
        shown = self[row]
        if shown.count == 1:
            return matches.hit(shown.first)
        hits = matches.hits
        between = range(bisect_left(hits, shown.first), bisect_right(hits, shown.last))
        return any(self._run_of(hits[at]) is shown.run for at in between)

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
        self._starts: dict[str, list[int]] = {stream: [] for stream in STREAMS.values()}
        """The first records of the runs of a stream."""
        self._open: dict[str, Run] = {}
        """The runs that may still grow, by stream."""

    def _new_records(self) -> Sequence[int]:
        """The records that may be shown and are not in the rows yet."""
        start, matches = self._end, self.matches
        if matches is None:
            self._end = len(self.log)
            return range(start, self._end)
        self._end = max(start, min(matches.upto, len(self.log)))
        hits = matches.hits
        return hits[bisect_left(hits, start) : bisect_left(hits, self._end)]

    def _scan(self, records: Iterable[int]) -> None:
        """Append the rows of the records."""
        log, mask = self.log, _mask(self.family)
        families = log.families
        first, owner, open_runs = self._first, self._owner, self._open
        for record in records:
            if not families[record] & mask:
                continue
            stream = self._stream(record)
            if not stream:
                if stream is None:
                    open_runs.clear()
                first.append(record)
                owner.append(_NO_RUN)
                continue
            run = open_runs.get(stream)
            if run is None:
                run = Run(record, record, 0, 0, 0, self.folding)
                open_runs[stream] = self._runs[record] = run
                self._starts[stream].append(record)
            if run.count == 0 or not run.folded:
                first.append(record)
                owner.append(run.first)
            run.last = record
            run.count += 1
            run.size += log.sizes[record]
            run.unknown |= log.unknown[record]

    def _stream(self, record: int) -> str | None:
        kind_id = self.log.kind_ids[record]
        if kind_id not in self._streams:
            kinds = self.log.kinds(record)
            streams = {"" if kind in _PASSING else STREAMS.get(kind) for kind in kinds}
            self._streams[kind_id] = streams.pop() if len(streams) == 1 else None
        return self._streams[kind_id]

    def _run(self, row: int) -> Run | None:
        owner = self._owner[row]
        return None if owner == _NO_RUN else self._runs[owner]

    def _run_of(self, record: int) -> Run | None:
        """The run that a record in the rows belongs to; None when it is of no stream."""
        stream = self._stream(record)
        if not stream or record >= self._end or not self.shows(record):
            return None
        starts = self._starts[stream]
        return self._runs[starts[bisect_right(starts, record) - 1]]


def _mask(family: Family | None) -> int:
    return _EVERY_FAMILY if family is None else 1 << FAMILIES.index(family)
