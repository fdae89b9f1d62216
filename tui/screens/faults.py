"""Which fault the emulator shall bring about."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.core import fault_guide
from tui.core.fault import Fault, FaultError, Kind, kinds
from tui.core.text import safe


class Faults(ModalScreen[str]):
    """Chooses one and its keys; the answer is its spec, empty when none is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "bring_about", "Bring about", priority=True, id="faults.go"),
        Binding("escape", "dismiss('')", "Close", id="faults.close"),
    ]

    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012 - as Textual declares it

    def compose(self) -> ComposeResult:
        """The list, the line that is sent, and what may stand in it."""
        with Vertical(id="faults"):
            yield OptionList(*map(_option, kinds().values()), id="fault-list")
            yield Input(id="fault-spec", compact=True)
            yield Static(id="fault-keys")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The first one is chosen."""
        self.query_one("#faults").border_title = "Faults of the local emulator, in this session"
        self.query_one("#fault-list", OptionList).highlighted = 0

    @on(OptionList.OptionHighlighted, "#fault-list")
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        kind = kinds()[event.option_id or ""]
        self.query_one("#fault-spec", Input).value = kind.example
        self.query_one("#fault-keys", Static).update(_keys(kind))

    @on(OptionList.OptionSelected, "#fault-list")
    @on(Input.Submitted, "#fault-spec")
    def _enter(self) -> None:
        self.action_bring_about()

    def action_bring_about(self) -> None:
        """That is it, if it is one."""
        try:
            fault = Fault.read(self.query_one("#fault-spec", Input).value)
        except FaultError as error:
            self.query_one("#fault-keys", Static).update(Text(safe(str(error)), "bold"))
        else:
            self.dismiss(str(fault))


def _option(kind: Kind) -> Option:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=16)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_row(Text(kind.name, style="bold"), Text(kind.does))
    return Option(table, id=kind.name)


def _keys(kind: Kind) -> Text:
    """What it does, and each of its keys on a line."""
    text = Text(f"{kind.does}\n", "italic")
    for each in kind.parameters:
        text.append(f"{each.key:<8}", "bold").append(f"{fault_guide.key(each)}\n")
    return text
