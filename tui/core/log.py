"""The session log: each record's place and kind in columns, and the session they add up to."""

from __future__ import annotations

import pickle
import zlib
from array import array
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from tui.core.frame import Direction, Frame, Record
from tui.core.glance import Glancer
from tui.core.journal import JournalError, Place
from tui.core.recording import (
    BLOCK_BYTES,
    LONGEST_LINE_BYTES,
    SHOWN_BYTES,
    TOO_LONG,
    UNREADABLE,
    Recording,
    read_line,
    unreadable,
)
from tui.core.session import Area, Session
from tui.core.wire import Fact, Family

Read = Callable[[int, int], bytes]
"""Reads ``size`` bytes at ``offset`` of the journal's storage."""

FAMILIES = tuple(Family)

CHECKPOINT_ROWS = 2048
"""The session is kept so often: a state in between is at most so many records away."""

REMEMBERED = 4096
"""Looks that are kept: those of messages whose facts are shared."""

_Look = tuple[tuple[Fact, ...], int, int, int]
"""The facts, number of their kinds, families, 1 when one is unknown."""


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
        """The state after the last record; `state_at` gives that after another."""
        self.offsets = array("Q")
        self.lengths = array("I")
        self.mono_s = array("d")
        self.seqs = array("I")
        self.sizes = array("Q")
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
        self._looks: dict[int, _Look] = {}
        """By the id of the facts that they are of, which they keep alive."""
        self._glancer = Glancer()
        self._checkpoints: list[bytes] = []

    @classmethod
    def open(cls, path: Path) -> SessionLog:
        """Read a recording to its end, as it would have come live.

        Raises:
            JournalError: The file cannot be read, or is no recording.
        """
        recording = Recording(path, Glancer())
        log = cls(recording.read, recording.close)
        for record, place in recording.records():
            log.ingest(record, place)
        return log

    def __len__(self) -> int:
        return len(self.offsets)

    @cached_property
    def header(self) -> Mapping[str, Any]:
        """The journal's first line; empty when that is no header."""
        try:
            header = read_line(self._read(0, BLOCK_BYTES).partition(b"\n")[0])
        except JournalError:
            return {}
        return header if isinstance(header, dict) else {}

    def ingest(self, record: Record, place: Place) -> Area:
        """Take the next record in; returns what it changed in the session.

        A reader on another thread sees the new row when all of it is there.
        """
        area = self.session.apply(record)
        if isinstance(record, Frame):
            look = self._look(record)
            size, direction = record.size, ord("s" if record.direction is Direction.SEND else "r")
        else:
            kind_id, families = self._kind_id((record.name,)), 1 << FAMILIES.index(Family.EVENTS)
            look = ((), kind_id, families, 0)
            size, direction = 0, ord("e")
        self.lengths.append(place.length)
        self.mono_s.append(record.mono_s)
        self.seqs.append(record.seq & 0xFFFFFFFF)
        self.sizes.append(size)
        self.turns.append(len(self.session.turns))
        self.directions.append(direction)
        self.kind_ids.append(look[1])
        self.families.append(look[2])
        self.unknown.append(look[3])
        self.offsets.append(place.offset)
        if len(self) % CHECKPOINT_ROWS == 0:
            self._checkpoints.append(zlib.compress(pickle.dumps(self.session), 1))
        return area

    def kinds(self, row: int) -> tuple[str, ...]:
        """The kinds of the record's facts; an event's name."""
        return self._kinds[self.kind_ids[row]]

    @property
    def known_kinds(self) -> set[str]:
        """Every kind that a record of the log has."""
        return set(chain.from_iterable(self._kinds))

    def record(self, row: int) -> Record:
        """Read a record again from the journal.

        Raises:
            JournalError: The line is gone (the file was truncated or removed).
        """
        return self._record(row, read_line)

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the journal as they stand there; fewer at its end."""
        return self._read(offset, size)

    def glance(self, row: int) -> Record:
        """The same, its long base64 left out (`tui.core.glance`): for passes over many rows.

        Raises:
            JournalError: As `record`.
        """
        return self._record(row, self._glancer.read)

    def state_at(self, row: int) -> Session:
        """The session as it was after the record of that row, a copy of the caller's own.

        Raises:
            JournalError: As `record`.
        """
        kept = min((row + 1) // CHECKPOINT_ROWS, len(self._checkpoints))
        session = pickle.loads(zlib.decompress(self._checkpoints[kept - 1])) if kept else Session()
        for each in range(kept * CHECKPOINT_ROWS, row + 1):
            session.apply(self.glance(each))
        return session

    def _record(self, row: int, read: Callable[[bytes], Record | dict[str, Any]]) -> Record:
        length = self.lengths[row]
        too_long = length > LONGEST_LINE_BYTES
        line = self._read(self.offsets[row], SHOWN_BYTES if too_long else length)
        if len(line) < length and not too_long:
            raise JournalError("The file has shrunk: the line is gone.")
        try:
            if too_long:
                raise JournalError(TOO_LONG)
            record = read(line)
        except JournalError as error:
            if self.kinds(row) != (UNREADABLE,):
                raise
            return unreadable(line, str(error), self.seqs[row], self.mono_s[row], self.header)
        if isinstance(record, dict):
            raise JournalError("This line is no journal record.")
        return record

    def _look(self, frame: Frame) -> _Look:
        """What the columns say of a message; glances give many messages the same facts."""
        facts = frame.facts
        look = self._looks.get(id(facts))
        if look is None:
            families = 0
            for fact in facts:
                families |= 1 << FAMILIES.index(fact.family)
            kind_id = self._kind_id(tuple(fact.kind for fact in facts))
            look = (facts, kind_id, families, int(any(fact.unknown for fact in facts)))
            if frame.left_out:
                if len(self._looks) == REMEMBERED:
                    self._looks.clear()
                self._looks[id(facts)] = look
        return look

    def _kind_id(self, kinds: tuple[str, ...]) -> int:
        number = self._kind_numbers.get(kinds)
        if number is None:
            number = self._kind_numbers[kinds] = len(self._kinds)
            self._kinds.append(kinds)
        return number
