"""Where a person types, and the files that go with it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.widgets.attachments import Attachments
from tui.widgets.composer import Composer


class Writing(Vertical):
    """The composer, and above it what goes with the text."""

    DEFAULT_CSS = """
    Writing { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()
        self.attachments = Attachments()
        self._blocked = ""

    def compose(self) -> ComposeResult:
        """Files, then the text."""
        yield self.attachments
        yield self.composer

    def block(self, reason: str) -> None:
        """Nothing is sent without a connection, nor while a file is read that goes with it."""
        self._blocked = reason
        self.composer.blocked = self._blocked or self.attachments.waiting

    @on(Attachments.Changed)
    def _count_files(self, event: Attachments.Changed) -> None:
        self.composer.files = event.count
        self.block(self._blocked)

    @on(Composer.FileUnwanted)
    def _take_file_out(self, event: Composer.FileUnwanted) -> None:
        self.attachments.remove_last()
