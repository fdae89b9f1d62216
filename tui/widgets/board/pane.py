"""The board: every function call and how it stands; below it, the chosen one in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.core import call_text
from tui.core.board import Board
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.text import safe
from tui.widgets.board.calls import CallList
from tui.widgets.board.detail import CallDetail

_NOTHING: Final = "No function has been called."


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
        self._counted: tuple[Board | None, int] = (None, 0)
        """The board, and its version, that the head tells of."""
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
        board, head = session.board, self._said[0]
        self._log, self._now_s = log, now_s
        if board is not self._counted[0] or board.version != self._counted[1]:
            self._counted = (board, board.version)
            head = board.trouble or call_text.head(board)
            self._head.set_class(bool(board.trouble), "-trouble")
        self._calls.show(board, now_s)
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
