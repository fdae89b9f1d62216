"""The session log: each record's place and kind in columns, and the session they add up to."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path

from tui.core.frame import Direction, Event, Frame, Record
from tui.core.journal import JournalError, Place, Recording, read_line
from tui.core.session import Area, Session
from tui.core.wire import Family

Read = Callable[[int, int], bytes]
"""Reads ``size`` bytes at ``offset`` of the journal's storage."""

FAMILIES = tuple(Family)


class SessionLog:
    """Evidence and its meaning: columns over the journal's lines, and the reduced session.

    Only the columns stay in memory; `record` reads a line again when a view wants it. ``Row`` is
    the index of a record, counted from 0.
    """

    def __init__(self, read: Read, close: Callable[[], None] = lambda: None) -> None:
        self._read = read
        self.close = close
        """Lets the journal go; `record` works no more."""
        self.session = Session()
        self.offsets = array("Q")
        self.lengths = array("I")
        self.mono_s = array("d")
        self.seqs = array("I")
        self.sizes = array("I")
        """Payload bytes of a frame; 0 for an event."""
        self.turns = array("I")
        """The turn the server was at after the record; 0 before the first."""
        self.directions = bytearray()
        """ord of "s" (send), "r" (receive) or "e" (event)."""
        self.kind_ids = array("I")
        self.families = bytearray()
        """Bit n is set when a fact is of ``FAMILIES[n]``."""
        self.unknown = bytearray()
        """1 when a fact holds something that the SDK does not know."""
        self._kinds: list[tuple[str, ...]] = []
        self._kind_numbers: dict[tuple[str, ...], int] = {}

    @classmethod
    def open(cls, path: Path) -> SessionLog:
        """Read a recording to its end, as it would have come live.

        Raises:
            JournalError: The file cannot be read, or is no recording.
        """
        recording = Recording(path)
        log = cls(recording.read, recording.close)
        for record, place in recording.records():
            log.ingest(record, place)
        return log

    def __len__(self) -> int:
        return len(self.offsets)

    def ingest(self, record: Record, place: Place) -> Area:
        """Take the next record in; returns what it changed in the session."""
        area = self.session.apply(record)
        self.offsets.append(place.offset)
        self.lengths.append(place.length)
        self.mono_s.append(record.mono_s)
        self.seqs.append(record.seq)
        self.turns.append(len(self.session.turns))
        if isinstance(record, Frame):
            kinds = tuple(fact.kind for fact in record.facts)
            families = 0
            for fact in record.facts:
                families |= 1 << FAMILIES.index(fact.family)
            self.sizes.append(len(record.payload))
            self.directions.append(ord("s" if record.direction is Direction.SEND else "r"))
            self.unknown.append(any(fact.unknown for fact in record.facts))
        else:
            kinds, families = (record.name,), 1 << FAMILIES.index(Family.EVENTS)
            self.sizes.append(0)
            self.directions.append(ord("e"))
            self.unknown.append(0)
        self.families.append(families)
        self.kind_ids.append(self._kind_id(kinds))
        return area

    def kinds(self, row: int) -> tuple[str, ...]:
        """The kinds of the record's facts; an event's name."""
        return self._kinds[self.kind_ids[row]]

    def record(self, row: int) -> Record:
        """Read a record again from the journal.

        Raises:
            JournalError: The line is gone (the file was truncated or removed).
        """
        record = read_line(self._read(self.offsets[row], self.lengths[row]))
        if not isinstance(record, (Frame, Event)):
            raise JournalError("This line is no journal record.")
        return record

    def _kind_id(self, kinds: tuple[str, ...]) -> int:
        number = self._kind_numbers.get(kinds)
        if number is None:
            number = self._kind_numbers[kinds] = len(self._kinds)
            self._kinds.append(kinds)
        return number
