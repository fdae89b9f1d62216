"""The files that go with what is typed, above the composer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.core.attachment import Attachment
from tui.core.text import safe

REMOVE = " ✕ "


@dataclass(eq=False)
class Pending:
    """A file that is being read, or has been."""

    name: str
    attachment: Attachment | None = None

    @property
    def words(self) -> str:
        """What is known of it; safe for a terminal."""
        return self.attachment.about.words if self.attachment else f"{safe(self.name)} · reading…"


class Attachments(OptionList):
    """A line a file; hidden while there is none. Delete or a click on its ✕ takes one out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace,x", "remove", "Take the file out", show=False, id="files.remove")
    ]

    @dataclass
    class Changed(Message):
        """There are so many files now."""

        count: int

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._files: list[Pending] = []
        self.display = False

    @property
    def waiting(self) -> str:
        """Why they cannot be sent yet, in a sentence; empty when they can."""
        reading = next((each for each in self._files if each.attachment is None), None)
        return f"{safe(reading.name)} is still being read." if reading else ""

    def begin(self, name: str) -> Pending:
        """A file is going to be read."""
        pending = Pending(name)
        self._files.append(pending)
        self._show()
        return pending

    def end(self, pending: Pending, attachment: Attachment | None) -> None:
        """It was read, or cannot be. One that was taken out meanwhile stays out."""
        pending.attachment = attachment
        if attachment is None and pending in self._files:
            self._files.remove(pending)
        self._show()

    def take(self) -> list[Attachment]:
        """The files, taken out because they are sent now."""
        files = [each.attachment for each in self._files if each.attachment]
        self._files.clear()
        self._show()
        return files

    def restore(self, files: Sequence[Attachment]) -> None:
        """Give back what was sent in vain."""
        self._files[:0] = [Pending(each.about.name, each) for each in files]
        self._show()

    def remove_last(self) -> None:
        """Take the last file out."""
        self._remove(len(self._files) - 1)

    def action_remove(self) -> None:
        """Take the chosen file out."""
        if self.highlighted is not None:
            self._remove(self.highlighted)

    async def _on_click(self, event: Click) -> None:
        """Take out the file whose ✕ was clicked; choose another one."""
        chosen = event.style.meta.get("option")
        if chosen is not None and event.x < len(REMOVE):
            event.stop()
            event.prevent_default()
            self._remove(int(chosen))
        else:
            await super()._on_click(event)

    def _remove(self, index: int) -> None:
        if 0 <= index < len(self._files):
            del self._files[index]
            self._show()

    def _show(self) -> None:
        at = self.highlighted
        self.clear_options()
        self.add_options([Option(Text(f"{REMOVE}{each.words}")) for each in self._files])
        if self._files and at is not None:
            self.highlighted = min(at, len(self._files) - 1)
        elif self.has_focus and not self._files:
            self.screen.focus_next()
        self.display = bool(self._files)
        self.post_message(self.Changed(len(self._files)))
