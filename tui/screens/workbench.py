"""The workbench: conversation on the left, the wire on the right, the strip above."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer, Static, Tab, Tabs

from tui.core.frame import Record
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.playback import Playback
from tui.core.session import Area
from tui.core.status import Notice, Readout
from tui.keys import bindings
from tui.widgets.camera import Camera
from tui.widgets.composer import Composer
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.message_tabs import FamilyTabs
from tui.widgets.meter import Meter
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.transcript import Transcript

SMALLEST = (60, 16)
PANES = ("conversation", "messages", "inspector")


class Workbench(Screen[None]):
    """Composes the panes and passes on what they show and say. Holds no session state."""

    BINDINGS = bindings()
    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [
        (0, "-small"),
        (SMALLEST[0], "-narrow"),
        (100, "-wide"),
        (160, "-very-wide"),
    ]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [
        (0, "-flat"),
        (SMALLEST[1], "-low"),
        (30, "-tall"),
    ]

    def __init__(self, log: SessionLog) -> None:
        super().__init__()
        self._log = log

    def compose(self) -> ComposeResult:
        """Strip and levels, the two halves, the footer; a notice for tiny terminals."""
        yield Static(id="too-small")
        yield StatusStrip()
        with Horizontal(id="levels"):
            yield Meter("OUT", id="speaker-level")
            yield Meter("MIC", id="microphone-level")
        yield NoticeBar()
        yield Tabs(*(Tab(pane.title(), id=pane) for pane in PANES), id="panes")
        with Horizontal(id="body"):
            with Vertical(id="conversation-pane"):
                yield Transcript()
                yield Camera()
                yield Composer()
            with Vertical(id="wire-pane"):
                yield FamilyTabs()
                yield MessageList()
                yield Inspector()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the log, empty or not."""
        self.query_one(MessageList).show(self._log)
        self.query_one("#microphone-level", Meter).show(-90.0, -90.0, "off: not in this version")

    def on_resize(self, event: Resize) -> None:
        """Say what a tiny terminal lacks."""
        width, height = event.size
        self.query_one("#too-small", Static).update(
            Content(
                f"bidiscope needs {SMALLEST[0]}x{SMALLEST[1]} cells; this terminal has "
                f"{width}x{height}. The session goes on."
            )
        )

    # ---- downwards: what the panes show

    def show(
        self, area: Area, playback: Playback, readout: Readout, notice: Notice, blocked: str
    ) -> None:
        """Bring the panes up to date; ``area`` says what changed since the last time."""
        session = self._log.session
        self.query_one(StatusStrip).show(readout)
        self.query_one(NoticeBar).show(notice)
        words = f"no sound: {playback.problem}" if playback.problem else ""
        self.query_one("#speaker-level", Meter).show(
            playback.level_db, playback.peak_db, words, playback.playing
        )
        if area or playback.playing:
            self.query_one(Transcript).show(session, playback)
        self.query_one(Composer).blocked = blocked
        messages = self.query_one(MessageList)
        messages.sync()
        self.query_one(FamilyTabs).show(messages.counts, messages.family)

    # ---- across: the list drives the inspector

    @on(MessageList.Highlighted)
    def _inspect(self, event: MessageList.Highlighted) -> None:
        self.query_one(Inspector).show(self._record(event.record_row))

    @on(FamilyTabs.FamilyChosen)
    def _choose_family(self, event: FamilyTabs.FamilyChosen) -> None:
        self.query_one(MessageList).set_family(event.family)

    @on(Tabs.TabActivated, "#panes")
    def _choose_pane(self, event: Tabs.TabActivated) -> None:
        self._show_pane(event.tab.id or PANES[0])

    def _record(self, row: int | None) -> Record | None:
        if row is None:
            return None
        try:
            return self._log.record(row)
        except JournalError as error:
            self.notify(f"Message {row + 1} cannot be read again: {error}", markup=False)
            return None

    # ---- actions on the panes

    def action_pane(self, name: str) -> None:
        """Show a pane where only one has room, and focus it."""
        self._show_pane(name)
        self.query_one("#panes", Tabs).active = name
        self.query_one(_FOCUS[name]).focus()

    def action_compose_text(self) -> None:
        """Go to the composer, wherever it is."""
        self.action_pane("conversation")
        self.query_one(Composer).focus()

    def action_zoom(self) -> None:
        """The focused pane fills the screen, and back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None and not isinstance(self.focused, Composer):
            self.maximize(self.focused)

    def _show_pane(self, name: str) -> None:
        for pane in PANES:
            self.set_class(pane == name, f"-{pane}")


_FOCUS = {"conversation": "Transcript", "messages": "MessageList", "inspector": "Inspector"}
