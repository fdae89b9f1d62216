"""A recording as a scenario: its connections, and what can be said of them beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tui.core.frame import Event
from tui.core.log import SessionLog
from tui.emulator.scenario.inputs import COUNTED, SOUND, Input, inputs
from tui.emulator.scenario.scenario import ScenarioError

NO_CODE = 1005
"""Stands for a close frame without a code (RFC 6455, section 7.1.5)."""
OPENING, CLOSED = "connection.opening", "connection.closed"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a recorded connection was closed, and when; by "server", "client" or "network"."""

    mono_s: float
    code: int | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one connection."""

    rows: range
    said: tuple[int, ...]
    """Rows of the client's messages that count, sound excepted."""
    totals: Counter[str] = field(compare=False)
    """How many of each kind."""
    ending: Ending | None


class Recorded:
    """The connections of a recording that is open; only the rows' columns are in memory."""

    def __init__(self, log: SessionLog, name: str) -> None:
        """``name`` is how the user knows it. Raises `ScenarioError` when nothing can be served."""
        self.log, self.name = log, name
        parts = [part for part in map(self._part, self._stretches()) if part]
        self.parts: tuple[Part, ...] = tuple(parts)
        if not parts:
            raise ScenarioError(f"{name} cannot be served: it has no message of a server.")

    @property
    def timed(self) -> bool:
        """Whether it says when its messages came; else they are served at once."""
        return self.log.header.get("timed") is not False

    def notes(self) -> Iterator[str]:
        """What is not as it was in the session, in words."""
        if not self.timed:
            yield f"{self.name} has no times: what it holds is served at once"
        if level := self.log.header.get("redacted"):
            yield f"{self.name} is redacted ({level}): what was taken away is not served"

    def _stretches(self) -> Iterator[range]:
        """From each opening of a connection to the next; where none was recorded, each setup."""
        starts, begun = [0], False
        for row in range(len(self.log)):
            kinds = self.log.kinds(row)
            if kinds == (OPENING,) or ("setup" in kinds and begun):
                starts.append(row)
            begun = kinds != (OPENING,) and (begun or "setup" in kinds)
        for first, end in pairwise([*starts, len(self.log)]):
            yield range(first, end)

    def _part(self, rows: range) -> Part | None:
        """None where no server says anything."""
        log = self.log
        if all(log.directions[row] != ord("r") for row in rows):
            return None
        said, totals, ending = [], Counter[str](), None
        for row in rows:
            if log.directions[row] == ord("s") and COUNTED.intersection(log.kinds(row)):
                said.append(row)
                for each in self.inputs(row):
                    totals[each.kind] += int(each.amount) if each.kind != SOUND else 0
            elif log.kinds(row) == (CLOSED,):
                ending = self._ending(row)
        return Part(rows, tuple(said), totals, ending)

    def inputs(self, row: int) -> tuple[Input, ...]:
        """What counts in a client's recorded message."""
        record = self.log.glance(row)
        return () if isinstance(record, Event) else tuple(inputs(record.facts))

    def _ending(self, row: int) -> Ending | None:
        event = self.log.glance(row)
        assert isinstance(event, Event)
        code = event.detail.get("code")
        return Ending(
            event.mono_s,
            code if isinstance(code, int) and code != NO_CODE else None,
            str(event.detail.get("reason", "")),
            str(event.detail.get("by", "")),
        )
