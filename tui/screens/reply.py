"""An answer to a function call, written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static, TextArea

from tui.core import call_text, reply
from tui.core.reply import Reply
from tui.core.text import safe
from tui.core.tool import SCHEDULES
from tui.core.tool_call import ToolCall

LOOK_AGAIN_S = 0.5
START = {"result": ""}


class ReplyScreen(ModalScreen[None]):
    """Writes the response, and says how it shall be heeded where the model heeds that.

    Args:
        call: is answered; it changes while this is open.
        schedulable: whether ``scheduling`` and ``willContinue`` mean something to the model.
        start: what stands there at first; None is an empty result.
        now_s: tells the session's time.
        send: answers.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "Send", priority=True, id="reply.send"),
        Binding("f3", "schedule", "Scheduling", priority=True, id="reply.scheduling"),
        Binding("f4", "go_on", "More follows", priority=True, id="reply.continues"),
        Binding("escape", "dismiss", "Close", priority=True, id="reply.close"),
    ]

    def __init__(
        self,
        call: ToolCall,
        schedulable: bool,
        start: Mapping[str, Any] | None,
        now_s: Callable[[], float],
        send: Callable[[Reply], object],
    ) -> None:
        super().__init__()
        self._call, self._schedulable, self._now_s, self._send = call, schedulable, now_s, send
        self._start = orjson.dumps(start or START, option=orjson.OPT_INDENT_2).decode()
        self._scheduling, self._continues = "", False

    def compose(self) -> ComposeResult:
        """What is asked, the answer, how it is heeded, what is wrong with it."""
        with Vertical(id="reply"):
            yield Static(id="reply-call", markup=False)
            yield TextArea(self._start, id="reply-area", compact=True, tab_behavior="focus")
            yield Static(id="reply-how", markup=False)
            yield Static(id="reply-problem", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The text can be changed at once; the clock goes on."""
        self.query_one("#reply").border_title = "Reply to a function call"
        asked = f"{self._call.name}({call_text.arguments(self._call.args)})"
        self.query_one("#reply-call", Static).update(safe(asked))
        area = self.query_one(TextArea)
        area.focus()
        last = area.document.line_count - 1
        area.move_cursor((max(0, last - 1), len(area.document.get_line(max(0, last - 1))) - 1))
        self._show()
        self.set_interval(LOOK_AGAIN_S, self._show)

    def _show(self) -> None:
        words = call_text.sentence(self._call, self._now_s())
        if self._schedulable:
            more = "more follows" if self._continues else "the last reply"
            words += f"\nscheduling {self._scheduling or 'as the model likes'} (F3) · {more} (F4)"
        self.query_one("#reply-how", Static).update(safe(words, lines=True))
        self.query_one("#reply-problem", Static).update(safe(self._problem()))

    @on(TextArea.Changed)
    def _look(self) -> None:
        self._show()

    def _problem(self) -> str:
        if not self._call.pending:
            return "Nobody waits for this reply any more."
        try:
            reply.response(self.query_one(TextArea).text)
        except ValueError as error:
            return str(error)
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Scheduling is offered where it means something."""
        return self._schedulable or action not in ("schedule", "go_on")

    def action_schedule(self) -> None:
        """When the model heeds it: as it likes, when nobody speaks, at once, silently."""
        choices = ("", *SCHEDULES)
        self._scheduling = choices[(choices.index(self._scheduling) + 1) % len(choices)]
        self._show()

    def action_go_on(self) -> None:
        """Whether more of the same call will follow."""
        self._continues = not self._continues
        self._show()

    def action_send(self) -> None:
        """Answer; where more follows, stay for the next part."""
        if self._problem():
            self._show()
            return
        response = reply.response(self.query_one(TextArea).text)
        self._send(Reply(response, self._scheduling, self._continues))
        if not self._continues:
            self.dismiss()
