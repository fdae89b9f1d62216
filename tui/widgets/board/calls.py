"""The list of function calls: a line a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.core import call_text
from tui.core.board import Board
from tui.core.text import safe
from tui.core.tool_call import CallState, ToolCall, Waits
from tui.line_view import LineView, fit

_STATE, _TOOK = len("▸ your reply?"), 7


class CallList(LineView):
    """A line a call, oldest first. The cursor stays on its call, whatever comes."""

    DEFAULT_CSS = """
    CallList {
        & > .call-list--wanted { color: $text-warning; text-style: bold reverse; }
        & > .call-list--pending { color: $text-warning; text-style: bold; }
        & > .call-list--answered { color: $text-success; }
        & > .call-list--failed { color: $text-error; }
        & > .call-list--gone { color: $text-warning; }
        & > .call-list--name { color: $text-accent; }
        & > .call-list--dim { color: $bd-family-metadata; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"call-list--{name}"
        for name in ("wanted", "pending", "answered", "failed", "gone", "name", "dim")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Message", id="board.message",
                tooltip="Go to the message that calls; again, to the one that answers"),
        Binding("a", "approve", "Approve", id="board.approve",
                tooltip="Let a call run that waits for approval"),
        Binding("X,delete", "refuse", "Refuse", id="board.refuse",
                tooltip="Answer a call with an error, whatever is under way for it"),
        Binding("r", "reply", "Reply", id="board.reply",
                tooltip="Answer a call by hand, whatever is under way for it"),
    ]  # fmt: skip

    @dataclass
    class Rested(Message):
        """The cursor is on this call, or it has changed."""

        call: ToolCall

    @dataclass
    class Ordered(Message):
        """Something shall be done with a call: ``message``, ``approve``, ``refuse``, ``reply``."""

        what: str
        call: ToolCall

    def __init__(self) -> None:
        super().__init__()
        self.commands = False
        """Whether calls can be answered from here."""
        self._board, self._version = Board(), 0
        self._now_s = 0.0
        self._seconds: dict[int, str] = {}
        """What the clocks of pending calls show, by line."""

    @property
    def line_count(self) -> int:
        """How many calls there were."""
        return len(self._board.calls)

    @property
    def call(self) -> ToolCall | None:
        """The one under the cursor."""
        return self._board.calls[self.cursor] if self._board.calls else None

    def show(self, board: Board, now_s: float) -> None:
        """Bring the lines up to date. Unless they have the focus, a pending one is chosen."""
        changed = board is not self._board or board.version != self._version
        self._board, self._version, self._now_s = board, board.version, now_s
        if changed:
            self._seconds = {}
            self.redraw()
            if not self.has_focus:
                self.to_pending()
            self._rest()
        clocks = {call.number - 1: call_text.took(call, now_s) for call in board.pending}
        self.redraw_lines([line for line in clocks if clocks[line] != self._seconds.get(line)])
        self._seconds = clocks

    def to_pending(self) -> None:
        """Go to the oldest call that waits for somebody, or to the last call."""
        pending = self._board.pending
        self.move_cursor(pending[0].number - 1 if pending else self.line_count - 1)

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which call it is."""
        super().watch_cursor(before, after)
        self._rest()

    def _rest(self) -> None:
        if self.call is not None:
            self.post_message(self.Rested(self.call))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is pending can be answered, and only in a session of our own."""
        if action not in ("approve", "refuse", "reply"):
            return super().check_action(action, parameters)
        call = self.call
        if not self.commands:
            return False
        pending = call is not None and call.pending
        approvable = action != "approve" or (call is not None and call.waits is Waits.APPROVAL)
        return True if pending and approvable else None

    def action_choose(self) -> None:
        """Go to its message."""
        self._order("message")

    def action_approve(self) -> None:
        """Let it run."""
        self._order("approve")

    def action_refuse(self) -> None:
        """Answer it with an error."""
        self._order("refuse")

    def action_reply(self) -> None:
        """Answer it by hand."""
        self._order("reply")

    def activate(self) -> None:
        """A double click goes to its message."""
        self._order("message")

    def _order(self, what: str) -> None:
        if self.call is not None:
            self.post_message(self.Ordered(what, self.call))

    def draw(self, line: int, width: int) -> Strip:
        """State, how long, name and arguments."""
        call = self._board.calls[line]
        state = f"{call_text.MARKS[call.state]} {call_text.state(call)}"
        took = call_text.took(call, self._now_s)
        arguments = safe(call_text.arguments(call.args))
        look = "wanted" if call.waits else _LOOKS[call.state]
        segments = [
            *fit([Segment(state, self._style(look))], _STATE),
            Segment(f" {took:>{_TOOK}}  ", self._style("dim")),
            Segment(safe(call.name), self._style("name")),
            Segment(f"({arguments})"),
            Segment(f"  {safe(call.error)}" if call.error else "", self._style("failed")),
        ]
        return Strip(fit(segments, width))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"call-list--{name}", partial=True)


_LOOKS: Final = {
    CallState.PENDING: "pending",
    CallState.ANSWERED: "answered",
    CallState.FAILED: "failed",
    CallState.CANCELLED: "gone",
    CallState.LOST: "gone",
    CallState.LATE: "gone",
}
