"""The connections of a session, with the handles that it can be resumed by."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from tui.core import connection_text
from tui.core.connection import Handle
from tui.core.connection_text import Row
from tui.core.session import Session
from tui.core.text import safe

LOOK_AGAIN_S = 1.0


class Connections(ModalScreen[None]):
    """Lists them while they change; Enter on a handle resumes the session from there.

    Args:
        session: tells the state of the session.
        now_s: tells the session's time.
        resume: connects by a handle.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,R,q", "dismiss", "Close", key_display="esc", id="connections.close"),
    ]

    def __init__(
        self,
        session: Callable[[], Session],
        now_s: Callable[[], float],
        resume: Callable[[Handle], object],
    ) -> None:
        super().__init__()
        self._session, self._now_s, self._resume = session, now_s, resume
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        """The list, and below it what Enter does."""
        with Vertical(id="connections"):
            yield OptionList(id="connection-list")
            yield Static(id="connection-note")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show what there is, and look again for what comes."""
        self.query_one("#connections").border_title = "Connections"
        self._show()
        self.set_interval(LOOK_AGAIN_S, self._show)

    def _show(self) -> None:
        rows = list(connection_text.rows(self._session(), self._now_s()))
        if rows == self._rows:
            return
        options = self.query_one(OptionList)
        at = self._rows[options.highlighted].handle if options.highlighted is not None else None
        self._rows = rows
        options.set_options([_option(row) for row in rows])
        first = next((n for n, row in enumerate(rows) if row.handle is not None), None)
        kept = (n for n, row in enumerate(rows) if at is not None and row.handle is at)
        options.highlighted = next(kept, first)
        note = "Enter connects anew from where that handle was given; what came later is not told."
        self.query_one("#connection-note", Static).update(note if first is not None else _NONE)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        handle = self._rows[event.option_index].handle
        if handle is not None:
            self.dismiss()
            self._resume(handle)


_NONE = "No handle has come: this model gives none, or has not yet. Reconnecting replays the turns."


def _option(row: Row) -> Option:
    text = Text(safe(row.text), overflow="ellipsis", no_wrap=True)
    return Option(text, disabled=row.handle is None)
