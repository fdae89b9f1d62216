"""The workbench: conversation on the left, the wire on the right, the strip above."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input, Static, Tab, Tabs

from tui.choice_line import Choice, ChoiceLine
from tui.core import status
from tui.core.completion import term_of_kinds, term_of_value
from tui.core.inspection import Instruments
from tui.core.instant import Instant
from tui.core.lint.finding import Findings
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.keys import LIVE
from tui.screens.close_up import CloseUp
from tui.screens.finder import Finder
from tui.screens.lanes import Lanes
from tui.screens.language import Language
from tui.widgets.board import ToolBoard
from tui.widgets.composer import Composer
from tui.widgets.filter_bar import FilterBar, Mode
from tui.widgets.findings import FindingsPane
from tui.widgets.inspector import Inspector
from tui.widgets.latency import Latency
from tui.widgets.level_history import LevelHistory
from tui.widgets.message_list import MessageList
from tui.widgets.message_tabs import FamilyTabs
from tui.widgets.meter import Meter
from tui.widgets.preview import Preview
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.timeline import TimelineView
from tui.widgets.transcript import Transcript

SMALLEST = (60, 16)


class Workbench(Screen[None]):
    """Composes the panes and passes on what they show and say. Holds no session state.

    `tui.screens.live` and `tui.screens.recorded` say what is shown in them.
    """

    PLACE: ClassVar[str]
    """Which keys of `tui.keys` it has."""
    FOLLOWS: ClassVar[bool] = False
    """Whether the list begins at its end, and goes on with what comes."""
    ALLOW_IN_MAXIMIZED_VIEW = "Footer, StatusStrip"
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

    def __init__(
        self,
        log: SessionLog,
        preview: Preview,
        findings: Findings,
        lent: Instruments | None = None,
    ) -> None:
        super().__init__(classes="-conversation -below-inspector")
        self._log = log
        self._findings = findings
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
        self._filter = FilterBar()
        self._filter.kinds = lambda: log.known_kinds
        self._finder = Finder(self, log, self._messages, self._filter, findings)
        self._inspector = Inspector(lent)
        self._close_up = CloseUp(self, log, self._messages, self._inspector)
        self._timeline_view = TimelineView()
        self._lanes = Lanes(self, log, findings, self._timeline_view)
        self._led: int | None = 0
        """The record that the list's cursor was taken to by something else than its keys, and
        where it still is."""
        self._findings_pane = FindingsPane()
        self._latency = Latency()
        self._board = ToolBoard()
        self._below: dict[str, Widget] = {
            "inspector": self._inspector,
            "findings": self._findings_pane,
            "latency": self._latency,
            "tools": self._board,
        }
        """The panes that share the place below the list of messages."""
        self._panes = {
            "conversation": self._transcript,
            "messages": self._messages,
            **self._below,
            "timeline": self._timeline_view,
        }
        self._pane_tabs = Tabs(*(Tab(pane.title(), id=pane) for pane in self._panes), id="panes")
        self._below_tabs = ChoiceLine(id="below-tabs")

    @property
    def path(self) -> Path | None:
        """The session's file."""
        return None

    @property
    def session_log(self) -> SessionLog:
        """The session's records."""
        return self._log

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
                yield self._filter
                yield self._below_tabs
                yield from self._below.values()
        yield self._timeline_view
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
        self._messages.show(self._log, self._findings, follow=self.FOLLOWS)
        self._below_tabs.choices = tuple(Choice(name, (name,)) for name in self._below)
        self._below_tabs.chosen = "inspector"
        self._timeline_view.attach(self._log, self._lanes.timeline, live=self.PLACE == LIVE)

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

    def show_messages(self, *, news: bool = True) -> None:
        """The records that have come; without ``news`` they were there before."""
        self._messages.sync(news=news)
        self._finder.go_on()
        self._families.show(self._messages.counts, self._messages.family)

    def show_findings(self, progress: str = "") -> None:
        """What was found; ``progress`` says how far the log has been looked at."""
        self._findings_pane.show(self._log, self._findings, progress)

    # ---- across: the list drives the inspector, findings drive the list

    @on(MessageList.Highlighted)
    def _inspect(self, event: MessageList.Highlighted) -> None:
        self._close_up.show(event.record_row)
        row = event.record_row
        if row is not None and row != self._led and row == self._messages.record_row:
            self._cursor_moved(row)

    def _cursor_moved(self, row: int) -> None:
        """A person has moved the list's cursor: the timeline's goes with it, and the transcript."""
        self._led = None
        self._timeline_view.go_to(self._log.mono_s[row])
        if not self._messages.following:
            self._transcript.reveal(self._log.mono_s[row])

    @on(TimelineView.Moved)
    @on(TimelineView.Chosen)
    def _follow_timeline(self, event: TimelineView.Moved | TimelineView.Chosen) -> None:
        if 0 <= event.row < len(self._log):
            self.lead(event.row)
            self._transcript.reveal(self._log.mono_s[event.row])

    def lead(self, row: int, *, unfold: bool = False) -> None:
        """Take the list's cursor to a record, or to the run that it is folded in."""
        if unfold:
            self._messages.go_to(row)
        else:
            self._messages.stand_by(row)
        self._led = self._messages.record_row

    @on(FindingsPane.Chosen)
    @on(Latency.Chosen)
    @on(ToolBoard.Chosen)
    def _show_evidence(
        self, event: FindingsPane.Chosen | Latency.Chosen | ToolBoard.Chosen
    ) -> None:
        self.go_to(event.row)

    @on(FamilyTabs.FamilyChosen)
    def _choose_family(self, event: FamilyTabs.FamilyChosen) -> None:
        self._messages.set_family(event.family)

    @on(Tabs.TabActivated, "#panes")
    def _choose_pane(self, event: Tabs.TabActivated) -> None:
        self._show_pane(event.tab.id or "conversation")

    @on(ChoiceLine.Chosen, "#below-tabs")
    def _choose_below(self, event: ChoiceLine.Chosen) -> None:
        self.action_pane(event.value)

    # ---- from message to message

    def action_same_kind(self, step: int) -> None:
        """The next message of this kind (1), or the one before (-1)."""
        self._close_up.to_same_kind(step)

    def action_partner(self) -> None:
        """From a call to its answer and back, from a set-up to its acceptance and back."""
        self._close_up.to_partner()

    def action_turn_start(self) -> None:
        """To the first message of this one's turn."""
        self._close_up.to_turn_start()

    def action_mark(self) -> None:
        """Mark the message for a comparison, or compare it with the one that is marked."""
        self._inspector.mark()
        if self._inspector.view == "diff":
            self.action_pane("inspector")

    def action_copy_as(self, what: str = "") -> None:
        """Copy something of the message; with no name, ask what."""
        self._close_up.copy(what)

    # ---- search

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash that is typed is no command.

        Elsewhere its key comes first, so that the next one is the query's already.
        """
        return not (action == "write_query" and isinstance(self.focused, (Input, Composer)))

    def action_write_query(self, mode: str) -> None:
        """Let a query be typed."""
        if self.maximized is not None:
            self.minimize()
        self._show_pane("messages")
        self._pane_tabs.active = "messages"
        self._finder.write(Mode(mode))

    def action_next_hit(self, forwards: bool) -> None:
        """Go to the next match, or to the one before."""
        self._finder.next_hit(forwards=forwards)

    def action_filter_selected(self) -> None:
        """Filter by the chosen value, or by the kind of the chosen message."""
        row = self._messages.record_row
        if self._inspector.has_pseudo_class("focus-within") and self._inspector.copy_path():
            query = term_of_value(self._inspector.copy_path(), self._inspector.copy_value())
        else:
            query = term_of_kinds(() if row is None else self._log.kinds(row))
        if query:
            self._finder.apply(query, Mode.FILTER)

    def action_back_out(self) -> None:
        """Leave the filter's line; then show all messages again."""
        if self.back_out():
            return
        if self.maximized is not None:
            self.minimize()
        self.clear_selection()

    def back_out(self, *, busy: bool = False) -> bool:
        """Leave the filter's line, else end the filter, unless ``busy`` or while typing.

        Returns whether there was anything to leave or end.
        """
        if self._filter.is_open:
            self._filter.action_leave()
            return True
        if busy or isinstance(self.focused, Composer) or not self._finder.in_force:
            return False
        self._finder.clear()
        return True

    @on(FilterBar.Entered)
    def _apply_filter(self, event: FilterBar.Entered) -> None:
        self._finder.apply(event.query, event.mode)
        self._messages.focus()

    @on(FilterBar.Left)
    def _leave_filter(self, event: FilterBar.Left) -> None:
        self._messages.focus()

    @on(FilterBar.HelpWanted)
    def _explain_language(self, event: FilterBar.HelpWanted) -> None:
        self.app.push_screen(Language())

    @on(FilterBar.Saved)
    def _save_query(self, event: FilterBar.Saved) -> None:
        self._finder.save(event.name, event.query)

    @on(Finder.Advanced)
    def _show_found(self, event: Finder.Advanced) -> None:
        self._finder.show()
        self._families.show(self._messages.counts, self._messages.family)

    @on(MessageList.Unfiltered)
    def _end_filter(self, event: MessageList.Unfiltered) -> None:
        self._finder.clear()

    # ---- actions on the panes

    def go_to(self, row: int) -> None:
        """Put the list's cursor on a record, and so the inspector's eye."""
        self._messages.go_to(row)

    def action_pane(self, name: str) -> None:
        """Show a pane where not all have room, and focus it."""
        self._show_pane(name)
        self._pane_tabs.active = name
        self._panes[name].focus()

    def action_timeline(self) -> None:
        """A band above the footer, where there is room beside the other panes; else a pane."""
        if self.has_class("-narrow"):
            self.action_pane("timeline")
        elif self.has_class("-band") and self._timeline_view.has_focus:
            self.remove_class("-band")
            self._messages.focus()
        else:
            self.add_class("-band")
            self._timeline_view.focus()

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
