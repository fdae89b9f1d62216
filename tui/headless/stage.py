"""A session that a script plays in: its records are taken in while anything is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui import fact_lines
from tui.core.lint.linter import Linter
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.outcome import Outcome
from tui.rig import Rig

POLL_S = 0.01


class StepFailed(Exception):
    """A step did not come to its end; the script goes no further."""

    def __init__(self, outcome: Outcome, words: str) -> None:
        self.outcome = outcome
        super().__init__(words)


class Stage:
    """The engine of a rig, seen from the main thread.

    Args:
        rig: the session; started here, stopped by whoever made it.
        timeout_s: how long is waited where a step does not say.
        facts: whether every fact is printed as it comes.
    """

    def __init__(self, rig: Rig, timeout_s: float, *, facts: bool) -> None:
        self.rig, self.engine = rig, rig.engine
        self.log = SessionLog(rig.storage.read)
        self.linter = Linter()
        self.timeout_s = timeout_s
        self.row = 0
        """The first record since the last input."""
        self.since_s = 0.0
        """When the last question was sent: turns since then answer it."""
        self.sent_s = 0.0
        """When the last input was sent, be it the answer to a call."""
        self.told_before = self.told
        """What the model had said by then."""
        self._facts = facts
        self.engine.start()
        rig.load_tools()
        self.engine.connect()

    @property
    def session(self) -> Session:
        """The state by all records that were taken in."""
        return self.log.session

    @property
    def told(self) -> tuple[int, int, float]:
        """What the model has said: its last turn, the characters and seconds of that."""
        turns = self.session.turns
        return (turns[-1].number, len(turns[-1].answer), turns[-1].audio_s) if turns else (0, 0, 0)

    def mark(self, *, asks: bool = True) -> None:
        """An input comes now: what is waited for comes after it.

        What is expected comes after the last one that ``asks``, which the answer to a call does
        not: the turn goes on.
        """
        self.take()
        self.row, self.sent_s = len(self.log), self.engine.clock.mono_s
        self.told_before = self.told
        if asks:
            self.since_s = self.sent_s

    def take(self) -> None:
        """Take in what was recorded since."""
        while self.engine.inbox:
            record, place = self.engine.inbox.popleft()
            self.log.ingest(record, place)
            self.linter.take(record, len(self.log) - 1)
            if self._facts:
                fact_lines.write(record)

    def until(
        self, true: Callable[[], object], what: str, timeout_s: float | None, *, open_: bool = True
    ) -> None:
        """Take records in until that is true.

        Args:
            true: asked again and again.
            what: what is waited for, for the words of a failure.
            timeout_s: how long; None is the script's.
            open_: the end of the connection is a failure.

        Raises:
            StepFailed: It did not come true in time, or cannot any more.
        """
        patience_s = self.timeout_s if timeout_s is None else timeout_s
        end_s = time.monotonic() + patience_s
        while True:
            self.take()
            if true():
                return
            if open_ and (ended := self._ended()):
                raise ended
            if time.monotonic() > end_s:
                raise StepFailed(Outcome.SILENT, f"{what} did not come in {patience_s:g} s")
            time.sleep(POLL_S)

    def pause(self, seconds: float) -> None:
        """Take records in for so long."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self.take()
            time.sleep(min(POLL_S, left_s))

    def _ended(self) -> StepFailed | None:
        connection = self.session.connection
        if connection is None and self.session.problem:
            return StepFailed(Outcome.REFUSED, self.session.problem)
        if connection is None or connection.closed_s is None or self.session.renewal is not None:
            return None
        accepted = connection.open_s is not None
        words = self.session.problem or "the connection is closed: connect opens it again"
        return StepFailed(Outcome.LOST if accepted else Outcome.REFUSED, words)
