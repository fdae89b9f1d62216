"""An area to write JSON in, in colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import TextArea

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<text>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)"
)
LONGEST_LINE = 2_000
"""A longer one has no colours: it is coloured anew with every key."""


class JsonArea(TextArea):
    """A `TextArea` that shows keys, strings, numbers and words apart."""

    DEFAULT_CSS = """
    JsonArea {
        & > .json-area--key { color: $bd-family-client; }
        & > .json-area--text { color: $foreground; }
        & > .json-area--number { color: $bd-received; }
        & > .json-area--word { color: $bd-family-events; }
        & > .json-area--aside { color: $bd-family-server-content; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"json-area--{piece}" for piece in ("key", "text", "number", "word", "aside")
    }

    @dataclass
    class TooLong(Message):
        """Something was pasted that is longer than ``most`` characters."""

        most: int

    def __init__(self, text: str, most_chars: int) -> None:
        super().__init__(text, compact=True, tab_behavior="indent", show_line_numbers=True)
        self.indent_width = 2
        self.highlight_cursor_line = False  # its colour would be all that the line has
        self._most_chars = most_chars

    def get_line(self, line_index: int) -> Text:
        """The line in colours."""
        line = super().get_line(line_index)
        if len(line.plain) <= LONGEST_LINE:
            for found in _TOKEN.finditer(line.plain):
                piece = found.lastgroup or ""
                aside = piece == "text" and found[0].startswith('"‹')
                name = "aside" if aside else piece
                style = self.get_component_rich_style(f"json-area--{name}", partial=True)
                line.stylize(style, found.start(), found.end())
        return line

    async def _on_key(self, event: Key) -> None:
        """In the order of typing: a binding's way over the app is longer than a letter's."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)

    def _on_paste(self, event: Paste) -> None:  # type: ignore[override]
        """What is too long is not taken: to lay it out would take minutes."""
        if len(event.text) > self._most_chars:
            event.prevent_default()
            event.stop()
            self.post_message(self.TooLong(self._most_chars))
