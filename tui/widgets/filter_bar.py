"""The line in which a query is written, its mistakes pointed at while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.core.completion import Completion, complete
from tui.core.fields import QueryError
from tui.core.query import parse
from tui.core.text import safe


class Mode(StrEnum):
    """What becomes of the messages that do not match."""

    FILTER = "filter"
    """They are hidden."""
    FIND = "find"
    """They stay; the others are marked, and n and N go to them."""


_HINTS = {
    Mode.FILTER: "Enter shows only what matches, and nothing shows all again.",
    Mode.FIND: "Enter marks what matches and goes to it; n and N go on.",
}
_NAMING = "Type a name and press Enter: @NAME is this query then. Esc goes back."

LABEL_CELLS = 7


class QueryInput(Input):
    """One line of a query."""

    def on_paste(self, event: events.Paste) -> None:
        """Insert all lines of it as one: `Input` would drop all but the first."""
        event.prevent_default()
        event.stop()
        self.replace(safe(" ".join(event.text.split())), *self.selection)


class FilterBar(Vertical):
    """A query, how many messages match it, and what is wrong with it or may come next.

    It is there while it has the focus, and as long as a query is in force.
    """

    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        display: none;
        & > Horizontal { height: 1; }
        & #filter-label { width: 7; }
        & QueryInput { width: 1fr; }
        & #filter-count { width: auto; padding-left: 1; }
        & > #filter-hint { height: auto; max-height: 3; display: none; }
        &.-shown { display: block; }
        &.-open > #filter-hint { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", id="filter.complete"),
        Binding("up", "older", "Earlier query", id="filter.older", show=False),
        Binding("down", "newer", "Later query", id="filter.newer", show=False),
        Binding("ctrl+f", "change_mode", "Filter or find", id="filter.mode"),
        Binding("ctrl+s", "save", "Save by name", id="filter.save"),
        Binding("f1", "help", "Query language", id="filter.help"),
        Binding("escape", "leave", "Back", id="filter.leave"),
    ]

    @dataclass
    class Entered(Message):
        """A query was entered; an empty one shows everything."""

        query: str
        mode: Mode

    @dataclass
    class Left(Message):
        """The bar was left without entering anything."""

    @dataclass
    class Saved(Message):
        """A query is to be saved by a name; an empty one forgets the name."""

        name: str
        query: str

    @dataclass
    class HelpWanted(Message):
        """Somebody asked for the language's help."""

    def __init__(self) -> None:
        super().__init__(id="filter-bar")
        self.kinds: Callable[[], Iterable[str]] = tuple
        """The kinds that there are."""
        self.saved: Mapping[str, str] = {}
        """The queries that ``@name`` stands for."""
        self.mode = Mode.FILTER
        self._queries: list[str] = []
        """What was entered, oldest first."""
        self._at = 0
        """The query in view; ``len(self._queries)`` is the draft."""
        self._draft = ""
        self._in_force = ""
        self._naming: str | None = None
        """The query that a name is being typed for."""
        self._cycle: tuple[str, Completion, int] | None = None
        """What was completed, and by which choice."""

    def compose(self) -> ComposeResult:
        """The query's line, and the hint below it."""
        with Horizontal():
            yield Static(id="filter-label")
            yield QueryInput(compact=True, select_on_focus=False)
            yield Static(id="filter-count")
        yield Static(id="filter-hint")

    def on_mount(self) -> None:
        """No cursor blinks: it costs a hundredth of a core."""
        self._input.cursor_blink = False
        for moves in ("selection", "scroll_x"):
            self.watch(self._input, moves, self._show_hint, init=False)
        self._show_mode()

    @property
    def query_text(self) -> str:
        """What stands in the line."""
        return self._input.value

    @property
    def is_open(self) -> bool:
        """Whether somebody types in it."""
        return self.screen.focused is self._input

    def open(self, mode: Mode) -> None:
        """Let a query be typed; the one that is there is replaced by what is typed."""
        self.mode = mode
        self._naming = None
        self._at = len(self._queries)
        self.add_class("-shown")
        self._set(self._input.value)
        self.screen.set_focus(self._input)  # at once: the next key is the query's first
        self._input.select_all()
        self._show_mode()

    def put_in_force(self, query: str, mode: Mode) -> None:
        """Show the query that holds now; an empty one hides the bar."""
        self.mode, self._in_force, self._naming = mode, query, None
        if query and self._queries[-1:] != [query]:
            self._queries.append(query)
        self._set(query)
        self.set_class(bool(query), "-shown")
        self._show_mode()

    def show_count(self, words: str) -> None:
        """How many match, in words."""
        self.query_one("#filter-count", Static).update(Content(words))

    def on_descendant_focus(self) -> None:
        """The hint is for who types."""
        self.add_class("-open")

    def on_descendant_blur(self) -> None:
        """Nobody types any more."""
        self.remove_class("-open")

    def action_complete(self) -> None:
        """Complete the word before the cursor; again, by the next choice."""
        if self._naming is not None:
            return
        text, at = self._input.value, self._input.cursor_position
        if self._cycle is not None and self._cycle[1].apply(*self._cycle[::2]) == (text, at):
            query, completion, choice = self._cycle
            choice += 1
        else:
            query, choice = text, 0
            completion = complete(text, at, self.kinds(), self.saved)
        if completion.choices:
            self._cycle = query, completion, choice
            self._set(*completion.apply(query, choice))

    def action_older(self) -> None:
        """Show the query that was entered before this one."""
        self._go(self._at - 1)

    def action_newer(self) -> None:
        """Show the query that was entered after this one, at last the draft."""
        self._go(self._at + 1)

    def action_change_mode(self) -> None:
        """Filter, or find."""
        self.mode = Mode.FIND if self.mode is Mode.FILTER else Mode.FILTER
        self._show_mode()

    def action_save(self) -> None:
        """Ask for the name that the query is to be saved by."""
        if self._naming is None and self._mistake(self._input.value) is None:
            self._naming = self._input.value
            name = self._naming.removeprefix("@")
            self._set(name if name in self.saved else "")
            self._show_mode()

    def action_help(self) -> None:
        """Ask for the language's help."""
        self.post_message(self.HelpWanted())

    def action_leave(self) -> None:
        """Back to the query, or to what was there before it was typed."""
        if self._naming is not None:
            query, self._naming = self._naming, None
            self._set(query)
            self._show_mode()
            return
        self.put_in_force(self._in_force, self.mode)
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if self._naming is not None:
            query, self._naming = self._naming, None
            self._set(query)
            self._show_mode()
            self.post_message(self.Saved(text, query))
        elif self._mistake(text) is None:
            self.post_message(self.Entered(text, self.mode))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_hint()

    @property
    def _input(self) -> QueryInput:
        return self.query_one(QueryInput)

    def _set(self, text: str, at: int | None = None) -> None:
        self._input.value = text
        self._input.cursor_position = len(text) if at is None else at

    def _go(self, at: int) -> None:
        if self._naming is not None or not 0 <= at <= len(self._queries):
            return
        if self._at == len(self._queries):
            self._draft = self._input.value
        self._at = at
        self._set(self._draft if at == len(self._queries) else self._queries[at])

    def _mistake(self, text: str) -> QueryError | None:
        try:
            parse(text, self.saved)
        except QueryError as error:
            return error
        return None

    def _show_mode(self) -> None:
        label = "name" if self._naming is not None else self.mode
        self.query_one("#filter-label", Static).update(Content.styled(label, "bold $accent"))
        self._show_hint()

    def _show_hint(self) -> None:
        """What is wrong where, else what may come next, else the keys."""
        self.query_one("#filter-hint", Static).update(self._hint())

    def _hint(self) -> Content:
        if self._naming is not None:
            return Content.styled(_NAMING, "$text-muted")
        text, at = self._input.value, self._input.cursor_position
        mistake = self._mistake(text)
        completion = complete(text, at, self.kinds(), self.saved)
        unfinished = mistake is None or mistake.column >= at
        if text.strip() and completion.choices and unfinished:
            words = "  ".join(safe(choice) for choice in completion.choices[:20])
            return Content.styled(f"Tab    {words}"[: self.size.width or 80], "$text-muted")
        if mistake is not None:
            return self._pointed(text, mistake)
        return Content.styled(_HINTS[self.mode], "$text-muted")

    def _pointed(self, text: str, mistake: QueryError) -> Content:
        """A caret under the character, the sentence beside it or below."""
        cells = LABEL_CELLS + cell_len(text[: mistake.column]) - int(self._input.scroll_offset.x)
        caret = " " * max(0, min(cells, self.size.width - 1)) + "^"
        sentence = safe(str(mistake))
        room = self.size.width - len(caret) - 1
        between = " " if cell_len(sentence) <= room else "\n"
        return Content.styled(f"{caret}{between}{sentence}", "$text-error")
