"""The small menu of what of a message can be copied."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

COPIES: Final = {
    "value": ("v", "value", "What the cursor of the inspector is on."),
    "path": ("p", "path", "Where that stands in the message."),
    "raw": ("r", "raw message", "The message as it crossed the wire."),
    "python": ("y", "as Python", "The call of google-genai that sends it; of an answer, a dict."),
    "javascript": ("j", "as JavaScript", "A WebSocket's send of it; of an answer, an object."),
    "shell": ("s", "as a shell line", "It and its set-up, sent with websocat; an answer, for jq."),
}
"""What can be copied: its key in the menu, its name, and what it is."""


class Copies(ModalScreen[str]):
    """Chooses one of `COPIES`; empty when none is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss('')", "Close", id="copies.close"),
        *(
            Binding(key, f"dismiss('{what}')", name, id=f"copies.{what}", show=False)
            for what, (key, name, _) in COPIES.items()
        ),
    ]

    def compose(self) -> ComposeResult:
        """The list."""
        options = (
            Option(Content.assemble((f"{key}  {name}\n", "bold"), f"   {meaning}"), id=what)
            for what, (key, name, meaning) in COPIES.items()
        )
        menu = OptionList(*options, id="copies")
        menu.border_title = "Copy"
        yield menu

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.dismiss(event.option_id or "")
