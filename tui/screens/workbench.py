"""The workbench: conversation on the left, the wire on the right, the strip above."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer, Static, Tab, Tabs

from tui.core import status
from tui.core.capture import Capture
from tui.core.frame import Record
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.playback import Playback
from tui.core.session import Area
from tui.core.status import Notice, Readout
from tui.core.video import Video
from tui.keys import bindings
from tui.widgets.composer import Composer
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.message_tabs import FamilyTabs
from tui.widgets.meter import Meter
from tui.widgets.preview import Decode, Preview
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.transcript import Transcript

SMALLEST = (60, 16)
PANES = ("conversation", "messages", "inspector")


class Workbench(Screen[None]):
    """Composes the panes and passes on what they show and say. Holds no session state."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance variable
        (0, "-small"),
        (SMALLEST[0], "-narrow"),
        (100, "-wide"),
        (160, "-very-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (SMALLEST[1], "-low"),
        (30, "-tall"),
    ]

    def __init__(self, log: SessionLog, decode: Decode) -> None:
        super().__init__(classes=f"-{PANES[0]}")
        self._log = log
        self._strip = StatusStrip()
        self._speaker_level = Meter("OUT", id="speaker-level")
        self._microphone_level = Meter("MIC", id="microphone-level")
        self._notice = NoticeBar()
        self._panes = Tabs(*(Tab(pane.title(), id=pane) for pane in PANES), id="panes")
        self._transcript = Transcript()
        self._preview = Preview(decode)
        self._composer = Composer()
        self._families = FamilyTabs()
        self._messages = MessageList()
        self._inspector = Inspector()

    def compose(self) -> ComposeResult:
        """Strip and levels, the two halves, the footer; a notice for tiny terminals."""
        yield Static(id="too-small")
        yield self._strip
        with Horizontal(id="levels"):
            yield self._speaker_level
            yield self._microphone_level
        yield self._notice
        yield self._panes
        with Horizontal(id="body"):
            with Vertical(id="conversation-pane"):
                yield self._transcript
                yield self._preview
                yield self._composer
            with Vertical(id="wire-pane"):
                yield self._families
                yield self._messages
                yield self._inspector
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the log, empty or not."""
        self._messages.show(self._log)

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
        self,
        area: Area,
        playback: Playback,
        capture: Capture,
        readout: Readout,
        notice: Notice,
        blocked: str,
    ) -> None:
        """Bring the panes up to date; ``area`` says what changed since the last time."""
        session = self._log.session
        self._strip.show(readout)
        self._notice.show(notice)
        words = "no sound" if playback.problem else ""
        self._speaker_level.show(playback.level_db, playback.peak_db, words, playback.playing)
        hears = capture.state in ("speech", "silence")
        words = "" if hears else status.microphone(capture)
        self._microphone_level.show(capture.level_db, capture.peak_db, words, hears)
        if area or playback.playing:
            self._transcript.show(session, playback)
        self._composer.blocked = blocked
        self._messages.sync()
        self._families.show(self._messages.counts, self._messages.family)

    def show_video(self, video: Video) -> None:
        """Bring the preview up to date."""
        self._preview.show(video)

    # ---- across: the list drives the inspector

    @on(MessageList.Highlighted)
    def _inspect(self, event: MessageList.Highlighted) -> None:
        self._inspector.show(self._record(event.record_row))

    @on(FamilyTabs.FamilyChosen)
    def _choose_family(self, event: FamilyTabs.FamilyChosen) -> None:
        self._messages.set_family(event.family)

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
        self._panes.active = name
        panes = (self._transcript, self._messages, self._inspector)
        panes[PANES.index(name)].focus()

    def action_compose_text(self) -> None:
        """Go to the composer, wherever it is."""
        self.action_pane("conversation")
        self._composer.focus()

    def action_zoom(self) -> None:
        """The focused pane fills the screen, and back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None and not isinstance(self.focused, Composer):
            self.maximize(self.focused)

    def _show_pane(self, name: str) -> None:
        for pane in PANES:
            self.set_class(pane == name, f"-{pane}")
