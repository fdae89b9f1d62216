"""The floor of the workbench: as many widgets, laid out alike, all of them Textual's own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input, Log, Static, Tab, Tabs


class Floor(App[None]):
    """Shows the same places, empty. Knows nothing of sessions."""

    CSS = """
    #small, #notice, #panes { display: none; }
    #strip, #families, #views { height: 1; padding: 0 1; }
    #levels { height: 1; }
    #levels Static { width: 1fr; }
    #body { height: 1fr; }
    #left { width: 2fr; }
    #right { width: 3fr; border-left: vkey $border-blurred; }
    #transcript { height: 1fr; padding: 0 1; }
    #camera, #head { height: auto; padding: 0 1; }
    #messages { height: 3fr; border-bottom: solid $border-blurred; }
    #inspector { height: 2fr; }
    #record { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        (f"f{number}", f"nothing{number}", f"Key {number}") for number in range(1, 8)
    ]

    def compose(self) -> ComposeResult:
        yield Static(id="small")
        yield Static(" Idle         not recorded", id="strip")
        with Horizontal(id="levels"):
            yield Static("OUT")
            yield Static("MIC off")
        yield Static(id="notice")
        yield Tabs(*(Tab(name) for name in ("Conversation", "Messages", "Inspector")), id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Log(id="transcript")
                yield Static("No camera.", id="camera")
                yield Input(placeholder="Type and press Enter.", id="composer")
            with Vertical(id="right"):
                yield Static("All 0  content 0  events 0  metadata 0  client 0", id="families")
                yield Log(id="messages")
                with Vertical(id="inspector"):
                    yield Static("No message", id="head")
                    yield Static("tree  raw text  bytes", id="views")
                    yield Log(id="record")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#transcript", Log).write_line("Nothing was said yet.")
        self.query_one("#record", Log).write_line("Select a message in the list above.")
        self.query_one("#composer").focus()


if __name__ == "__main__":
    Floor().run()
