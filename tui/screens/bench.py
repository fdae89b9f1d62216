"""How function calls are answered."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.core.bench import FAILURE, MODES, Bench, delay_s
from tui.core.text import safe


class BenchScreen(ModalScreen[Bench]):
    """Chooses a mode, a delay, an error; the answer is what holds then, None for as before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "apply", "Apply", priority=True, id="bench.apply"),
        Binding("escape", "dismiss", "Close", id="bench.close"),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench

    def compose(self) -> ComposeResult:
        """The modes, then what is done to calls on purpose."""
        with Vertical(id="bench"):
            yield OptionList(*map(_option, MODES.items()), id="bench-modes")
            with Horizontal(classes="bench-line"):
                yield Static("late by", classes="bench-label")
                delay = f"{self._bench.delay_s:g}" if self._bench.delay_s else ""
                yield Input(delay, "0 seconds", id="bench-delay", compact=True)
            with Horizontal(classes="bench-line"):
                yield Static("fail with", classes="bench-label")
                yield Input(self._bench.fail, f"no error; such as: {FAILURE}", id="bench-fail",
                            compact=True)  # fmt: skip
            yield Static(id="bench-note", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """What holds now is chosen."""
        self.query_one("#bench").border_title = "Function calls"
        self.query_one(OptionList).highlighted = list(MODES).index(self._bench.mode)
        self._say(_ABOUT)

    @on(OptionList.OptionSelected)
    def action_apply(self) -> None:
        """That is it, if it is one."""
        try:
            seconds = delay_s(self.query_one("#bench-delay", Input).value)
        except ValueError as error:
            self._say(f"Not so: {error}.")
            return
        mode = list(MODES)[self.query_one(OptionList).highlighted or 0]
        self.dismiss(Bench(mode, seconds, self.query_one("#bench-fail", Input).value.strip()))

    def _say(self, words: str) -> None:
        self.query_one("#bench-note", Static).update(Text(safe(words)))


_ABOUT = (
    "Tab goes on to the delay and the error, which hold for what functions and files answer. "
    "What you write yourself goes out as it is."
)


def _option(mode: tuple[str, str]) -> Option:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=8)
    table.add_column()
    table.add_row(Text(mode[0], style="bold"), Text(mode[1]))
    return Option(table, id=mode[0])
