"""Recording on a thread of its own: what has passed waits here, so that no relay waits for it."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tui.core.frame import Direction
from tui.core.journal import FileStorage, JournalError
from tui.core.places import recording_path
from tui.tap.fault import Fault
from tui.tap.head import Head
from tui.tap.session import TappedSession
from tui.tap.upstream import Upstream

BACKLOG_BYTES = 32 << 20
"""So much of a session may wait; then its relay waits. Five minutes of speech, both ways."""

PAUSE_S = 0.01
"""The recorder rests so long, then takes all that waits: a relay is slower while it computes."""

Log = Callable[[str], None]
"""Takes a line for a human."""


Begun = Callable[[int, Path], None]
"""Is told of each session's number and recording, on the recorder's thread."""

What = bytes | str | Fault
"""Bytes that have passed, what is to be said of a side that is gone, or what a person has done."""

Item = tuple["Tape", Direction, What, float]


class Tape:
    """The witness of one WebSocket: it notes the time, and leaves the rest to the thread."""

    def __init__(
        self,
        number: int,
        session: TappedSession,
        put: Callable[[Item], None],
        go_on: Callable[[], None],
    ) -> None:
        self.number, self.session, self.go_on = number, session, go_on
        self.read_bytes = 0
        """Counted by the recorder's thread alone, as the other is by the relay's."""
        self._passed_bytes = 0
        self._put = put
        self._start_s = time.perf_counter()

    @property
    def full(self) -> bool:
        """Whether too much waits."""
        return self._passed_bytes - self.read_bytes > BACKLOG_BYTES

    def passed(self, direction: Direction, data: bytes) -> None:
        """These bytes are on their way."""
        self._passed_bytes += len(data)
        self._put((self, direction, data, time.perf_counter() - self._start_s))

    def ended(self, direction: Direction, problem: str = "") -> None:
        """The side that sends in this direction is gone."""
        self._put((self, direction, problem, time.perf_counter() - self._start_s))

    def fault(self, fault: Fault) -> None:
        """A person has brought this about."""
        self._put((self, Direction.RECEIVE, fault, time.perf_counter() - self._start_s))


class Recorder:
    """Makes a recording of each WebSocket in ``folder``."""

    def __init__(self, folder: Path, log: Log, begun: Begun) -> None:
        self._folder, self._log, self._begun = folder, log, begun
        self._new: list[Path] = []
        """Recordings that nobody has been told of yet."""
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._queue: deque[Item] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def tape(self, request: Head, upstream: Upstream, go_on: Callable[[], None]) -> Tape:
        """The witness of a WebSocket that is about to be opened."""
        number = next(self._numbers)
        session = TappedSession(request, upstream, time.time(), self._storage)
        return Tape(number, session, self._put, go_on)

    def stop(self) -> None:
        """Record what still waits, and end."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _put(self, item: Item) -> None:
        self._queue.append(item)
        self._wake.set()

    # ---- the thread

    def _run(self) -> None:
        while self._queue or not self._stopping:
            self._wake.wait()
            self._wake.clear()
            time.sleep(PAUSE_S)
            while self._queue:
                tape, direction, what, at_s = self._queue.popleft()
                if not tape.session.end:
                    self._take(tape, direction, what, at_s)
                was_full = tape.full
                tape.read_bytes += len(what) if isinstance(what, bytes) else 0
                if was_full and not tape.full:
                    self._loop.call_soon_threadsafe(tape.go_on)

    def _take(self, tape: Tape, direction: Direction, what: What, at_s: float) -> None:
        session = tape.session
        try:
            if isinstance(what, bytes):
                session.passed(direction, what, at_s)
            elif isinstance(what, Fault):
                session.fault(what, at_s)
            else:
                session.ended(direction, what, at_s)
        except JournalError as error:
            session.end = "not recorded any more"
            self._log(str(error))
        while self._new:  # only now its first lines are there
            path = self._new.pop()
            self._log(f"a session is recorded to {path}")
            self._begun(tape.number, path)
        if session.end:
            session.close()
            model = session.model or "no setup"
            self._log(f"session {tape.number} ({model}) ended: {session.end}")

    def _storage(self, model: str) -> FileStorage:
        path = recording_path(self._folder, model or "no-setup", time.localtime())
        storage = FileStorage(path)
        self._new.append(path)
        return storage
