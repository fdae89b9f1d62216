"""The line that a person types into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input

from tui.core.text import safe

READY = "Type and press Enter. Esc interrupts."


class Composer(Input):
    """One line; Enter sends it. While nothing can be sent, Enter keeps the text and says why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Earlier line", show=False, id="composer.older"),
        Binding("down", "newer", "Later line", show=False, id="composer.newer"),
    ]

    blocked: var[str] = var("")
    """Why nothing can be sent now, in a sentence; empty when it can."""

    @dataclass
    class Sent(Message):
        """A line was entered."""

        text: str

    @dataclass
    class Kept(Message):
        """A line was entered while nothing could be sent; it is still in the composer."""

        reason: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(placeholder=READY, select_on_focus=False, id=id, classes=classes)
        self.cursor_blink = False  # it costs a hundredth of a core as long as the app runs
        self._lines: list[str] = []
        """What was sent, oldest first."""
        self._at = 0
        """The line in view; ``len(self._lines)`` is the draft."""
        self._draft = ""

    def watch_blocked(self, reason: str) -> None:
        """Say it where the text would be."""
        self.placeholder = safe(reason) or READY

    async def action_submit(self) -> None:
        """Send the line, or keep it and say why."""
        text = self.value.strip()
        if not text:
            return
        if self.blocked:
            self.post_message(self.Kept(self.blocked))
            return
        if self._lines[-1:] != [text]:
            self._lines.append(text)
        self._at, self._draft = len(self._lines), ""
        self.clear()
        self.post_message(self.Sent(text))

    def action_older(self) -> None:
        """Show the line that was sent before this one."""
        self._go(self._at - 1)

    def action_newer(self) -> None:
        """Show the line that was sent after this one, at last the draft."""
        self._go(self._at + 1)

    def _go(self, at: int) -> None:
        if not 0 <= at <= len(self._lines):
            return
        if self._at == len(self._lines):
            self._draft = self.value
        self._at = at
        self.value = self._draft if at == len(self._lines) else self._lines[at]
        self.cursor_position = len(self.value)

    def on_paste(self, event: events.Paste) -> None:
        """Insert all lines of it as one: `Input` would drop all but the first."""
        event.prevent_default()
        event.stop()
        self.replace(safe(" ".join(event.text.split())), *self.selection)
