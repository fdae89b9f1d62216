"""The query language on one page."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.core import guide


class Language(ModalScreen[None]):
    """Every term that a query may have, read from the tables that the parser reads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss", "Close", id="language.close"),
    ]

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll(id="language"):
            yield Static(_page())


def _page() -> RenderableType:
    blocks: list[RenderableType] = []
    for title, rows in guide.sections():
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=16, max_width=24)
        table.add_column(ratio=1)
        for usage, meaning, example in rows:
            said = Text(meaning)
            if example:
                said.append(f"\ne.g. {example}", style="italic")
            table.add_row(Text(usage, style="bold"), said)
        blocks += [Text(title, style="bold underline"), table, Text()]
    return Group(*blocks)
