"""The workbench: conversation on the left, the wire on the right, the strip above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static, Tab, Tabs

from tui.choice_line import Choice, ChoiceLine
from tui.core import relations, snippet, status, wire
from tui.core.frame import Direction, Frame, Record
from tui.core.inspection import Instruments
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.keys import LIVE
from tui.screens.copies import Copies
from tui.widgets.composer import Composer
from tui.widgets.inspector import Inspector
from tui.widgets.level_history import LevelHistory
from tui.widgets.message_list import MessageList
from tui.widgets.message_tabs import FamilyTabs
from tui.widgets.meter import Meter
from tui.widgets.preview import Preview
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.transcript import Transcript

SMALLEST = (60, 16)


class Workbench(Screen[None]):
    """Composes the panes and passes on what they show and say. Holds no session state.

    `tui.screens.live` and `tui.screens.recorded` say what is shown in them.
    """

    PLACE: ClassVar[str]
    """Which keys of `tui.keys` it has."""
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

    @dataclass
    class Copied(Message):
        """This shall be on the clipboard."""

        text: str

    def __init__(self, log: SessionLog, preview: Preview, lent: Instruments | None = None) -> None:
        super().__init__(classes="-conversation -below-inspector")
        self._log = log
        self._strip = StatusStrip()
        self._speaker_level = Meter("OUT", id="speaker-level")
        self._microphone_level = Meter("MIC", id="microphone-level")
        self._speaker_history = LevelHistory(id="speaker-history")
        self._microphone_history = LevelHistory(id="microphone-history")
        self._notice = NoticeBar()
        self._transcript = Transcript()
        self._preview = preview
        self._families = FamilyTabs()
        self._messages = MessageList()
        self._inspector = Inspector(lent)
        self._below: dict[str, Widget] = {"inspector": self._inspector}
        """The panes that share the place below the list of messages."""
        self._panes = {
            "conversation": self._transcript,
            "messages": self._messages,
            **self._below,
        }
        self._pane_tabs = Tabs(*(Tab(pane.title(), id=pane) for pane in self._panes), id="panes")
        self._below_tabs = ChoiceLine(id="below-tabs")

    def compose(self) -> ComposeResult:
        """Strip and levels, the two halves, the footer; a notice for tiny terminals."""
        yield Static(id="too-small")
        yield self._strip
        with Horizontal(id="levels"):
            yield self._speaker_level
            yield self._microphone_level
        with Horizontal(id="histories"):
            yield self._speaker_history
            yield self._microphone_history
        yield self._notice
        yield self._pane_tabs
        with Horizontal(id="body"):
            with Vertical(id="conversation-pane"):
                yield self._transcript
                yield self._preview
                yield from self.under_conversation()
            with Vertical(id="wire-pane"):
                yield self._families
                yield self._messages
                yield self._below_tabs
                yield from self._below.values()
        yield from self.under_body()
        yield Footer(show_command_palette=False)

    def under_conversation(self) -> Iterable[Widget]:
        """What stands below the transcript."""
        return ()

    def under_body(self) -> Iterable[Widget]:
        """What stands above the footer."""
        return ()

    def on_mount(self) -> None:
        """Show the log, empty or not."""
        self._messages.show(self._log, follow=self.PLACE == LIVE)
        self._below_tabs.choices = tuple(Choice(name, (name,)) for name in self._below)
        self._below_tabs.chosen = "inspector"
        self._below_tabs.display = len(self._below) > 1

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

    def show_levels(self, session: Session, instant: Instant) -> None:
        """What is heard and said, now and in the last seconds."""
        playback, capture = instant.playback, instant.capture
        words = "no sound" if playback.problem else ""
        self._speaker_level.show(playback.level_db, playback.peak_db, words, playback.playing)
        self._speaker_history.show(instant.now_s, playback.level_db)
        words, note = status.microphone(capture), status.voice(session, capture)
        self._microphone_level.show(capture.level_db, capture.peak_db, words, note=note)
        self._microphone_history.show(
            instant.now_s,
            capture.level_db,
            here=capture.speech is True,
            there=session.speech is True,
        )

    def show_messages(self) -> None:
        """The records that have come."""
        self._messages.sync()
        self._families.show(self._messages.counts, self._messages.family)

    # ---- across: the list drives the inspector

    @on(MessageList.Highlighted)
    def _inspect(self, event: MessageList.Highlighted) -> None:
        row = event.record_row
        connection = self._log.session.connection
        origin = connection.origin if connection else self._log.header.get("origin")
        rows = [*self._messages.run] if row == self._messages.record_row else []
        self._inspector.show(
            self._record(row),
            partial(_frames, self._log, rows) if len(rows) > 1 else None,
            max(1, len(rows)),
            origin == "vertex",
        )

    @on(FamilyTabs.FamilyChosen)
    def _choose_family(self, event: FamilyTabs.FamilyChosen) -> None:
        self._messages.set_family(event.family)

    @on(Tabs.TabActivated, "#panes")
    def _choose_pane(self, event: Tabs.TabActivated) -> None:
        self._show_pane(event.tab.id or "conversation")

    @on(ChoiceLine.Chosen, "#below-tabs")
    def _choose_below(self, event: ChoiceLine.Chosen) -> None:
        self.action_pane(event.value)

    def _record(self, row: int | None) -> Record | None:
        if row is None:
            return None
        try:
            return self._log.record(row)
        except JournalError as error:
            self.notify(f"Message {row + 1} cannot be read again: {error}", markup=False)
            return None

    # ---- from message to message

    def action_same_kind(self, step: int) -> None:
        """The next message of this kind (1), or the one before (-1)."""
        if (row := self._messages.record_row) is not None:
            start = self._messages.run[-1] if step > 0 else row
            self._jump(
                relations.same_kind(self._log, start, step), "There is no other of its kind."
            )

    def action_partner(self) -> None:
        """From a call to its answer and back, from a set-up to its acceptance and back."""
        if (row := self._messages.record_row) is not None:
            self._jump(relations.partner(self._log, row), "No call or answer belongs to it.")

    def action_turn_start(self) -> None:
        """To the first message of this one's turn."""
        if (row := self._messages.record_row) is not None:
            self._jump(relations.turn_start(self._log, row), "")

    def action_mark(self) -> None:
        """Mark the message for a comparison, or compare it with the one that is marked."""
        self._inspector.mark()
        if self._inspector.view == "diff":
            self.action_pane("inspector")

    def action_copy_as(self, what: str = "") -> None:
        """Copy something of the message; with no name, ask what."""
        if what:
            self._copy(what)
        else:
            self.app.push_screen(Copies(), self._copy)

    def _jump(self, row: int | None, words: str) -> None:
        if row is None:
            self.notify(words, markup=False)
        else:
            self._messages.go_to(row, unfold=False)

    def _copy(self, what: str | None) -> None:
        row = self._messages.record_row
        if not what or row is None:
            return
        try:
            self.post_message(self.Copied(self._copied(what, row)))
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)

    def _copied(self, what: str, row: int) -> str:
        """What is to be copied; raises ValueError with a sentence where it cannot be."""
        inspector = self._inspector
        match what:
            case "value":
                return inspector.copy_value()
            case "path":
                return inspector.copy_path()
            case "raw":
                return inspector.copy_raw()
        record = inspector.record
        if not isinstance(record, Frame):
            raise ValueError("An event of this side cannot be sent.")
        message, sent = wire.parse(record.payload), record.direction is Direction.SEND
        if what == "python":
            return snippet.python(message, sent)
        if what == "javascript":
            return snippet.javascript(message, sent)
        first = relations.setup_of(self._log, row)
        begun = None if first is None else self._record(first)
        setup = wire.parse(begun.payload) if isinstance(begun, Frame) else None
        return snippet.shell(message, sent, setup)

    # ---- actions on the panes

    def go_to(self, row: int) -> None:
        """Put the list's cursor on a record, and so the inspector's eye."""
        self._messages.go_to(row)

    def action_pane(self, name: str) -> None:
        """Show a pane where not all have room, and focus it."""
        self._show_pane(name)
        self._pane_tabs.active = name
        self._panes[name].focus()

    def action_zoom(self) -> None:
        """The focused pane fills the screen, and back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None and not isinstance(self.focused, Composer):
            self.maximize(self.focused)

    def _show_pane(self, name: str) -> None:
        """By classes: `app.tcss` says what they mean on narrow and on wide terminals."""
        for pane in self._panes:
            self.set_class(pane == name, f"-{pane}")
        if name in self._below:
            self._below_tabs.chosen = name
            for pane in self._below:
                self.set_class(pane == name, f"-below-{pane}")


def _frames(log: SessionLog, rows: Sequence[int]) -> Sequence[Frame]:
    """The messages of these records; on any thread.

    Raises:
        JournalError: A line is gone.
    """
    return [each for each in map(log.record, rows) if isinstance(each, Frame)]
