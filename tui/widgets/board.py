"""The board: every function call and how it stands; below it, the chosen one in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.core import call_text, json_tree, media
from tui.core.board import Board
from tui.core.json_tree import JsonTree
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.text import safe
from tui.core.tool_call import CallState, ToolCall, Waits
from tui.line_view import LineView, fit

UNSEEN_WIDTH: Final = 80
"""What lines are made for while the pane is hidden."""
INDENT: Final = 12
"""Cells that the wrapped lines of a long string leave."""
_STATE, _TOOK = len("▸ your reply?"), 7
_NOTHING: Final = "No function has been called."


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


class CallDetail(LineView):
    """Arguments and answers of a call, as JSON that opens and closes."""

    DEFAULT_CSS = """
    CallDetail {
        & > .call-detail--key { color: $bd-family-client; }
        & > .call-detail--text { color: $foreground; }
        & > .call-detail--number { color: $bd-received; }
        & > .call-detail--word { color: $bd-family-events; }
        & > .call-detail--chip { color: $bd-family-server-content; text-style: bold; }
        & > .call-detail--dim { color: $bd-family-metadata; }
        & > .call-detail--unknown { color: $bd-unknown; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"call-detail--{name}" for name in json_tree.PIECES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "open", "Open", id="call.open"),
        Binding("left", "close", "Fold", id="call.close", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._value: dict[str, Any] = {}
        self._tree = JsonTree.remark("")

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._tree)

    def show(self, value: dict[str, Any]) -> None:
        """Show another object, or what the same one has become."""
        if value != self._value:
            self._value = value
            self._make()
            self.move_cursor(0)

    def _make(self) -> None:
        wrap = max(20, (self.text_width or UNSEEN_WIDTH) - INDENT)
        self._tree = JsonTree(self._value, rate_hz=media.OUTPUT_RATE_HZ, wrap=wrap)
        self.redraw()

    def action_open(self) -> None:
        """Show what is below the line; close it again where it is open."""
        if self._tree.open(self.cursor) or self._tree.close(self.cursor):
            self.redraw()

    def action_close(self) -> None:
        """Hide what is below the line, or go to what it is below."""
        if self._tree.close(self.cursor):
            self.redraw()
        else:
            self.move_cursor(self._tree.parent(self.cursor))

    def activate(self) -> None:
        """A double click opens and closes."""
        self.action_open()

    def on_resize(self, event: events.Resize) -> None:
        """Long strings are wrapped for a width."""
        if self._value:
            self._make()

    def draw(self, line: int, width: int) -> Strip:
        """One line."""
        segments = [
            Segment(text, self.get_component_rich_style(f"call-detail--{piece}", partial=True))
            for text, piece in self._tree.line(line)
        ]
        return Strip(fit(segments, width))


class ToolBoard(Vertical):
    """How calls are answered, the calls, and the chosen one in full."""

    DEFAULT_CSS = """
    ToolBoard {
        & > #board-head { height: auto; max-height: 2; padding: 0 1; }
        & > #board-head.-trouble { color: $text-error; }
        & > CallList { height: auto; min-height: 1; max-height: 50%; }
        & > #board-call { height: 1; padding: 0 1; color: $text-muted; text-style: bold; }
        & > CallDetail { height: 1fr; }
    }
    """
    ALLOW_MAXIMIZE = True

    @dataclass
    class Chosen(Message):
        """A person wants to see this record of the log."""

        row: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._log = SessionLog(lambda offset, size: b"")
        self._now_s = 0.0
        self._calls = CallList()
        self._detail = CallDetail()
        self._head = Static(id="board-head", markup=False)
        self._words = Static(id="board-call", markup=False)
        self._said: tuple[str, str] = ("", "")
        self._read: tuple[int, Sequence[int], list[dict[str, Any]]] = (0, (), [])
        """The answers that were read last, by the number of their call and their messages."""
        self._visited = (0, 0)
        """The call whose message was gone to last, and which of its messages it was."""

    def compose(self) -> ComposeResult:
        """Head, calls, and the chosen one."""
        yield self._head
        yield self._calls
        yield self._words
        yield self._detail

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the calls, on one that waits."""
        self._calls.to_pending()
        self._calls.focus(scroll_visible)
        return self

    @property
    def commands(self) -> bool:
        """Whether calls can be answered from here."""
        return self._calls.commands

    @commands.setter
    def commands(self, commands: bool) -> None:
        self._calls.commands = commands

    def show(self, log: SessionLog, session: Session, now_s: float) -> None:
        """Show the calls of a session of the log, at its end or at any record."""
        board = session.board
        self._log, self._now_s = log, now_s
        self._calls.show(board, now_s)
        head = board.trouble or call_text.head(board)
        self._head.set_class(bool(board.trouble), "-trouble")
        self._say(head, self._sentence())

    def _sentence(self) -> str:
        call = self._calls.call
        return call_text.sentence(call, self._now_s) if call is not None else _NOTHING

    def _say(self, head: str, words: str) -> None:
        if (head, words) != self._said:
            self._said = (head, words)
            self._head.update(Content(safe(head)))
            self._words.update(Content(safe(words)))

    def on_call_list_rested(self, event: CallList.Rested) -> None:
        """Show it in full."""
        event.stop()
        call = event.call
        if (call.number, call.answers) != self._read[:2]:
            self._read = (call.number, [*call.answers], call_text.answers(self._log, call))
        self._detail.show(call_text.exhibit(call, self._read[2]))
        self._say(self._said[0], self._sentence())

    def on_call_list_ordered(self, event: CallList.Ordered) -> None:
        """Its message is found here; all else is not for us."""
        if event.what != "message":
            return
        event.stop()
        call, (number, place) = event.call, self._visited
        seqs = [call.seq, *call.answers]
        place = (place + 1) % len(seqs) if number == call.number else 0
        self._visited = (call.number, place)
        row = call_text.row_of(self._log, seqs[place])
        if row is not None:
            self.post_message(self.Chosen(row))
