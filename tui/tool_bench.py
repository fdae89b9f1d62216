"""The tools bench of the app: what a person orders of function calls, and what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from textual.app import App, SystemCommand
from textual.screen import Screen

from tui.core.bench import MODES, Bench
from tui.core.frame import Event
from tui.core.reply import Reply, schedulable
from tui.core.session import Session
from tui.core.text import safe
from tui.core.tool_call import ToolCall, Waits
from tui.live.engine import Engine
from tui.screens.bench import BenchScreen
from tui.screens.reply import ReplyScreen


class ToolBench:
    """Between the board and the engine.

    Args:
        app: shows the screens.
        engine: the one in view, which answers calls.
        session: tells the state of the session.
    """

    def __init__(
        self, app: App[None], engine: Callable[[], Engine], session: Callable[[], Session]
    ) -> None:
        self._app, self._engine, self._session = app, engine, session

    def tell(self, event: Event) -> None:
        """That a person is waited for, on whichever screen is open; several are told of once."""
        screens = self._app.screen_stack  # none while it shuts down
        if event.name != "tool.held" or not screens or _in_view(screens[-1]):
            return
        held = [call for call in self._session().board.pending if call.waits]
        if len(held) == 1:
            words = _WANTED[held[0].waits].format(safe(held[0].name))
            self._app.notify(words, title="The model waits", severity="warning", markup=False)

    def order(self, what: str, call: ToolCall) -> None:
        """Approve, refuse or reply."""
        match what:
            case "approve":
                self._engine().approve(call.number)
            case "refuse":
                self._engine().refuse(call.number)
            case "reply":
                self._write_reply(call)

    def _write_reply(self, call: ToolCall) -> None:
        engine, connection = self._engine(), self._session().connection
        known = connection is not None and schedulable(call, connection.model, connection.origin)
        replies = (tool.reply for tool in engine.wish.tools if tool.name == call.name)

        def send(reply: Reply) -> None:
            engine.reply(call.number, reply)

        self._app.clear_notifications()
        self._app.push_screen(
            ReplyScreen(call, known, next(replies, None), lambda: engine.clock.mono_s, send)
        )

    def choose(self) -> None:
        """Choose how calls are answered."""
        self._app.push_screen(BenchScreen(self._session().board.bench), self._change)

    def commands(self) -> Iterator[SystemCommand]:
        """The modes, for the palette."""
        for mode, what in MODES.items():
            bench = replace(self._session().board.bench, mode=mode)
            help_ = f"Function calls: {what}."
            yield SystemCommand(f"Tools: {mode}", help_, partial(self._change, bench))

        again = "Read the files and servers of functions again, and tell the model what there is."
        yield SystemCommand("Tools: load again", again, self._engine().reload_tools)

    def _change(self, bench: Bench | None) -> None:
        if bench is not None:
            self._engine().answer_calls(bench)


def _in_view(screen: Screen[object]) -> bool:
    return isinstance(screen, ReplyScreen) or bool(screen.query("ToolBoard:focus-within"))


_WANTED = {
    Waits.APPROVAL: "{} waits for your approval: b, then a approves, X refuses.",
    Waits.REPLY: "{} waits for your reply: b, then r writes it, X refuses.",
}
