"""A change of messages that somebody wants, and when it comes about."""

from __future__ import annotations

import random

from tui.core.fault import Fault
from tui.emulator.faults.changes import CHANGES, Change, Passing


def happens(fault: Fault, dice: random.Random) -> bool:
    """Whether it comes about at this occasion."""
    return fault.chance >= 1 or dice.random() < fault.chance


class Armed:
    """Decides for each turn, or each message, whether it is changed."""

    def __init__(self, fault: Fault, dice: random.Random, turn: int) -> None:
        """It was asked for in that turn, or before it."""
        self.fault = fault
        self._first = turn
        self.change: Change = CHANGES[fault.name](fault, dice)
        self._dice = dice
        self._left = fault.times
        self._by_message = fault.kind.occasion == "message"
        self._here = self._by_message and not fault.turn
        self._told = False
        """Whether it has come about, in this turn if there is one."""

    def begin(self, turn: int, now: float) -> None:
        """A turn begins, or the fault in the middle of one."""
        meant = self.fault.turn in (None, 0, turn - self._first + 1)
        if self._by_message:
            self._here = meant
        else:
            self._here = meant and self._left != 0 and happens(self.fault, self._dice)
            self._left = self._left and self._left - self._here
        self._told = False
        self.change.begin(now)

    def end(self) -> None:
        """The turn is over."""
        self._here = self._by_message and not self.fault.turn

    def disarm(self) -> bool:
        """It comes about no more; whether it still has to see this turn's end."""
        self._left = 0
        return self._here and self.change.bound

    def take(self, passing: Passing) -> tuple[list[Passing], bool]:
        """What leaves in its place, and whether it has come about for the first time here."""
        if not self._here or (self._by_message and not happens(self.fault, self._dice)):
            return [passing], False
        out = list(self.change.change(passing))
        told, self._told = self._told, self._told or out != [passing]
        return out, self._told and not told
