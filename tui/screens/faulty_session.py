"""A tapped session in which faults may be brought about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tui.screens.tapped_session import TappedSession

BANNER = "FAULTS ARE ALLOWED: X drops the connection, H holds everything up, K closes it with 1011."
STALLED = "HELD UP: nothing passes in this session until H is pressed again."

CLOSES = (
    (1000, ""),
    (1007, "Request contains an invalid argument."),
    (1008, "Operation is not implemented, or supported, or enabled."),
    (1011, "Internal error encountered."),
    (1011, "Deadline expired before operation could complete."),
)
"""Codes with reasons that the service has been seen to give; the last is that of the key."""


class FaultySession(TappedSession):
    """Says what the tap is to do to the session; a red line says that it may."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "fault('drop')", "Drop", id="fault.drop"),
        Binding("H", "hold_up", "Hold up / go on", id="fault.stall"),
        Binding("K", "close_with(-1)", "Close 1011", id="fault.close"),
    ]

    @dataclass
    class Wanted(Message):
        """Do this to the session of that recording: `tui.tap.fault.Fault`'s fields."""

        path: Path
        kind: str
        code: int
        reason: str

    _stalled = False

    def compose(self) -> ComposeResult:
        """The red line above all else."""
        yield Static(BANNER, id="fault-banner", markup=False)
        yield from super().compose()

    def commands(self) -> Iterable[SystemCommand]:
        """Every close, for the palette."""
        for number, (code, reason) in enumerate(CLOSES):
            said = f"Send the program a close frame: {reason or 'no reason'}"
            yield SystemCommand(
                f"Fault: close {code}", said, lambda n=number: self.action_close_with(n)
            )

    def action_fault(self, kind: str, code: int = 0, reason: str = "") -> None:
        """Bring it about; the red line tells whether something holds the session up."""
        self._stalled = kind == "stall"
        self.query_one("#fault-banner", Static).update(STALLED if self._stalled else BANNER)
        self.post_message(self.Wanted(self.path, kind, code, reason))

    def action_hold_up(self) -> None:
        """Let nothing pass, or all again."""
        self.action_fault("go on" if self._stalled else "stall")

    def action_close_with(self, number: int) -> None:
        """Close it with one of `CLOSES`."""
        self.action_fault("close", *CLOSES[number])
