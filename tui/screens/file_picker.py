"""Choosing a file: a path that is typed and completed, and the folder that it leads into."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from tui.core.text import safe
from tui.folder import Entry, Listing

UP = Entry("..", folder=True)
_LAST_PART = re.compile(r"[^/\\]*\Z" if os.name == "nt" else r"[^/]*\Z")


class PathInput(Input):
    """Tab completes, and leaves the line to nobody."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "screen.complete", "Complete", id="file.complete"),
    ]


class FilePicker(ModalScreen[Path | None]):
    """Gives the path of a file.

    Args:
        folder: shown first.
        look: what is in a folder; called on a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="file.up"),
        Binding("down", "move(1)", "Down", show=False, id="file.down"),
        Binding("pageup", "move(-8)", "Page up", show=False, id="file.page_up"),
        Binding("pagedown", "move(8)", "Page down", show=False, id="file.page_down"),
        Binding("escape", "dismiss", "Back", key_display="esc", id="file.back"),
    ]

    @dataclass
    class Looked(Message):
        """A folder was read."""

        listing: Listing

    def __init__(self, folder: Path, look: Callable[[Path], Listing]) -> None:
        super().__init__()
        self._look = look
        self._line = PathInput(str(folder / "x")[:-1], compact=True, select_on_focus=False)
        self._listing = Listing(Path())
        self._wanted: Path | None = None
        self._shown: list[Entry] = []

    def compose(self) -> ComposeResult:
        """The path, the folder, what is to be known."""
        with Vertical(id="file-picker"):
            yield self._line
            yield OptionList(id="file-list")
            yield Static(id="file-note", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the folder."""
        frame = self.query_one("#file-picker")
        frame.border_title, frame.border_subtitle = "Attach", "Tab completes, Enter chooses"
        self.query_one("#file-list").can_focus = False
        self._line.focus()
        self._follow()

    # ---- the line and the folder

    @property
    def _typed(self) -> tuple[Path, str]:
        """The folder in the line, and the beginning of a name after it."""
        text = self._line.value
        name = _LAST_PART.search(text)
        start = name.start() if name else 0
        folder = Path(text[:start] or ".")
        with contextlib.suppress(RuntimeError):  # nobody of that name has a home
            folder = folder.expanduser()
        return folder, text[start:]

    @on(Input.Changed)
    def _follow(self) -> None:
        folder, _ = self._typed
        if folder == self._listing.path:
            self._show()
        elif folder != self._wanted:
            self._wanted = folder
            work = partial(self._read, folder)
            self.run_worker(work, thread=True, exclusive=True, group="folder")

    def _read(self, folder: Path) -> None:
        listing = self._look(folder)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Looked(listing))

    @on(Looked)
    def _take(self, event: Looked) -> None:
        if event.listing.path == self._typed[0]:
            self._listing, self._wanted = event.listing, None
            self._show()

    def _show(self) -> None:
        _, name = self._typed
        begins = name.lower()
        self._shown = [
            each
            for each in self._listing.entries
            if each.name.lower().startswith(begins) and (begins or not each.name.startswith("."))
        ]
        self._shown.sort(key=lambda each: each.name != name)
        if not name:
            self._shown.insert(0, UP)
        options = self.query_one("#file-list", OptionList)
        options.clear_options()
        options.add_options([Option(_row(each)) for each in self._shown])
        options.highlighted = min(len(self._shown) - 1, int(not name)) if self._shown else None
        self._say(self._listing.problem or ("" if self._shown else "Nothing begins like that."))

    def _say(self, words: str) -> None:
        self.query_one("#file-note", Static).update(safe(words))

    # ---- actions

    def action_move(self, step: int) -> None:
        """Another entry."""
        options = self.query_one("#file-list", OptionList)
        if self._shown:
            at = (options.highlighted or 0) + step
            options.highlighted = max(0, min(at, len(self._shown) - 1))

    def action_complete(self) -> None:
        """Go on as far as all entries agree that begin like that."""
        _, name = self._typed
        entries = [each for each in self._shown if each is not UP]
        if len(entries) == 1 and entries[0].folder:
            self._enter(entries[0])
            return
        if entries:
            first, *_, last = sorted([entries[0].name, *(each.name for each in entries)])
            agreed = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
            common = "".join(char for char, _ in agreed)
            self._write(max(common, name, key=len))

    @on(Input.Submitted)
    def _submit(self) -> None:
        at = self.query_one("#file-list", OptionList).highlighted
        folder, name = self._typed
        if at is not None and self._listing.path == folder:
            self._choose(self._shown[at])
        elif name:
            self.dismiss(folder / name)

    @on(OptionList.OptionSelected)
    def _click(self, event: OptionList.OptionSelected) -> None:
        self._choose(self._shown[event.option_index])

    def _choose(self, entry: Entry) -> None:
        if entry.folder:
            self._enter(entry)
        else:
            self.dismiss(self._listing.path / entry.name)

    def _enter(self, entry: Entry) -> None:
        if entry is UP:
            parent = self._listing.path.resolve().parent
            self._line.value = str(parent / "x")[:-1]
            self._line.cursor_position = len(self._line.value)
        else:
            self._write(entry.name + os.sep)

    def _write(self, name: str) -> None:
        """Put a name in the place of its beginning."""
        if safe(name) != name:
            self._say("That name holds characters that do not show: choose it in the list.")
            return
        _, begun = self._typed
        text = self._line.value
        self._line.value = text[: len(text) - len(begun)] + name
        self._line.cursor_position = len(self._line.value)


def _row(entry: Entry) -> Text:
    text = Text(safe(entry.name) + ("/" if entry.folder else ""))
    text.append(f"  {entry.size}", style="dim")
    return text
