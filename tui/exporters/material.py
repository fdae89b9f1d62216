"""A session as exporters see it: redacted, up to a row, one record after another."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from tui.core.frame import Frame, Record
from tui.core.log import SessionLog
from tui.core.redaction import Level, Redactor
from tui.core.session import Session
from tui.core.turn import Turn
from tui.core.wire import Fact

Report = Callable[[str, float], None]
"""Told what is being done and how much of it, 0..1; an exception that it raises ends the export."""

ROWS_A_REPORT = 64

_WITH_HANDLES = frozenset({"sessionResumptionUpdate", "setup"})


@dataclass
class Material:
    """What there is to export. A session that goes on is exported as far as it was at first."""

    log: SessionLog
    rows: int
    session: Session
    """The state after the last of the rows; its words are not redacted."""
    redactor: Redactor
    known: frozenset[str]
    """The session's own credentials: none of them may be found in what is written."""
    report: Report
    name: str = "session"
    """What the export calls the recording; safe in a file's name."""
    only: Callable[[int], bool] | None = None
    """Which rows are messages of a HAR and lines of a table; None is all."""
    notes: list[str] = field(default_factory=list)
    """Sentences about what could not be exported."""

    def records(
        self, rows: Iterable[int] | None = None, step: str = "Writing"
    ) -> Iterator[tuple[int, Record]]:
        """The records of the rows, or of all, redacted.

        Raises:
            JournalError: A line is gone.
        """
        for row in self.told(range(self.rows) if rows is None else rows, step):
            yield row, self.redactor.record(self.log.record(row))

    def replay(self, step: str = "Reading") -> Iterator[tuple[int, Record, Session]]:
        """All records at a glance and the session after each; nothing is redacted."""
        session = Session()
        for row in self.told(range(self.rows), step):
            record = self.log.glance(row)
            session.apply(record)
            yield row, record, session

    def wanted(self, rows: Iterable[int]) -> Iterable[int]:
        """Those of the rows that were asked for."""
        return rows if self.only is None else filter(self.only, rows)

    def again(self) -> Material:
        """The same for another pass: what is removed in it is not counted twice."""
        return replace(self, redactor=Redactor(self.redactor.level, self.known))

    def of_kind(self, *kinds: str) -> array[int]:
        """The rows that have one of these kinds."""
        log = self.log
        wanted: dict[int, bool] = {}
        found = array("I")
        for row in range(self.rows):
            kind_id = log.kind_ids[row]
            if kind_id not in wanted:
                wanted[kind_id] = not set(kinds).isdisjoint(log.kinds(row))
            if wanted[kind_id]:
                found.append(row)
        return found

    @property
    def start_s(self) -> float:
        """The journal's clock at its first record, from which exports count."""
        return self.log.mono_s[0] if self.rows else 0.0

    @property
    def turns(self) -> list[Turn]:
        """The turns at the end; `Redactor.words` makes their words fit to be shown."""
        return self.session.turns

    def told(self, rows: Iterable[int], step: str) -> Iterator[int]:
        """The rows, and while they are gone through how far that is."""
        for count, row in enumerate(rows):
            if count % ROWS_A_REPORT == 0:
                self.report(step, row / self.rows)
            yield row
        self.report(step, 1.0)


def gather(
    log: SessionLog,
    level: Level = Level.CREDENTIALS,
    known: Iterable[str] = (),
    report: Report = lambda step, share: None,
    name: str = "session",
) -> Material:
    """The material of a log; ``known`` are the environment's credentials. Any thread may ask."""
    rows = len(log)
    session = log.state_at(rows - 1) if rows else Session()
    secrets = frozenset(each for each in (*known, *_handles(log, rows)) if len(each) >= 6)
    return Material(log, rows, session, Redactor(level, secrets), secrets, report, name)


def _handles(log: SessionLog, rows: int) -> Iterator[str]:
    for row in range(rows):
        if not _WITH_HANDLES.isdisjoint(log.kinds(row)):
            record = log.glance(row)
            assert isinstance(record, Frame)
            for fact in record.facts:
                yield from filter(None, (_handle(fact),))


def _handle(fact: Fact) -> str:
    """The session resumption handle that a message gives or asks for."""
    value = fact.value if isinstance(fact.value, dict) else {}
    if fact.kind == "setup":
        resumption = value.get("sessionResumption")
        value = resumption if isinstance(resumption, dict) else {}
    handle = value.get("handle", value.get("newHandle"))
    return handle if isinstance(handle, str) and fact.kind in _WITH_HANDLES else ""
