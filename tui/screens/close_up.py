"""The close-up of a workbench: the inspector, where a message leads, and its copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.screen import Screen

from tui.core import relations, snippet, wire
from tui.core.frame import Direction, Frame, Record
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.screens.copies import Copies
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList


class CloseUp:
    """Connects the list of messages and the inspector of one screen."""

    @dataclass
    class Copied(Message):
        """This shall be on the clipboard."""

        text: str

    def __init__(
        self, screen: Screen[None], log: SessionLog, messages: MessageList, inspector: Inspector
    ) -> None:
        self._screen = screen
        self._log = log
        self._messages = messages
        self._inspector = inspector

    def show(self, row: int | None) -> None:
        """Show a record; of a folded run, all of it."""
        connection = self._log.session.connection
        origin = connection.origin if connection else self._log.header.get("origin")
        rows = self._messages.run if row == self._messages.record_row else []
        self._inspector.show(
            self._record(row),
            partial(_frames, self._log, rows) if len(rows) > 1 else None,
            max(1, len(rows)),
            origin == "vertex",
        )

    # ---- from message to message

    def to_same_kind(self, step: int) -> None:
        """The next message of this kind (1), or the one before (-1)."""
        if (row := self._messages.record_row) is not None:
            start = self._messages.run[-1] if step > 0 else row
            found = relations.same_kind(self._log, start, step)
            self._jump(found, f"No {'later' if step > 0 else 'earlier'} message is of its kind.")

    def to_partner(self) -> None:
        """From a call to its answer and back, from a set-up to its acceptance and back."""
        if (row := self._messages.record_row) is not None:
            self._jump(relations.partner(self._log, row), "No call or answer belongs to it.")

    def to_turn_start(self) -> None:
        """To the first message of this one's turn."""
        if (row := self._messages.record_row) is not None:
            self._jump(relations.turn_start(self._log, row), "")

    def _jump(self, row: int | None, words: str) -> None:
        if row is None:
            self._screen.notify(words, markup=False)
        else:
            self._messages.go_to(row, unfold=False)

    # ---- copies

    def copy(self, what: str | None) -> None:
        """Copy something of the message, by its name in `COPIES`; ask with an empty name."""
        row = self._messages.record_row
        if what == "":
            self._screen.app.push_screen(Copies(), lambda chosen: self.copy(chosen or None))
        elif what is not None and row is not None:
            try:
                self._screen.post_message(self.Copied(self._text(what, row)))
            except ValueError as error:
                self._screen.notify(str(error), severity="warning", markup=False)

    def _text(self, what: str, row: int) -> str:
        """What is to be copied; raises ValueError with a sentence where it cannot be."""
        inspector = self._inspector
        match what:
            case "value":
                return inspector.copy_value()
            case "path":
                return inspector.copy_path()
            case "raw":
                return inspector.copy_raw()
        record = inspector.record
        if not isinstance(record, Frame):
            raise ValueError("An event of this side cannot be sent.")
        message, sent = wire.parse(record.payload), record.direction is Direction.SEND
        if what == "python":
            return snippet.python(message, sent)
        if what == "javascript":
            return snippet.javascript(message, sent)
        begun = self._record(relations.setup_of(self._log, row))
        setup = wire.parse(begun.payload) if isinstance(begun, Frame) else None
        return snippet.shell(message, sent, setup)

    def _record(self, row: int | None) -> Record | None:
        if row is None:
            return None
        try:
            return self._log.record(row)
        except JournalError as error:
            words = f"Message {row + 1} cannot be read again: {error}"
            self._screen.notify(words, markup=False)
            return None


def _frames(log: SessionLog, rows: Sequence[int]) -> Sequence[Frame]:
    """The messages of these records; on any thread.

    Raises:
        JournalError: A line is gone.
    """
    return [each for each in map(log.record, rows) if isinstance(each, Frame)]
