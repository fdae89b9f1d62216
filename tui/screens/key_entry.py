"""Who shall answer: Gemini by a key that is pasted, the emulator, or a recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.core.text import safe

PASTE, EMULATOR, RECORDING = "paste", "emulator", "recording"

_CHOICES = {
    PASTE: ("Paste a key", "Gemini answers; the key is kept for this run, and written nowhere"),
    EMULATOR: ("Use the emulator", "a local server answers; it needs no key and costs nothing"),
    RECORDING: ("Open a recording", "look into a session that was held before"),
}
_NOTE = (
    "GEMINI_API_KEY in the environment is used by itself; bidiscope key store keeps a key in the "
    "system's keyring."
)


class KeyEntry(ModalScreen[None]):
    """Offers all three.

    Args:
        take: takes a key; returns why it cannot be one, in a sentence.
        emulate: lets the emulator answer.
        browse: shows the recordings.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", key_display="esc", id="key.back"),
    ]

    def __init__(
        self,
        take: Callable[[str], str],
        emulate: Callable[[], None],
        browse: Callable[[], None],
    ) -> None:
        super().__init__()
        self._take, self._emulate, self._browse = take, emulate, browse

    def compose(self) -> ComposeResult:
        """The choices, the line for the key, what is to be known."""
        with Vertical(id="key-entry"):
            yield OptionList(*(_option(name) for name in _CHOICES), id="key-choices")
            yield Input(password=True, compact=True, id="key-line", placeholder="the key")
            yield Static(_NOTE, id="key-note", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Nothing is typed yet."""
        self.query_one("#key-entry").border_title = "Who answers"
        self.query_one("#key-line").display = False

    @on(OptionList.OptionSelected, "#key-choices")
    def _choose(self, event: OptionList.OptionSelected) -> None:
        match event.option_id:
            case "paste":
                line = self.query_one("#key-line", Input)
                line.display = True
                line.focus()
            case "emulator":
                self.dismiss()
                self._emulate()
            case _:
                self.dismiss()
                self._browse()

    @on(Input.Submitted, "#key-line")
    def _enter(self, event: Input.Submitted) -> None:
        problem = self._take(event.value)
        if problem:
            self.query_one("#key-note", Static).update(Text(safe(problem)))
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Leave the line, then the screen."""
        line = self.query_one("#key-line", Input)
        if line.display:
            line.value, line.display = "", False
            self.query_one("#key-choices").focus()
        else:
            self.dismiss()


def _option(name: str) -> Option:
    title, meaning = _CHOICES[name]
    text = Text(f"{title}\n", style="bold")
    text.append(f"{meaning}\n", style="not bold")
    return Option(text, id=name)
