"""The sessions of other programs that pass through the tap, to be opened while they go on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.core.tapped import Tapped, tapped
from tui.core.text import safe
from tui.reader import Reader
from tui.widgets.tapped_list import TappedList, titles

SHOW_HZ = 2


class TappedSessions(Screen[None]):
    """Lists the sessions of this tap; each is read from its recording, as it grows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="tapped.open"),
        Binding("y", "copy_lines", "Copy the lines", id="tapped.copy"),
        Binding("o", "app.sessions", "All recordings", id="tapped.all"),
        Binding("f1,question_mark", "app.help", "Help", id="tapped.help"),
        Binding("ctrl+q,q", "app.quit", "Quit", id="tapped.quit"),
    ]
    AUTO_FOCUS = "TappedList"

    @dataclass
    class Chosen(Message):
        """Open this recording."""

        path: Path

    def __init__(self) -> None:
        super().__init__()
        self._readers: list[Reader] = []
        self._ended: dict[int, Tapped] = {}
        """What does not change any more, by number."""
        self._lines: Sequence[str] = ()
        self._state = "The tap is starting…"
        self._problem = False
        self._list = TappedList()

    def compose(self) -> ComposeResult:
        """State, what to do while there is no session, titles, list."""
        yield Static(id="tapped-state")
        yield Static(id="tapped-lines")
        yield Static(id="tapped-titles")
        yield self._list
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Look at the recordings from time to time."""
        self.set_interval(1 / SHOW_HZ, self._show)
        self._show()

    def on_unmount(self) -> None:
        """Read no more."""
        for reader in self._readers:
            reader.stop()

    def on_resize(self) -> None:
        """The titles stand over their columns."""
        self.call_after_refresh(self._show)

    def say(self, state: str, lines: Sequence[str] = (), *, problem: bool = False) -> None:
        """The tap's state in one sentence; ``lines`` lead a program to it."""
        self._state, self._problem = state, problem
        self._lines = lines or self._lines
        self.refresh_bindings()
        self._show()

    def add(self, reader: Reader) -> None:
        """One more session; its reader is running, and is stopped with the screen."""
        self._readers.append(reader)
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        sessions = [self._tapped(number) for number in range(len(self._readers))]
        self._list.show(sessions)
        state = self.query_one("#tapped-state", Static)
        state.update(Text(safe(self._state)))
        state.set_class(self._problem, "-problem")
        line = titles(self._list.text_width) if sessions else ""
        self.query_one("#tapped-titles", Static).update(Text(line, no_wrap=True))
        lines = self.query_one("#tapped-lines", Static)
        lines.display = bool(self._lines) and not sessions
        lead = ("No session yet. To lead a program here, in its shell:", "", *self._lines)
        lines.update(Text("\n".join(map(safe, lead))))

    def _tapped(self, number: int) -> Tapped:
        if (ended := self._ended.get(number)) is not None:
            return ended
        reader = self._readers[number]
        session = tapped(reader.log, time.time())
        if session.over:
            self._ended[number] = session
            reader.stop()
        return session

    # ---- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There may be no lines to copy."""
        return action != "copy_lines" or bool(self._lines)

    def action_open(self) -> None:
        """Open the one under the cursor."""
        if self._readers:
            self.post_message(self.Chosen(self._readers[self._list.cursor].path))

    @on(TappedList.Opened)
    def _open(self, event: TappedList.Opened) -> None:
        self.post_message(self.Chosen(self._readers[event.session].path))

    def action_copy_lines(self) -> None:
        """Copy the lines that lead a program here."""
        self.post_message(self.Copied("\n".join(self._lines)))

    @dataclass
    class Copied(Message):
        """Put this on the clipboard."""

        text: str
