"""The export of a session: format, redaction, place; then how far it is, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeAlias

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, ProgressBar, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from tui.core.journal import JournalError
from tui.core.redaction import Level
from tui.core.text import safe

Report: TypeAlias = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """A format, and where an export in it goes unless somebody says otherwise."""

    name: str
    meaning: str
    place: Path


Run: TypeAlias = Callable[[str, Level, Path, Report], Sequence[str]]
"""Writes the session in a format, without what the level takes; returns what there is to say.
Blocks; raises JournalError, and what the report raises."""

LEVELS = {
    Level.CREDENTIALS: "credentials only",
    Level.TEXT: "words, too",
    Level.MEDIA: "sound and pictures, too",
    Level.ALL: "words, sound, pictures",
}


class Stopped(Exception):
    """The person has cancelled."""


class Export(ModalScreen[None]):
    """Chooses and writes. What it calls on a thread may take as long as it takes.

    Args:
        choices: the formats.
        run: writes the session.
        copy: puts text on the clipboard.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Export", priority=True, id="export.write"),
        Binding("ctrl+r", "redact", "Redact more", priority=True, id="export.redact"),
        Binding("ctrl+y", "copy_place", "Copy path", priority=True, id="export.copy"),
        Binding("escape", "leave", "Cancel / close", priority=True, id="export.close"),
    ]

    @dataclass
    class Progressed(Message):
        """So much of a step is done, 0..1."""

        step: str
        share: float

    @dataclass
    class Ended(Message):
        """It was written, or not: then there is a problem."""

        place: Path | None
        sentences: Sequence[str]

    def __init__(self, choices: Sequence[Choice], run: Run, copy: Callable[[str], None]) -> None:
        super().__init__()
        self._choices = choices
        self._run = run
        self._copy = copy
        self._level = Level.CREDENTIALS
        self._busy = False
        self._told = ("", -1)
        self._written: Path | None = None

    def compose(self) -> ComposeResult:
        """The list of formats, the redaction, the place, and what came of it."""
        with Vertical(id="export"):
            yield OptionList(*map(_option, self._choices), id="export-format")
            yield Static(id="export-level")
            with Horizontal(id="export-to"):
                yield Static("To ", id="export-to-label")
                yield Input(id="export-place", compact=True)
            yield ProgressBar(total=1.0, show_eta=False, id="export-progress")
            yield Static(id="export-said")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Say what is chosen."""
        self.query_one("#export").border_title = "Export"
        self.query_one("#export-format", OptionList).highlighted = 0
        self._show_level()

    @property
    def _choice(self) -> Choice:
        return self._choices[self.query_one("#export-format", OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted, "#export-format")
    def _choose(self) -> None:
        self.query_one("#export-place", Input).value = str(self._choice.place)

    @on(OptionList.OptionSelected, "#export-format")
    @on(Input.Submitted, "#export-place")
    def _enter(self) -> None:
        self.action_write()

    def action_redact(self) -> None:
        """The next level of redaction."""
        levels = [*LEVELS]
        self._level = levels[(levels.index(self._level) + 1) % len(levels)]
        self._show_level()

    def _show_level(self) -> None:
        text = Text("Taken away: ")
        text.append(LEVELS[self._level], "bold")
        self.query_one("#export-level", Static).update(text)

    # ---- the work

    def action_write(self) -> None:
        """Begin, unless it has begun."""
        if self._busy:
            return
        self._busy, self._written = True, None
        place = Path(self.query_one("#export-place", Input).value).expanduser()
        self.query_one("#export-progress").display = True
        self._show_progress(self.Progressed("Reading", 0.0))
        work = partial(self._write, self._choice.name, self._level, place)
        self.run_worker(work, thread=True, group="export")

    def _write(self, form: str, level: Level, place: Path) -> None:
        """On a thread."""
        worker = get_current_worker()

        def report(step: str, share: float) -> None:
            if worker.is_cancelled:
                raise Stopped
            if (step, round(share * 100)) != self._told:
                self._told = (step, round(share * 100))
                self.post_message(self.Progressed(step, share))

        try:
            said = self._run(form, level, place, report)
        except JournalError as error:
            self.post_message(self.Ended(None, [str(error)]))
        except Stopped:
            self.post_message(self.Ended(None, ["Cancelled: nothing was written."]))
        else:
            self.post_message(self.Ended(place, said))

    @on(Progressed)
    def _show_progress(self, event: Progressed) -> None:
        if self._busy:
            self.query_one("#export-progress", ProgressBar).update(progress=event.share)
            self._say(f"{event.step}…")

    @on(Ended)
    def _show_end(self, event: Ended) -> None:
        self._busy, self._written = False, event.place
        self.query_one("#export-progress").display = False
        done = [f"Written to {event.place}"] if event.place else []
        self._say("\n".join([*done, *event.sentences]))

    def action_copy_place(self) -> None:
        """Copy the path of what was written."""
        if self._written is not None:
            self._copy(str(self._written))
        else:
            self._say("There is nothing to copy yet: Ctrl+S exports.")

    def action_leave(self) -> None:
        """End what is going on; otherwise close."""
        if self._busy:
            self.workers.cancel_group(self, "export")
        else:
            self.dismiss()

    def _say(self, words: str) -> None:
        self.query_one("#export-said", Static).update(Text(safe(words, lines=True)))


def _option(choice: Choice) -> Option:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=9)
    table.add_column()
    table.add_row(Text(choice.name, style="bold"), Text(choice.meaning))
    return Option(table)
