"""What the line of a recording's time machine says."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core.playhead import clock


@dataclass(frozen=True, slots=True)
class Transport:
    """Where the play head is, and what it does. Equal transports look equal."""

    playing: bool = False
    position_s: float = 0.0
    length_s: float = 0.0
    speed: float = 1.0
    turn: int = 0
    turns: int = 0
    row: int = -1
    """The record that was applied last; -1 before the first."""
    rows: int = 0
    sound: str = ""
    """What is heard, or why nothing is."""
    timed: bool = True
    """The recording says when its messages came."""

    @property
    def state(self) -> str:
        """In a word."""
        if self.playing:
            return "PLAYING"
        return "END" if self.row >= self.rows - 1 else "PAUSED"

    @property
    def clock(self) -> str:
        """Position and length."""
        if not self.timed:
            return "no times"
        return f"{clock(self.position_s)} / {clock(self.length_s)}"

    @property
    def share(self) -> float:
        """How much of the recording is behind, 0..1."""
        return min(1.0, self.position_s / self.length_s) if self.length_s else 1.0
