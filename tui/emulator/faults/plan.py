"""The faults of a server: those that each session begins with, and the way to a session."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from tui.core.fault import Fault


class Armable(Protocol):
    """A session in which faults can come about."""

    def arm(self, fault: Fault) -> None:
        """Let it come about."""
        ...


class Plan:
    """``faults`` are for every session. With a ``seed`` chance falls as in the last run.

    ``told`` gets the number of a session and the fault that has come about in it.
    """

    def __init__(
        self,
        faults: Sequence[Fault] = (),
        seed: int | None = None,
        told: Callable[[int, Fault], None] = lambda number, fault: None,
    ) -> None:
        self.faults, self.seed, self.told = tuple(faults), seed, told
        self._sessions: dict[int, Armable] = {}

    def dice(self, what: object) -> random.Random:
        """What decides in the session of that number, or about something else."""
        return random.Random(None if self.seed is None else f"{self.seed} {what}")

    @contextmanager
    def reaching(self, number: int, session: Armable) -> Iterator[None]:
        """While the block lasts the session is there."""
        self._sessions[number] = session
        try:
            yield
        finally:
            del self._sessions[number]

    def arm(self, fault: Fault) -> int | None:
        """Let it come about in the newest session: its number, None where there is no session."""
        number = max(self._sessions, default=None)
        if number is not None:
            self._sessions[number].arm(fault)
        return number
