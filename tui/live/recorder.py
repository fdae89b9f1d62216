"""All that happens goes through here: into the journal, the engine's session and the inbox."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from tui.core.frame import Direction, Frame, Record
from tui.core.journal import Journal, Place
from tui.core.session import Session

Inbox = deque[tuple[Record, Place]]


class Clock:
    """The journal's clock: Unix time at its start, and seconds since."""

    def __init__(self) -> None:
        self.start_time_s = time.time()
        self._start_s = time.perf_counter()

    @property
    def mono_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start_s


class JournalRecorder:
    """Journals records with their times and hands them on; used on the engine's thread alone."""

    def __init__(self, journal: Journal, clock: Clock, on_frame: Callable[[Frame], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._on_frame = on_frame
        self.session = Session()
        self.inbox: Inbox = deque()
        """What the other thread has not taken yet; it only pops, this side only appends."""
        self.last_sent: Frame | None = None

    def frame(self, direction: Direction, opcode: int, payload: bytes) -> None:
        """A message has crossed the socket."""
        frame, place = self._journal.frame(direction, opcode, payload, **self._now())
        if direction is Direction.SEND:
            self.last_sent = frame
        self._take(frame, place)
        self._on_frame(frame)

    def event(self, name: str, **detail: Any) -> None:
        """Something has happened on this side."""
        self._take(*self._journal.event(name, detail, **self._now()))

    def _now(self) -> Mapping[str, float]:
        mono_s = round(self._clock.mono_s, 6)
        return {"mono_s": mono_s, "time_s": round(self._clock.start_time_s + mono_s, 6)}

    def _take(self, record: Record, place: Place) -> None:
        self.session.apply(record)
        self.inbox.append((record, place))
