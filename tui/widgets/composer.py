"""What a person types into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var
from textual.widgets import TextArea

from tui.core import dropped
from tui.core.text import safe

READY = "Type and press Enter. Esc interrupts."


class Text(TextArea, inherit_bindings=False):
    """Textual's, less the keys that mean something else in this app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        each
        for each in TextArea.BINDINGS
        if isinstance(each, Binding) and each.key not in ("f6", "f7")
    ]


class Composer(Text):
    """Enter sends; what cannot be sent now stays, and the reason is said."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, action, meaning, show=False, id=f"composer.{name}")
        for key, action, meaning, name in (
            ("enter", "submit", "Send", "send"),
            ("ctrl+j,shift+enter", "new_line", "Begin another line", "line"),
            ("up", "older", "Line above; from the first, what was sent before", "older"),
            ("down", "newer", "Line below; from the last, what was sent after", "newer"),
            ("ctrl+s", "prefill('user')", "Put it into the context as yours", "prefill"),
            ("ctrl+g", "prefill('model')", "The same as the model's", "prefill_model"),
            ("backspace", "backspace", "Delete; at the start, the last file", "backspace"),
        )
    ]

    blocked: var[str] = var("")
    """Why nothing can be sent now, in a sentence; empty when it can."""
    files: var[int] = var(0)
    """How many files go with it: then it may be empty."""

    @dataclass
    class Sent(Message):
        """It was sent."""

        text: str

    @dataclass
    class Prefilled(Message):
        """It shall be laid into the context."""

        text: str
        role: str
        """"user" or "model"."""

    @dataclass
    class Kept(Message):
        """It was to be sent while nothing can be; it is still there."""

        reason: str

    @dataclass
    class Dropped(Message):
        """Files were pasted, as terminals do with what is dropped on them."""

        paths: Sequence[Path]

    class FileUnwanted(Message):
        """The last file shall not go with it."""

    def __init__(
        self,
        is_file: Callable[[Path], bool] = Path.is_file,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``is_file`` tells which pasted paths are files."""
        super().__init__(placeholder=READY, tab_behavior="focus", id=id, classes=classes)
        self.highlight_cursor_line = False
        self.cursor_blink = False  # it costs a hundredth of a core as long as the app runs
        self._is_file = is_file
        self._history: list[str] = []
        """What was sent, oldest first."""
        self._at = 0
        """What is in view of it; ``len(self._history)`` is the draft."""
        self._edited: dict[int, str] = {}
        """What was made of it, and the draft, by their places: nothing typed is lost."""

    def remember(self, texts: Sequence[str]) -> None:
        """These were sent before what is remembered already."""
        self._history[:0] = texts
        self._at += len(texts)
        self._edited = {at + len(texts): text for at, text in self._edited.items()}

    def restore(self, text: str) -> None:
        """Give back what was sent in vain; what was typed since stays behind it."""
        since = self.text
        self.put(f"{text}\n{since}" if text and since else text or since)

    def put(self, text: str) -> None:
        """Show this text, the cursor at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def watch_blocked(self, reason: str) -> None:
        """Say it where the text would be."""
        self.placeholder = safe(reason).replace("[", r"\[") or READY

    async def _on_key(self, event: events.Key) -> None:
        """In the order of typing: a binding's way over the app is longer than a letter's."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.id and binding.id.startswith("composer."):
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)

    def action_submit(self) -> None:
        """Send it, or keep it and say why."""
        text = self._taken()
        if text is not None:
            self.post_message(self.Sent(text))

    def action_prefill(self, role: str) -> None:
        """Lay it into the context, where it asks for no answer."""
        text = self._taken()
        if text is not None:
            self.post_message(self.Prefilled(text, role))

    def _taken(self) -> str | None:
        """What was typed, taken out, maybe nothing beside files; None where all of it stays.

        Where something earlier is sent again, the draft comes back.
        """
        text = self.text.strip()
        if not text and not self.files:
            return None
        if self.blocked:
            self.post_message(self.Kept(self.blocked))
            return None
        recalled = self._at < len(self._history)
        draft = self._edited.get(len(self._history), "") if recalled else ""
        if text and self._history[-1:] != [text]:
            self._history.append(text)
        self._at = len(self._history)
        self._edited.clear()
        self.put(draft)
        return text

    def action_new_line(self) -> None:
        """Begin another line."""
        self._insert("\n")

    def action_older(self) -> None:
        """The line above; from the first one, what was sent before."""
        if self.navigator.is_first_wrapped_line(self.cursor_location):
            self._go(self._at - 1)
        else:
            self.action_cursor_up()

    def action_newer(self) -> None:
        """The line below; from the last one, what was sent after, at last the draft."""
        if self.navigator.is_last_wrapped_line(self.cursor_location):
            self._go(self._at + 1)
        else:
            self.action_cursor_down()

    def action_backspace(self) -> None:
        """Delete to the left; where nothing is, the last file."""
        if self.cursor_at_start_of_text and not self.selected_text:
            self.post_message(self.FileUnwanted())
        else:
            self.action_delete_left()

    def _go(self, at: int) -> None:
        if 0 <= at <= len(self._history):
            self._edited[self._at] = self.text
            self._at = at
            sent = self._history[at] if at < len(self._history) else ""
            self.put(self._edited.get(at, sent))

    async def _on_paste(self, event: events.Paste) -> None:
        """Text keeps its lines; files that exist are attached instead."""
        event.prevent_default()
        event.stop()
        for paths in dropped.readings(event.text):
            if all(found := [self._file(path) for path in paths]):
                self.post_message(self.Dropped([path for path in found if path]))
                return
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        self._insert(safe(text, lines=True))

    def _file(self, text: str) -> Path | None:
        """The file that a text names, if there is one."""
        try:
            path = Path(text).expanduser()
            return path if self._is_file(path) else None
        except (OSError, RuntimeError, ValueError):  # no name of a file can be like that
            return None

    def _insert(self, text: str) -> None:
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)
