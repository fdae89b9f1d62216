"""The search of a workbench: a query's matches, sought on a thread while the screen goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from tui import saved_filters
from tui.core.fields import QueryError
from tui.core.journal import JournalError
from tui.core.lint.finding import Findings
from tui.core.log import SessionLog
from tui.core.query import asks_for_findings, parse
from tui.core.search import Search
from tui.widgets.filter_bar import FilterBar, Mode
from tui.widgets.message_list import MessageList

FOUND_NOTHING = -1
"""The version of findings that a query does not ask for."""

AGAIN_S = 1.0
"""How often a query is put again because lint has found more."""

TELL_S = 0.05
"""How often the screen is told of new hits."""


class Finder:
    """Connects the filter bar, a search and the list of messages of one screen."""

    class Advanced(Message):
        """The search has come further, or is through."""

    def __init__(
        self,
        screen: Screen[None],
        log: SessionLog,
        messages: MessageList,
        bar: FilterBar,
        findings: Findings,
    ) -> None:
        self._screen = screen
        self._log = log
        self._messages = messages
        self._bar = bar
        self._findings = findings
        self._query = ""
        self._found = FOUND_NOTHING
        self._mode = Mode.FILTER
        self._search: Search | None = None
        self._worker: Worker[None] | None = None
        self._begun_s = 0.0
        self._first_hit_wanted = False

    @property
    def in_force(self) -> bool:
        """Whether a query holds."""
        return self._search is not None

    def write(self, mode: Mode) -> None:
        """Let a query be typed."""
        saved = saved_filters.load()
        if saved.problem:
            self._screen.notify(saved.problem, severity="warning", markup=False)
        self._bar.saved = saved.queries
        self._bar.open(mode)

    def save(self, name: str, query: str) -> None:
        """Save a query by a name."""
        try:
            self._bar.saved = saved_filters.save(name, query).queries
        except JournalError as error:
            self._screen.notify(str(error), severity="error", markup=False)
        else:
            done = f"@{name} stands for it in any query" if query else f"@{name} is forgotten"
            self._screen.notify(f"Saved: {done}.", markup=False)

    def apply(self, query: str, mode: Mode, *, again: bool = False) -> None:
        """Filter by the query, or find what matches it; an empty one ends both."""
        try:
            node = parse(query, self._bar.saved)
            search = Search(self._log, node, self._findings.has) if query.strip() else None
        except QueryError as error:
            self._screen.notify(str(error), severity="warning", markup=False)
            return
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        self._search, self._mode, self._query = search, mode, query
        self._found = self._findings.version if asks_for_findings(node) else FOUND_NOTHING
        self._begun_s = time.monotonic()
        self._first_hit_wanted = mode is Mode.FIND and not again
        self._bar.put_in_force(query if search else "", mode)
        self._messages.mark(search if mode is Mode.FIND else None)
        self._messages.set_filter(search if mode is Mode.FILTER else None)
        self.go_on()
        self.show()

    def clear(self) -> None:
        """Show all messages again."""
        self.apply("", self._mode)

    def go_on(self) -> None:
        """Search what has come since; all of it again where lint has found more."""
        search = self._search
        if self._found not in (FOUND_NOTHING, self._findings.version) and (
            time.monotonic() - self._begun_s > AGAIN_S
        ):
            self.apply(self._query, self._mode, again=True)
            return
        if search is None or search.upto >= len(self._log):
            return
        if self._worker is None or self._worker.is_finished:
            self._worker = self._screen.run_worker(
                lambda: self._run(search), thread=True, group="search", exit_on_error=False
            )

    def show(self) -> None:
        """What is found by now."""
        search = self._search
        if search is None:
            self._bar.show_count("")
            return
        self._messages.sync()
        total = len(self._log)
        done = "" if search.upto >= total else f" {search.upto / total:.0%}"
        found = f"{len(search.hits):,}/{total:,}{done}" if self._mode is Mode.FIND else ""
        self._bar.show_count(found)  # of a filter the list's border says it
        if self._first_hit_wanted and search.hits:
            self._first_hit_wanted = False
            row = self._messages.record_row
            if row is None or not search.hit(row):
                self.next_hit(forwards=True)

    def next_hit(self, *, forwards: bool) -> None:
        """Go to the next match after the cursor, or the last before it."""
        search, row = self._search, self._messages.record_row
        if search is None:
            self._screen.notify("Nothing is sought: / filters, \\ finds.", markup=False)
            return
        hit = search.following(-1 if row is None else row, forwards)
        if hit is not None:
            self._messages.go_to(hit)
        elif search.upto < len(self._log):
            self._screen.notify("Still searching.", markup=False)
        else:
            where, way = ("below", "N goes up") if forwards else ("above", "n goes down")
            self._screen.notify(f"Nothing more {where}; {way}.", markup=False)

    def _run(self, search: Search) -> None:
        """On a thread: search to the end of what there is, and tell the screen now and then."""
        worker, told_s, first = get_current_worker(), time.monotonic(), not search.hits
        tell: Callable[[Message], bool] = self._screen.post_message
        try:
            while search.upto < len(self._log):
                for _ in search.steps():
                    if worker.is_cancelled:
                        return
                    now_s = time.monotonic()
                    if now_s - told_s > TELL_S or (first and search.hits):
                        told_s, first = now_s, False
                        tell(self.Advanced())
        except QueryError as error:
            self._screen.app.call_from_thread(
                self._screen.notify, str(error), severity="warning", markup=False
            )
            self._screen.app.call_from_thread(self.clear)
            return
        tell(self.Advanced())
