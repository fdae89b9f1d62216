"""The linter: records in, findings out, one pass, live or over a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tui.core import models
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.journal import JournalError
from tui.core.lint.connection import Lifetime
from tui.core.lint.content import Content
from tui.core.lint.fields import Fields
from tui.core.lint.finding import Findings
from tui.core.lint.input import Pictures, Sound
from tui.core.lint.interruption import Interruption
from tui.core.lint.scene import Check, Link, Scene
from tui.core.lint.sequence import Sequence
from tui.core.lint.setup import Setup
from tui.core.lint.silence import Silence
from tui.core.lint.tokens import Tokens
from tui.core.lint.tools import Tools
from tui.core.lint.turns import Turns
from tui.core.lint.voice import Voice
from tui.core.log import SessionLog
from tui.core.values import dict_of
from tui.core.wire import Fact

CHECKS: tuple[type[Check], ...] = (
    *(Setup, Sequence, Content, Sound, Pictures, Voice, Turns, Interruption, Silence),
    *(Tools, Tokens, Lifetime, Fields),
)
TICK_S = 0.25
"""How often, on the journal's clock, it is asked what is overdue."""

_LAST = "serverContent.turnComplete"
"""What shares a frame with it belongs to the turn that it ends."""


class Linter:
    """Looks at each record once, in order; `findings` grows."""

    def __init__(self, read: Callable[[int], Record] | None = None, *, timed: bool = True) -> None:
        """``read`` gives a whole record by its row: needed where `take` gets glances."""
        self._scene = scene = Scene(read, timed)
        self._checks = [check(scene) for check in CHECKS]
        self._tables = {
            Direction.SEND: self._table("sent"),
            Direction.RECEIVE: self._table("received"),
        }
        self._events = self._table("happened")
        self._next_tick_s = 0.0
        self._fields = next(check for check in self._checks if isinstance(check, Fields))

    @classmethod
    def of(cls, log: SessionLog) -> Linter:
        """One for the glances of a log."""
        return cls(log.record, timed=log.header.get("timed") is not False)

    @property
    def findings(self) -> Findings:
        """What was found so far."""
        return self._scene.findings

    def take(self, record: Record, row: int) -> None:
        """Look at the next record; ``row`` is its index in the log. Never raises on content."""
        self.tick(record.mono_s)
        scene = self._scene
        scene.record, scene.row, scene.now_s = record, row, record.mono_s
        scene.unix_s = record.time_s
        if isinstance(record, Frame):
            self._frame(record)
        else:
            self._event(record)

    def tick(self, now_s: float) -> None:
        """It is so late; what should have come by now is missing."""
        if now_s >= self._next_tick_s:
            self._next_tick_s = now_s + TICK_S
            self._scene.now_s = now_s
            for check in self._checks:
                check.tick(now_s)

    def _frame(self, frame: Frame) -> None:
        facts = frame.facts
        if frame.direction is Direction.SEND and facts[0].kind == "setup":
            self._set_up(facts[0])
        self._scene.session.apply(frame)
        self._fields.frame(frame)
        table = self._tables[frame.direction]
        for fact in sorted(facts, key=_is_last) if len(facts) > 1 else facts:
            for handle in table.get(fact.kind, ()):
                handle(fact)

    def _event(self, event: Event) -> None:
        if event.name == "connection.opening":
            origin = str(event.detail.get("origin", ""))
            self._begin(Link(self._scene.link.number + 1, origin, told=True))
        self._scene.session.apply(event)
        for handle in self._events.get(event.name, ()):
            handle(event)

    def _set_up(self, fact: Fact) -> None:
        """A setup makes a connection where no event has told of one."""
        link = self._scene.link
        if link.number == 0 or link.closed or not link.told:
            self._begin(Link(link.number + 1))
            link = self._scene.link
        if link.setup_row is None:
            link.setup = dict_of(fact.value)
            link.model = models.model(str(link.setup.get("model", "")))

    def _begin(self, link: Link) -> None:
        link.opening_s = self._scene.now_s
        self._scene.link = link
        for check in self._checks:
            check.begin()

    def _table(self, name: str) -> dict[str, list[Callable[[Any], None]]]:
        table: dict[str, list[Callable[[Any], None]]] = {}
        for check in self._checks:
            for kind, handle in getattr(check, name).items():
                table.setdefault(kind, []).append(handle.__get__(check))
        return table


def lint(log: SessionLog, linter: Linter, start: int = 0) -> Iterator[int]:
    """Take the rows of a log from ``start`` on; yields how many are done, now and then.

    The linter must have been given the log's `record`, since most rows are only glanced at.

    A line that cannot be read again is passed over.
    """
    for row in range(start, len(log)):
        try:
            linter.take(log.glance(row), row)
        except JournalError:
            continue
        if row % 256 == 0:
            yield row + 1
    yield len(log)


def all_findings(log: SessionLog) -> Findings:
    """What is found in a log that has been read to its end."""
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    return linter.findings


def _is_last(fact: Fact) -> bool:
    return fact.kind == _LAST
