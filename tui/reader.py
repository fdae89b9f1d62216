"""Reading a recording on a thread of its own, and following it while it grows."""

from __future__ import annotations

import gc
import threading
from itertools import islice
from pathlib import Path

from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.recording import Recording

FIRST_RECORDS = 200
"""As many as any screen shows at first."""

LOOK_AGAIN_S = 0.25
"""How often a file that was read to its end is looked at for more."""


class Reader:
    """Fills `log` with the recording's records, in order, from `start` to `stop`.

    The log's columns may be read meanwhile; its `session` only when `whole` is true and the file
    no longer grows, else `SessionLog.state_at`.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.path: Path = recording.path
        self.log = SessionLog(recording.read)
        self.whole = False
        """Whether all that was in the file when it was last looked at is in the log."""
        self.problem = ""
        """Why reading has ended early, in words."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    @property
    def torn(self) -> bool:
        """Whether the file ends in the middle of a line."""
        return self._recording.torn

    @property
    def progress(self) -> float:
        """How much of the file is read, 0..1."""
        size_bytes = self._recording.size_bytes
        return min(1.0, self._recording.read_bytes / size_bytes) if size_bytes else 1.0

    def read_first(self) -> None:
        """The first page, at once and here.

        Raises:
            JournalError: The file cannot be read.
        """
        for record, place in islice(self._recording.records(), FIRST_RECORDS):
            self.log.ingest(record, place)

    def start(self) -> None:
        """Begin to read, if that has not begun."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Read no more, and let the file go."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._recording.close()

    def _run(self) -> None:
        gc.disable()  # records have no cycles, and to look for some takes a tenth of the time
        try:
            self._read_on()
            gc.enable()
            while not self._stopping.wait(LOOK_AGAIN_S):
                self._read_on()
        except (OSError, ValueError, JournalError) as error:
            self.problem = f"{self.path.name} cannot be read on: {error}"
        finally:
            gc.enable()

    def _read_on(self) -> None:
        for record, place in self._recording.records():
            self.log.ingest(record, place)
            if self._stopping.is_set():
                return
        self.whole = True
