"""The workbench of the live session."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui.core import cost, status
from tui.core.cost import Prices
from tui.core.inspection import Instruments
from tui.core.instant import Instant
from tui.core.lint import words
from tui.core.lint.finding import Findings
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.session import Area
from tui.core.text import safe
from tui.keys import LIVE, bindings
from tui.screens.workbench import Workbench
from tui.widgets.attachments import Attachments
from tui.widgets.composer import Composer
from tui.widgets.preview import Preview


class Live(Workbench):
    """Shows what the engine records, as it comes; a person types below the conversation."""

    PLACE = LIVE
    FOLLOWS = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LIVE)]
    AUTO_FOCUS = "Composer"

    def __init__(
        self,
        log: SessionLog,
        preview: Preview,
        findings: Findings,
        path: Path | None,
        lent: Instruments | None = None,
        prices: Prices | None = None,
    ) -> None:
        """``path`` is the file that the session is recorded to, if it is."""
        super().__init__(log, preview, findings, lent)
        self._path = path
        self._prices = prices or cost.shipped()
        self._dollars: float | None = None
        self._recording = path.name if path else ""
        self._board.commands = True
        self.composer = Composer()
        """Where a person types."""
        self.attachments = Attachments()
        """The files that go with it."""
        self._fault = Static(id="fault-banner", markup=False)
        self._fault.display = False
        self._fault_text = ""

    @property
    def path(self) -> Path | None:
        """The file that the session is recorded to."""
        return self._path

    def compose(self) -> ComposeResult:
        """A red line above all else, while the emulator has a fault."""
        yield self._fault
        yield from super().compose()

    def under_conversation(self) -> Iterable[Widget]:
        """Where a person types, and the files that go with it."""
        yield self.attachments
        yield self.composer

    def show(self, area: Area, instant: Instant) -> None:
        """Bring the panes up to date; ``area`` says what changed since the last time."""
        session, playback = self._log.session, instant.playback
        found = words.counts(self._findings, Severity.NOTE)
        if area & Area.USAGE:
            self._dollars = cost.of_session(session, self._prices).dollars
        self._strip.show(status.readout(session, instant, self._recording, found, self._dollars))
        self._notice.show(status.notice(session, instant))
        self._show_fault(status.fault(session, instant.now_s))
        self.show_levels(session, instant)
        self._preview.show(instant.video)
        if area or playback.playing:
            self._transcript.show(session, playback)
            self._latency.show(self._log, session)
        self._board.show(self._log, session, instant.now_s)
        self._block()
        self.show_messages()
        self.show_findings()
        self._lanes.show(instant.now_s)

    @on(Attachments.Changed)
    def _count_files(self, event: Attachments.Changed) -> None:
        self.composer.files = event.count
        self._block()

    @on(Composer.FileUnwanted)
    def _take_file_out(self, event: Composer.FileUnwanted) -> None:
        self.attachments.remove_last()

    def _block(self) -> None:
        """Nothing is sent without a connection, nor while a file is read that goes with it."""
        blocked = status.blocked(self._log.session, self.composer.files)
        self.composer.blocked = blocked or self.attachments.waiting

    def _show_fault(self, text: str) -> None:
        if text != self._fault_text:
            self._fault_text = text
            self._fault.update(safe(text))
            self._fault.display = bool(text)

    def action_compose_text(self) -> None:
        """Go to the composer, wherever it is."""
        self.action_pane("conversation")
        self.composer.focus()
