"""The app as far as it needs no session of its own: recordings, themes, palette, copying."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import App, SystemCommand
from textual.command import CommandPalette, SimpleCommand
from textual.screen import Screen
from textual.widget import Widget

from tui import exports, lent, terminal, theming
from tui.audition import SpeakerAudition
from tui.core.inspection import Audition, Instruments
from tui.core.journal import JournalError
from tui.core.text import safe
from tui.keys import keys_of
from tui.line_view import LineView
from tui.reader import Reader
from tui.screens.close_up import CloseUp
from tui.screens.comparison import ComparisonScreen
from tui.screens.copies import COPIES
from tui.screens.export import Export
from tui.screens.help import Help
from tui.screens.recorded import MakeSound, Recorded
from tui.screens.sessions import Sessions
from tui.screens.workbench import Workbench
from tui.widgets.board import CallDetail, CallList
from tui.widgets.composer import Composer
from tui.widgets.filter_bar import FilterBar
from tui.widgets.findings import FindingsPane
from tui.widgets.inspector import Inspector
from tui.widgets.latency import LatencyTurns
from tui.widgets.message_list import MessageList
from tui.widgets.preview import Preview
from tui.widgets.timeline import TimelineView
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tui.graphics import Image
    from tui.live.playback import Player

QUIT_AGAIN_S = 2.0
NO_SESSION = (
    "There is no live session to send it into: start bidiscope without a file, and open the "
    "recording there (o)."
)
LISTED = 20
"""So many recordings, the newest, are offered to be compared with."""

PANES: dict[str, type[Widget]] = {
    "In the conversation": Transcript,
    "In the composer": Composer,
    "In the list of messages": MessageList,
    "In the line of a query": FilterBar,
    "In the inspector": Inspector,
    "In the findings": FindingsPane,
    "In the latencies": LatencyTurns,
    "In the function calls": CallList,
    "In the chosen function call": CallDetail,
    "In the list, the inspector and the findings": LineView,
    "In the timeline": TimelineView,
}
"""The panes whose own keys the help lists."""


class Desk(App[None]):
    """Shows recordings; `tui.app` adds the live session.

    Args:
        reader: reads the recording to show first, if there is one.
        theme: its name; empty is the default.
        make_image: draws pictures by the terminal's own means; None draws half blocks.
        warnings: told once, as soon as there is a screen.
        make_sound: lets recordings be heard; None leaves them silent.
        play: the first recording, at this speed.
        make_speaker: makes what the inspector's sounds are heard on; None leaves them silent.
    """

    CSS_PATH = "app.tcss"
    CSS = theming.ANSI_CSS
    TITLE = "bidiscope"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        reader: Reader | None = None,
        theme: str = "",
        make_image: Callable[[], Image] | None = None,
        warnings: Sequence[str] = (),
        make_sound: MakeSound | None = None,
        play: float | None = None,
        make_speaker: Callable[[], Player] | None = None,
    ) -> None:
        super().__init__(ansi_color=theming.without_color(os.environ) or None)
        self._reader = reader
        self._theme_wanted = theme
        self._make_image = make_image
        self._warnings = warnings
        self._make_sound = make_sound
        self._play = play
        self._make_speaker = make_speaker
        self._closers: list[Callable[[], None]] = []
        """Called at the end."""
        self._quit_asked_s = float("-inf")
        self._theme_before = ""
        self._theme_problems = theming.register(self, os.environ)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours that only bidiscope's own themes set."""
        return theming.variable_defaults(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        """The recording."""
        assert self._reader is not None
        return self._recorded(self._reader, self._play)

    def _recorded(self, reader: Reader, play: float | None = None) -> Recorded:
        return Recorded(reader, self.preview(), self._make_sound, play, self.instruments())

    def preview(self) -> Preview:
        """A pane for pictures."""
        return Preview(lent.pixels, self._make_image() if self._make_image else None)

    def instruments(self) -> Instruments:
        """What the inspector is lent."""
        return Instruments(lent.measure, lent.pixels, lent.sdk, self.audition)

    @cached_property
    def audition(self) -> Audition:
        """Lets captured sound be heard, on a speaker that is opened when it is needed."""
        audition = SpeakerAudition(self._make_speaker)
        self._closers.append(audition.close)
        return audition

    @property
    def recording(self) -> Path | None:
        """The file of the session in view."""
        return self.screen.path if isinstance(self.screen, Workbench) else None

    def on_mount(self) -> None:
        """Themes and signals."""
        problems = self._theme_problems
        if self._theme_wanted:
            problems += self._choose_theme(self._theme_wanted)
        for problem in problems:
            self.notify(problem, title="Theme", severity="warning", markup=False, timeout=10)
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and os.name == "posix":
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.exit)

    def on_ready(self) -> None:
        """The screen is painted."""
        for warning in self._warnings:
            self.notify(warning, severity="warning", markup=False, timeout=10)

    def on_unmount(self) -> None:
        """Give back what was opened."""
        for close in self._closers:
            close()

    # ---- other recordings

    def action_sessions(self) -> None:
        """Look through the recordings beside the one in view, or where sessions are recorded."""
        from tui.library import default_folder
        from tui.sessions import Shelf

        own = self.own_recording
        folder = self.recording.parent if self.recording and self.recording != own else None
        self.push_screen(Sessions(Shelf(folder or (own.parent if own else default_folder())), own))

    @property
    def own_recording(self) -> Path | None:
        """The file that this program is writing."""
        return None

    @on(Sessions.Chosen)
    def _choose_recording(self, event: Sessions.Chosen) -> None:
        self.run_worker(partial(self._begin_to_read, event.path), thread=True, group="open")

    def _begin_to_read(self, path: Path) -> None:
        """What is packed is unpacked here, so this may take a while."""
        from tui.importers.opening import open_recording

        try:
            reader = Reader(open_recording(path))
            reader.read_first()
        except JournalError as error:
            self.call_from_thread(self.notify, safe(str(error)), severity="error", markup=False)
            return
        self.call_from_thread(self._show_recording, reader)

    def _show_recording(self, reader: Reader) -> None:
        if isinstance(self.screen, Sessions):
            self.pop_screen()
        self.push_screen(self._recorded(reader))

    @on(Sessions.Compared)
    def _compare(self, event: Sessions.Compared) -> None:
        self.compare(event.one, event.other)

    def compare(self, one: Path, other: Path) -> None:
        """Show two recordings side by side."""
        title = f"{one.stem} │ {other.stem}"
        self.push_screen(ComparisonScreen(title, partial(lent.compared, one, other)))

    def action_leave_recording(self) -> None:
        """Leave this recording for what was open before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.notify("Nothing was open before this recording; q quits.", markup=False)

    # ---- copying, help, leaving

    @on(CloseUp.Copied)
    def _on_copied(self, event: CloseUp.Copied) -> None:
        self._copy(event.text)

    def action_copy(self) -> None:
        """Copy the selected text, else the value or row that is chosen."""
        focused = self.screen.focused
        text = self.screen.get_selected_text()
        if not text and isinstance(focused, (MessageList, FindingsPane)):
            text = focused.selected_text()
        elif not text and focused is not None:
            inspector = next((up for up in focused.ancestors if isinstance(up, Inspector)), None)
            text = inspector.copy_value() if inspector else ""
        self._copy(text or "")

    def action_copy_raw(self) -> None:
        """Copy the chosen message as it crossed the wire."""
        self._copy(self.screen.query_one(Inspector).copy_raw())

    def action_copy_or_quit(self) -> None:
        """Ctrl+C: copy what is selected; otherwise quit when it is pressed again."""
        focused = self.screen.focused
        text = self.screen.get_selected_text()
        if not text and isinstance(focused, Composer):
            text = focused.selected_text
        if text:
            self._copy(text)
        elif time.monotonic() - self._quit_asked_s < QUIT_AGAIN_S:
            self.exit()
        else:
            self._quit_asked_s = time.monotonic()
            self.notify("Press Ctrl+C again to quit.", timeout=QUIT_AGAIN_S)

    def action_edit_message(self) -> None:
        """Only a live session can be sent anything."""
        self.notify(NO_SESSION, markup=False)

    def action_export(self) -> None:
        """Write the session in view in another format; a live one as far as it has come."""
        if isinstance(self.screen, Workbench):
            work = partial(exports.run, self.screen.session_log, self.recording)
            self.push_screen(Export(exports.choices(self.recording), work, self._copy))

    def action_help(self) -> None:
        """Keys, words and files."""
        screen = self.screen
        panes = {name: pane for name, pane in PANES.items() if screen.query(pane)}
        self.push_screen(Help(keys_of(_place(screen)), panes, self.recording))

    def _copy(self, text: str) -> None:
        if not text:
            self.notify("Nothing is selected: drag over text, or choose a message.", markup=False)
            return
        way = terminal.copy(safe(text, lines=True), self.copy_to_clipboard, os.environ)
        self.notify(way, markup=False)

    # ---- themes

    def action_theme(self) -> None:
        """Choose a theme; the one under the cursor is shown while choosing."""
        self._theme_before = self.theme
        described = theming.descriptions(self)
        commands = [
            (name, partial(self._choose_theme, name), described[name]) for name in described
        ]
        self.search_commands(
            [SimpleCommand(*each) for each in commands], placeholder="Choose a theme"
        )

    def _choose_theme(self, name: str) -> list[str]:
        if name not in self.available_themes:
            known = ", ".join(theming.descriptions(self))
            return [f"There is no theme {safe(name)}: choose one of {known}."]
        self.theme = self._theme_before = name
        return []

    @on(CommandPalette.OptionHighlighted)
    def _preview(self, event: CommandPalette.OptionHighlighted) -> None:
        name = str(event.highlighted_event.option.prompt).partition("\n")[0].strip()
        if self._theme_before and name in self.available_themes:
            self.theme = name

    @on(CommandPalette.Closed)
    def _end_preview(self, event: CommandPalette.Closed) -> None:
        if self._theme_before and not event.option_selected:
            self.theme = self._theme_before
        self._theme_before = ""

    # ---- the palette

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The keys' table and the models; nothing is in the palette that has no key or name."""
        place = _place(screen)
        for key in keys_of(place):
            if key.id != "app.palette":
                yield SystemCommand(
                    key.label, key.meaning, partial(self.run_action, key.action, screen)
                )
        if isinstance(screen, Recorded):
            for other in _beside(screen.path):
                what = "This session and that one side by side."
                compare = partial(self.compare, screen.path, other)
                yield SystemCommand(f"Compare with {safe(other.name)}", what, compare)
        for what, (_, name, meaning) in COPIES.items() if place else ():
            action = f"screen.copy_as('{what}')"
            yield SystemCommand(f"Copy {name}", meaning, partial(self.run_action, action, screen))


def _beside(recording: Path) -> list[Path]:
    """The newest other recordings in the folder; those of ours are named by their time."""
    files = (each for each in recording.parent.glob("*.jsonl") if each != recording)
    return sorted(files, reverse=True)[:LISTED]


def _place(screen: Screen[object]) -> str:
    """Which keys the screen has."""
    return str(getattr(screen, "PLACE", ""))
