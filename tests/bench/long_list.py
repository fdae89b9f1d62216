"""A list of 100,000 rows alone on the screen: ``python -m tests.bench.long_list ours|peer``.

`L` loads it, `T` lets rows come at a fixed rate for as long as it runs. The peer is Textual's own
`Log`, which knows nothing of messages: it gets the text of each row.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Log

from tui.app import DRAIN_HZ
from tui.core.frame import BINARY, Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.pace import Pace
from tui.theming import VARIABLE_DEFAULTS
from tui.widgets.message_list import MessageList

ROWS = 100_000
TAIL_HZ = 100
PREPARED = "prepared"


def words(number: int) -> str:
    """What row ``number`` says."""
    return f"row {number:06}"


class LongList(App[None]):
    """Takes rows in as the workbench does: in a timer as many as have come, shown at its pace."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L", "load", priority=True),
        Binding("T", "tail", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._pace = Pace()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def on_ready(self) -> None:
        self.prepare()
        gc.freeze()
        self.notify(PREPARED, timeout=1)

    def action_tail(self) -> None:
        self._tail_s, self._had = time.perf_counter(), self._count
        self.set_interval(1 / DRAIN_HZ, self._drain)

    def _drain(self) -> None:
        if self._pace.due(True):
            due = self._had + int((time.perf_counter() - self._tail_s) * TAIL_HZ)
            first, self._count = self._count, due
            self.grow(range(first, due))

    def prepare(self) -> None:
        raise NotImplementedError

    def action_load(self) -> None:
        raise NotImplementedError

    def grow(self, numbers: range) -> None:
        raise NotImplementedError


class Ours(LongList):
    """The message list over a journal in memory."""

    def compose(self) -> ComposeResult:
        yield MessageList()

    def prepare(self) -> None:
        storage = MemoryStorage()
        self._journal = Journal(storage, {"tool": "bench"}, Mask())
        self._evidence = SessionLog(storage.read)
        self._take(range(ROWS))
        self._count = ROWS

    def action_load(self) -> None:
        self.query_one(MessageList).show(self._evidence)

    def grow(self, numbers: range) -> None:
        self._take(numbers)
        self.query_one(MessageList).sync()

    def _take(self, numbers: range) -> None:
        for number in numbers:
            part = {"modelTurn": {"parts": [{"text": words(number)}]}}
            payload = json.dumps({"serverContent": part}).encode()
            mono_s = number / TAIL_HZ
            self._evidence.ingest(
                *self._journal.frame(
                    Direction.RECEIVE, BINARY, payload, time_s=mono_s, mono_s=mono_s
                )
            )


class Peer(LongList):
    """Textual's list of lines."""

    def compose(self) -> ComposeResult:
        yield Log()

    def prepare(self) -> None:
        self._lines = [self._line(number) for number in range(ROWS)]
        self._count = ROWS

    def action_load(self) -> None:
        log = self.query_one(Log)
        log.write_lines(self._lines)
        log.focus()

    def grow(self, numbers: range) -> None:
        self.query_one(Log).write_lines([self._line(number) for number in numbers])

    def _line(self, number: int) -> str:
        kind = f"{'▼ text':<25}"
        return f'{number:>5} 00:00.000    +10 ms {kind}     59 B "{words(number)}"'


if __name__ == "__main__":
    (Ours if sys.argv[1] == "ours" else Peer)().run()
