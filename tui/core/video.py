"""What a camera or the screen gives to the session, as immutable snapshots."""

from __future__ import annotations

from dataclasses import dataclass

STALL_S = 1.5
"""A source that has given pictures and gives none for so long has stalled."""

TOKENS = 258
"""What a picture costs at the default media resolution (protocol, section 5)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the server gets it."""

    jpeg: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Lens:
    """A snapshot of a camera or a screen, sent or not."""

    name: str = ""
    """What is looked at: the camera's number, the film's name, the monitor."""
    seen: bool = False
    """It has given a picture."""
    silent_s: float = 0.0
    """Seconds since its last picture."""
    over: bool = False
    """The film is over; its last picture stays."""
    problem: str = ""
    """Why there is no picture, in one sentence with the way out; empty when there is."""

    @property
    def state(self) -> str:
        """What is true of it now, in a word: the worst first."""
        facts = (
            (self.over, "over"),
            (self.problem, "lost" if self.seen else "none"),
            (not self.seen, "opening"),
            (self.silent_s >= STALL_S, "stalled"),
        )
        return next((word for fact, word in facts if fact), "on")


@dataclass(frozen=True, slots=True)
class Video:
    """A snapshot of the one stream of pictures that a session has."""

    kind: str = ""
    """"camera", "screen", or empty when nothing is captured."""
    lens: Lens = Lens()
    connected: bool = False
    picture: Picture | None = None
    """The very one that was sent last."""
    age_s: float = 0.0
    """Seconds since it was sent."""
    next_in_s: float = 0.0
    """Seconds until the next one is due."""
    sent: int = 0
    skipped: int = 0
    """Pictures that were due while the socket was still busy with the one before."""

    @property
    def state(self) -> str:
        """What is true of the stream now, in a word or two."""
        if not self.kind:
            return "off"
        waits = self.lens.state == "on" and not self.connected
        return "no connection" if waits else self.lens.state
