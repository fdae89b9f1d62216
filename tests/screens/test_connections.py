"""The list of connections: what it shows, and what Enter on a handle does."""

from __future__ import annotations

import asyncio

from textual.app import App
from textual.widgets import OptionList

from tui.core.connection import Connection, Handle
from tui.core.session import Session
from tui.screens.connections import Connections


class Stand(App[None]):
    """An app with nothing but the list."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.resumed: list[Handle] = []

    def on_mount(self) -> None:
        self.push_screen(Connections(lambda: self.session, lambda: 9.0, self.resumed.append))


def session(*handles: Handle) -> Session:
    connection = Connection("m", "AUDIO", "gemini", "h", "new", 0, 1.0, 2.0)
    return Session(connection=connection, opened=[connection], handles=list(handles))


def test_enter_resumes_from_the_newest_handle_or_another() -> None:
    old, new = Handle("a", True, 3.0, "m", 1), Handle("b", True, 5.0, "m", 1)

    async def run() -> None:
        app = Stand(session(old, new))
        async with app.run_test() as pilot:
            await pilot.press("down", "enter")
            assert app.resumed == [old]
            assert not isinstance(app.screen, Connections)

    asyncio.run(run())


def test_without_a_handle_it_says_what_reconnecting_does() -> None:
    async def run() -> None:
        app = Stand(session())
        async with app.run_test() as pilot:
            note = app.screen.query_one("#connection-note")
            assert "No handle has come" in str(note.render())
            await pilot.press("enter")
            assert app.resumed == []
            app.session = session(Handle("a", True, 3.0, "m", 1))
            await pilot.pause(1.2)
            assert app.screen.query_one(OptionList).option_count == 2

    asyncio.run(run())
