"""Recordings by the server's side, written on a thread of their own: no session waits for a disk.

A recording has the form and the directions of one made by a client: what the client sent is
``send``.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tui.core import closing, models
from tui.core.frame import Direction, Frame
from tui.core.journal import FileStorage, Journal, JournalError, recording_folder
from tui.core.places import recording_path
from tui.core.secrets import Mask

BACKLOG_BYTES = 32 << 20
"""So much of a session may wait for the disk; then the session waits, too."""
PAUSE_S = 0.01

Log = Callable[[str], None]
"""Takes a line for a human, on any thread."""
Job = Callable[[], None]


class Recorder:
    """Records sessions in ``folder``; raises `JournalError` when it cannot be written to."""

    def __init__(self, folder: Path, log: Log) -> None:
        self._folder, self._log = recording_folder(folder), log
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def tape(self, about: About, secrets: Iterable[str]) -> Tape:
        """The witness of a session that begins."""
        return Tape(Recording(self._folder, about, Mask(secrets), self._log), self._jobs.put)

    def stop(self) -> None:
        """Write what still waits, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while job := self._jobs.get():
            job()


@dataclass(frozen=True)
class About:
    """What is known of a session before its first message."""

    host: str
    sdk: str
    time_s: float
    """Unix time of its beginning."""


class Tape:
    """The loop's side of a recording: it notes the time, and leaves the rest to the thread."""

    def __init__(self, recording: Recording, put: Callable[[Job], None]) -> None:
        self._recording, self._put = recording, put
        self._start_s = time.perf_counter()
        self._passed_bytes = 0

    async def passed(self, direction: Direction, opcode: int, message: str | bytes) -> None:
        """A message has come, or is on its way."""
        payload = message.encode() if isinstance(message, str) else message
        at_s = self._at_s()
        self._passed_bytes += len(payload)
        self._put(lambda: self._recording.frame(direction, opcode, payload, at_s))
        while self._full:  # noqa: ASYNC110 - rare, and the thread knows no loop
            await asyncio.sleep(PAUSE_S)

    def ended(self, code: int, reason: str, by: str) -> None:
        """The session is over."""
        at_s = self._at_s()
        self._put(lambda: self._recording.end(code, reason, by, at_s))

    @property
    def _full(self) -> bool:
        return self._passed_bytes - self._recording.read_bytes > BACKLOG_BYTES

    def _at_s(self) -> float:
        return time.perf_counter() - self._start_s


class Recording:
    """The thread's side: one journal, from the first message on, since that names the model."""

    def __init__(self, folder: Path, about: About, mask: Mask, log: Log) -> None:
        self._folder, self._about, self._mask, self._log = folder, about, mask, log
        self._journal: Journal | None = None
        self._storage: FileStorage | None = None
        self._last_sent: Frame | None = None
        self._failed = False
        self.read_bytes = 0
        """What the thread is through with."""

    def frame(self, direction: Direction, opcode: int, payload: bytes, at_s: float) -> None:
        """A message."""
        self._try(lambda: self._frame(direction, opcode, payload, at_s))
        self.read_bytes += len(payload)

    def end(self, code: int, reason: str, by: str, at_s: float) -> None:
        """The end of the session, and of the file."""
        self._try(lambda: self._end(code, reason, by, at_s))
        if self._journal is not None:
            self._journal.close()

    def _try(self, write: Job) -> None:
        if self._failed:
            return
        try:
            write()
            if self._storage is not None and self._storage.problem:
                raise JournalError(self._storage.problem)
        except JournalError as error:
            self._failed = True
            self._log(str(error))

    def _frame(self, direction: Direction, opcode: int, payload: bytes, at_s: float) -> None:
        journal = self._journal or self._begin(models.asked(payload))
        frame, _ = journal.frame(direction, opcode, payload, **self._times(at_s))
        if direction is Direction.SEND:
            self._last_sent = frame

    def _end(self, code: int, reason: str, by: str, at_s: float) -> None:
        journal, last = self._journal or self._begin(""), self._last_sent
        kinds = "+".join(fact.kind for fact in last.facts) if last is not None else ""
        detail = {
            "code": code,
            "reason": reason,
            "by": by,
            "last_sent": last.seq if last is not None else None,
            "message": closing.describe(code, reason, by, kinds),
        }
        journal.event("connection.closed", detail, **self._times(at_s))

    def _begin(self, model: str) -> Journal:
        about = self._about
        what = {"model": model, "origin": "emulator", "host": about.host}
        header = {
            "tool": f"bidiscope {version('bidiscope')}",
            "sdk": about.sdk,
            **what,
            "clock": {"time": about.time_s, "mono": 0},
        }
        path = recording_path(self._folder, model or "no-setup", time.localtime(about.time_s))
        self._storage = FileStorage(path)
        self._journal = Journal(self._storage, header, self._mask)
        self._journal.event("connection.opening", what, **self._times(0.0))
        self._log(f"a session is recorded to {path}")
        return self._journal

    def _times(self, at_s: float) -> dict[str, Any]:
        return {"mono_s": round(at_s, 6), "time_s": round(self._about.time_s + at_s, 6)}
