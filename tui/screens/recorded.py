"""The workbench of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.worker import Worker, get_current_worker

from tui.core import status
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.lint import words
from tui.core.lint.linter import Linter, lint
from tui.core.lint.rule import Severity
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.status import Notice
from tui.keys import RECORDED, bindings
from tui.reader import Reader
from tui.screens.workbench import Workbench
from tui.widgets.preview import Preview

SHOW_HZ = 15
READING_HZ = 2
"""While the file is read, once the first page is there: painting takes the reader's time."""


class Recorded(Workbench):
    """Shows a recording from its first record on, while it is read and while it grows."""

    PLACE = RECORDED
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(RECORDED)]
    AUTO_FOCUS = "MessageList"

    def __init__(self, reader: Reader, preview: Preview) -> None:
        self._linter = Linter.of(reader.log)
        super().__init__(reader.log, preview, self._linter.findings)
        self._reader = reader
        self._examining: Worker[None] | None = None
        self._examined = 0
        """How many records the linter has looked at."""
        self._session = Session()
        """As it was after the last record that is shown."""
        self._tick = 0
        self._shown = 0
        """How many records `_session` is of."""

    @property
    def path(self) -> Path:
        """The recording's file."""
        return self._reader.path

    def on_mount(self) -> None:
        """Show what there is already; more comes."""
        self.set_interval(1 / SHOW_HZ, self._show)
        self._show()

    def on_unmount(self) -> None:
        """The file is not read on."""
        self._reader.stop()

    def _show(self) -> None:
        reader, log = self._reader, self._log
        self._tick += 1
        if not reader.whole and self._messages.rows and self._tick % (SHOW_HZ // READING_HZ):
            return
        self.show_messages()
        self._notice.show(_notice(reader))
        self._examine_on()
        if reader.whole and len(log) > self._shown:
            self._shown = len(log)
            try:
                self._session = log.state_at(self._shown - 1)
            except JournalError as error:
                self.notify(str(error), severity="error", markup=False)
            self._transcript.show(self._session, Playback())
        found, instant = words.counts(self._findings, Severity.NOTE), Instant(self._session.now_s)
        self._strip.show(status.readout(self._session, instant, reader.path.name, found))

    def _examine_on(self) -> None:
        """Let the linter look at what has come, on a thread of its own, and show what it found."""
        count, worker = len(self._log), self._examining
        working = worker is not None and worker.is_running
        if self._reader.whole and count > self._examined and not working:
            self._examining = self.run_worker(self._examine, thread=True, group="lint")
        left = f"{self._examined / count:.0%} looked at" if count > self._examined else ""
        self.show_findings(left)

    def _examine(self) -> None:
        worker, start = get_current_worker(), self._examined
        for done in lint(self._log, self._linter, start):
            self._examined = done
            if worker.is_cancelled:
                return


def _notice(reader: Reader) -> Notice:
    """How far the file is read, and what is wrong with it."""
    if reader.problem:
        return Notice(reader.problem, problem=True)
    if not reader.whole:
        return Notice(f"Reading {reader.path.name}: {reader.progress:.0%}.")
    if reader.torn:
        return Notice(f"{reader.path.name} ends in the middle of a line: it may still be written.")
    return Notice()
