"""Two sessions side by side: set-up, figures, findings, and the turns that belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.core.comparison import Comparison
from tui.core.journal import JournalError
from tui.core.text import safe
from tui.widgets.comparison import ComparisonView


class ComparisonScreen(Screen[None]):
    """Shows what ``compare`` returns; that may block, and raise JournalError.

    Args:
        title: which two sessions, in a line.
        compare: called on a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="comparison.close"),
        Binding("n", "difference(1)", "Next difference", id="comparison.next"),
        Binding("N", "difference(-1)", "Previous", id="comparison.previous"),
    ]
    DEFAULT_CSS = """
    ComparisonScreen {
        & > #comparison-title { height: 1; padding: 0 1; background: $panel; }
        & > #comparison-state { height: auto; padding: 1; }
        & > ComparisonView { height: 1fr; padding: 0 1; display: none; }
    }
    """

    def __init__(self, title: str, compare: Callable[[], Comparison]) -> None:
        super().__init__()
        self._names = title
        self._compare = compare

    def compose(self) -> ComposeResult:
        """Title, how it goes, what came of it."""
        yield Static(safe(self._names), id="comparison-title", markup=False)
        yield Static("Comparing …", id="comparison-state", markup=False)
        yield ComparisonView()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin."""
        self._work()

    def action_difference(self, step: int) -> None:
        """Go to the next line that differs, or the one before."""
        self.query_one(ComparisonView).to_difference(step)

    @work(thread=True, exclusive=True)
    def _work(self) -> None:
        try:
            comparison = self._compare()
        except JournalError as error:
            self.app.call_from_thread(self._fail, str(error))
        else:
            self.app.call_from_thread(self._show, comparison)

    def _fail(self, problem: str) -> None:
        self.query_one("#comparison-state", Static).update(safe(problem))

    def _show(self, comparison: Comparison) -> None:
        self.query_one("#comparison-state").display = False
        view = self.query_one(ComparisonView)
        view.display = True
        view.focus()
        self.call_after_refresh(view.show, comparison)  # its size is known then
