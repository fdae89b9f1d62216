"""The sessions browser: the recordings of a folder, to open, compare, rename and delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from tui.core.journal import JournalError
from tui.core.recordings import COLUMNS, Listing, matching, ordered
from tui.core.text import safe
from tui.screens.question import Question
from tui.widgets.session_list import SessionList, titles

LOOK_AGAIN_S = 2.0
KEEP_EVERY = 20
"""What is found by studying is kept after so many recordings, and at the end."""


class Study(Protocol):
    """Reads recordings whole, and gives them with their facts as they are found."""

    def __iter__(self) -> Iterator[Listing]: ...

    def stop(self) -> None:
        """Give it up; from any thread."""
        ...


class Shelf(Protocol):
    """A folder of recordings. All of it may block; `study` not for long."""

    folder: Path

    def scan(self, known: Mapping[Path, Listing]) -> list[Listing]:
        """What is there now; raises JournalError."""
        ...

    def study(self, listings: Iterable[Listing]) -> Study:
        """Begin to read these whole."""
        ...

    def keep(self, listings: Iterable[Listing]) -> None:
        """Remember what was found."""
        ...

    def delete(self, path: Path) -> None:
        """For good; raises JournalError."""
        ...

    def rename(self, path: Path, name: str) -> Path:
        """In its folder; raises JournalError."""
        ...


class Sessions(Screen[None]):
    """Lists a shelf; what it says of a recording at first is completed by a study of all of it.

    Args:
        shelf: the folder.
        own: the file of the session that goes on, which is left alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="sessions.open"),
        Binding("slash", "find", "Find", id="sessions.find", key_display="/"),
        Binding("s", "sort(1)", "Sort", id="sessions.sort"),
        Binding("S", "backwards", "Reverse", id="sessions.backwards", show=False),
        Binding("space", "mark", "Mark", id="sessions.mark"),
        Binding("c", "compare", "Compare", id="sessions.compare"),
        Binding("r", "rename", "Rename", id="sessions.rename"),
        Binding("delete,D", "delete", "Delete", id="sessions.delete", key_display="D"),
        Binding("escape,o,q", "close", "Close", id="sessions.close", key_display="esc"),
    ]
    AUTO_FOCUS = "SessionList"

    @dataclass
    class Chosen(Message):
        """Open this recording."""

        path: Path

    @dataclass
    class Compared(Message):
        """Compare these two."""

        one: Path
        other: Path

    @dataclass
    class Listed(Message):
        """The folder was read, or could not be."""

        listings: list[Listing]
        problem: str

    @dataclass
    class Studied(Message):
        """All of a recording was read; None when nothing is left to read."""

        listing: Listing | None

    def __init__(self, shelf: Shelf, own: Path | None = None) -> None:
        super().__init__()
        self._shelf, self._own = shelf, own
        self._all: dict[Path, Listing] = {}
        self._problem = ""
        self._listed = False
        self._marked: list[Path] = []
        self._by, self._backwards, self._words = "date", False, ""
        self._study: Study | None = None
        self._since_kept = 0
        self._renamed: Path | None = None
        """The recording whose new name is being typed."""
        self._list = SessionList()

    def compose(self) -> ComposeResult:
        """Where, the titles, the list, what is known of the chosen one, a line to type in."""
        yield Static(id="sessions-head")
        yield Static(id="sessions-titles")
        yield self._list
        yield Static(id="sessions-detail")
        yield Input(id="sessions-input", compact=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the folder, and look again for what comes and goes."""
        self._input.display = False
        self._scan()
        self.set_interval(LOOK_AGAIN_S, self._scan)

    def on_unmount(self) -> None:
        """Read no more."""
        if self._study is not None:
            self._study.stop()

    def on_resize(self) -> None:
        """The titles stand over their columns."""
        self.call_after_refresh(self._show)

    # ---- what there is

    def _scan(self) -> None:
        self.run_worker(self._read, thread=True, exclusive=True, group="scan")

    def _read(self) -> None:
        try:
            self.post_message(self.Listed(self._shelf.scan(dict(self._all)), ""))
        except JournalError as error:
            self.post_message(self.Listed([], str(error)))

    @on(Listed)
    def _take(self, event: Listed) -> None:
        self._listed, self._problem = True, event.problem
        self._all = {listing.path: self._newer(listing) for listing in event.listings}
        self._marked = [path for path in self._marked if path in self._all]
        self._begin_study()
        self._show()

    def _newer(self, listing: Listing) -> Listing:
        """What was studied since the folder was looked at holds."""
        before = self._all.get(listing.path)
        same = before is not None and before.key == listing.key and before.facts.studied
        return before if same and before is not None else listing

    def _begin_study(self) -> None:
        waiting = [
            each for each in self._all.values() if not (each.facts.studied or self._is_live(each))
        ]
        if waiting and self._study is None:
            self._study = self._shelf.study(ordered(waiting, "date"))
            self.run_worker(self._follow_study, thread=True, group="study")

    def _follow_study(self) -> None:
        study = self._study
        for listing in study or ():
            self.post_message(self.Studied(listing))
        self.post_message(self.Studied(None))

    @on(Studied)
    def _learn(self, event: Studied) -> None:
        listing = event.listing
        if listing is None:
            if self._study is not None:
                self._study.stop()
            self._study = None
        elif listing.path in self._all and self._all[listing.path].key == listing.key:
            self._all[listing.path] = listing
            self._since_kept += 1
        if self._since_kept and (listing is None or self._since_kept >= KEEP_EVERY):
            self._since_kept = 0
            kept = list(self._all.values())
            self.run_worker(lambda: self._shelf.keep(kept), thread=True, group="keep")
        self._show()

    def _is_live(self, listing: Listing) -> bool:
        return listing.live or listing.path == self._own

    # ---- what is shown

    def _show(self) -> None:
        found = matching(self._all.values(), self._words)
        self._list.show(ordered(found, self._by, backwards=self._backwards), set(self._marked))
        line = titles(self._list.text_width, self._by, backwards=self._backwards)
        self.query_one("#sessions-titles", Static).update(Text(line, no_wrap=True))
        self.query_one("#sessions-head", Static).update(Text(safe(self._head(len(found)))))
        self._tell(self._list.chosen)

    def _head(self, found: int) -> str:
        if self._problem:
            return self._problem
        if not self._listed:
            return f"Reading {self._shelf.folder}…"
        if not self._all:
            return f"No recordings in {self._shelf.folder}."
        unread = sum(not each.facts.studied for each in self._all.values())
        shown = f"{found} of {len(self._all)}" if self._words else f"{len(self._all)}"
        reading = f", {unread} being read" if unread else ""
        noun = "recording" if shown == "1" else "recordings"
        return f"{shown} {noun} in {self._shelf.folder}{reading}"

    @on(SessionList.Highlighted)
    def _detail(self, event: SessionList.Highlighted) -> None:
        self._tell(event.listing)

    def _tell(self, listing: Listing | None) -> None:
        words = ""
        if listing is not None:
            facts = listing.facts
            count = "" if facts.messages is None else f"{facts.messages:,} messages"
            words = " · ".join(
                filter(None, [listing.path.name, listing.form, count, facts.reason, facts.problem])
            )
        self.query_one("#sessions-detail", Static).update(Text(safe(words)))

    # ---- finding and sorting

    def action_find(self) -> None:
        """Type words that recordings must say."""
        self._renamed = None
        self._ask("words: a model, a day, an end, a part of the name", self._words)

    def action_sort(self, steps: int) -> None:
        """By the next column."""
        names = list(COLUMNS)
        self._by = names[(names.index(self._by) + steps) % len(names)]
        self._backwards = False
        self._show()

    def action_backwards(self) -> None:
        """The other way round."""
        self._backwards = not self._backwards
        self._show()

    @property
    def _input(self) -> Input:
        return self.query_one("#sessions-input", Input)

    def _ask(self, hint: str, value: str) -> None:
        field = self._input
        field.placeholder, field.value, field.display = hint, value, True
        field.cursor_position = len(value)
        field.focus()

    @on(Input.Changed)
    def _find(self, event: Input.Changed) -> None:
        if self._renamed is None:
            self._words = event.value
            self._show()

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        path = self._renamed
        self._leave_input()
        if path is not None:
            self._change(lambda: self._shelf.rename(path, event.value))

    def _leave_input(self) -> None:
        self._renamed = None
        self._input.display = False
        self._list.focus()

    # ---- what is done with them

    def action_open(self) -> None:
        """Open the one under the cursor."""
        if self._list.chosen is not None:
            self.post_message(self.Chosen(self._list.chosen.path))

    @on(SessionList.Opened)
    def _open(self, event: SessionList.Opened) -> None:
        self.post_message(self.Chosen(event.listing.path))

    def action_mark(self) -> None:
        """Mark the one under the cursor for comparison, or take the mark away."""
        if (chosen := self._list.chosen) is not None:
            marked = [path for path in self._marked if path != chosen.path]
            self._marked = (
                marked if len(marked) < len(self._marked) else [*marked, chosen.path][-2:]
            )
            self._show()

    def action_compare(self) -> None:
        """Compare the two that are marked, or the one that is with the one under the cursor."""
        pair = list(self._marked)
        if len(pair) == 1 and self._list.chosen is not None:
            pair = [path for path in (*pair, self._list.chosen.path)]
        if len(set(pair)) != 2:
            self.notify("Mark one with Space, go to another, then compare.", markup=False)
        else:
            self.post_message(self.Compared(*pair))

    def action_rename(self) -> None:
        """Type another name."""
        if (chosen := self._movable()) is not None:
            self._renamed = chosen.path
            self._ask("the new name", chosen.path.name)

    def action_delete(self) -> None:
        """Ask, then delete."""
        if (chosen := self._movable()) is not None:
            path = chosen.path
            words = f"Delete {path.name} for good? Nothing keeps a copy."

            def answered(yes: bool | None) -> None:
                if yes:
                    self._change(lambda: self._shelf.delete(path))

            self.app.push_screen(Question(words), answered)

    def _movable(self) -> Listing | None:
        chosen = self._list.chosen
        if chosen is not None and self._is_live(chosen):
            self.notify(
                f"{safe(chosen.path.name)} is being recorded: leave it alone.", markup=False
            )
            return None
        return chosen

    def _change(self, change: Callable[[], object]) -> None:
        try:
            change()
        except JournalError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
        self._scan()

    def action_close(self) -> None:
        """Leave the line of typing, take the words back, or go back to where one came from."""
        if self._input.display:
            self._leave_input()
        elif self._words:
            self._words = self._input.value = ""
            self._show()
        else:
            self.dismiss()
