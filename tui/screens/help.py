"""Help: keys, words and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.core.text import safe
from tui.keys import Key
from tui.screens.language import Language

_WORDS = (
    ("AUDIO", "The model speaks; what you hear is brightened in the transcript as you hear it."),
    ("TEXT VIEW", "The model still speaks and is paid for it; the sound is thrown away."),
    ("TEXT", "The model writes. Few models do; changing to it connects anew."),
    ("LOCAL EMULATOR", "No key was found, so a server on this machine answers. It is not Gemini."),
    ("server_content", "Messages that carry what the model says."),
    ("events", "Set-up, tools, voice activity, going away; and what happens on this side."),
    ("metadata", "Token counts and resumption handles."),
    ("client", "What this side sends."),
    ("×37", "A run of audio, or of transcriptions, folded into one row; Enter unfolds it."),
    ("unknown to the SDK", "On the wire, but not in google-genai's schema: the SDK drops it."),
)


class Help(ModalScreen[None]):
    """Everything that a person can do, read from the tables that do it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss", "Close", id="help.close"),
        Binding("slash", "language", "The query language", id="help.language"),
    ]

    def __init__(
        self, keys: Iterable[Key], panes: Mapping[str, type[Widget]], recording: Path | None
    ) -> None:
        """The keys and the panes of the screen that it is asked on."""
        super().__init__()
        self._keys = keys
        self._panes = panes
        self._recording = recording

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll(id="help"):
            yield Static(self._page())

    def action_language(self) -> None:
        """The terms that a query may have."""
        self.app.push_screen(Language())

    def _page(self) -> RenderableType:
        place = str(self._recording) if self._recording else "in memory only (--no-record)"
        blocks: list[RenderableType] = [
            *_section(*_pane_keys("In this help", Help)),
            *_section("Keys", ((_shown(key.keys), key.meaning) for key in self._keys)),
            *(block for each in self._panes.items() for block in _section(*_pane_keys(*each))),
            *_section("Words", _WORDS),
            *_section("Files", [("Recording", place)]),
        ]
        return Group(*blocks)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=16, no_wrap=True)
    table.add_column(ratio=1)
    for name, meaning in rows:
        table.add_row(Text(name, style="bold"), Text(safe(meaning)))
    return [Text(title, style="bold underline"), table, Text()]


def _pane_keys(title: str, pane: type[DOMNode]) -> tuple[str, list[tuple[str, str]]]:
    own = [each for each in pane.BINDINGS if isinstance(each, Binding)]
    return title, [(_shown(each.key), each.description) for each in own]


def _shown(keys: str) -> str:
    """Textual's names of keys as they stand on a keyboard."""
    return " ".join(_NAMES.get(key, _name(key)) for key in keys.split(","))


def _name(key: str) -> str:
    """The character, where it is one that can be seen; else the name."""
    character = key_to_character(key) or ""
    if character and character.isprintable() and not character.isspace():
        return character
    *modifiers, last = key.split("+")
    return "+".join(part.title() for part in (*modifiers, last))


_NAMES = {
    "slash": "/",
    "backslash": "\\",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}
