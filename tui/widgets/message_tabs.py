"""The tabs above the message list: all records, or one family of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from tui.choice_line import Choice, ChoiceLine
from tui.core.wire import Family

_ALL = "all"
_SHORT = {
    None: "All",
    Family.SERVER_CONTENT: "content",
    Family.EVENTS: "events",
    Family.METADATA: "meta",
    Family.CLIENT: "client",
}


class FamilyTabs(ChoiceLine):
    """All · server_content · events · metadata · client, with how many records each has."""

    @dataclass
    class FamilyChosen(Message):
        """The user clicked on a tab; None is all."""

        family: Family | None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.show({}, None)

    def show(self, counts: Mapping[Family | None, int], family: Family | None) -> None:
        """Say how many records each family has, and which is shown."""
        self.choices = tuple(
            Choice(each or _ALL, (f"{each or 'All'} {counts.get(each, 0):,}", each or "All", short))
            for each, short in _SHORT.items()
        )
        self.chosen = family or _ALL

    def on_choice_line_chosen(self, event: ChoiceLine.Chosen) -> None:
        """Say it in families."""
        event.stop()
        self.post_message(self.FamilyChosen(None if event.value == _ALL else Family(event.value)))
