"""A question that is answered by yes or no."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.core.text import safe


class Question(ModalScreen[bool]):
    """Asks before what cannot be undone; only ``y`` is a yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="question.yes"),
        Binding("n,escape,enter,q", "dismiss(False)", "No", id="question.no"),
    ]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """The question, and its keys."""
        text = Text(safe(self._words))
        text.append("\n\ny yes   n no", style="bold")
        yield Static(text, id="question")
