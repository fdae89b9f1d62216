"""What a scenario is to the emulator, and what plays a session is to its pump."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tui.core.fault import Fault
from tui.emulator.effects import Consult, Effect, Speak
from tui.emulator.session.scene import Brain
from tui.emulator.session.steps import Step

Say = Callable[[str], None]


def untold(what: str) -> None:
    """Nobody wants to know."""


"""Takes a line for a human."""


class ScenarioError(Exception):
    """A scenario cannot be played; the message is one sentence for the user."""


class Party(Protocol):
    """The server's side of one session, as `tui.emulator.session.dialogue.Dialogue` explains it."""

    @property
    def closed(self) -> bool:
        """Whether the client has been told of the end."""
        ...

    @property
    def model(self) -> str:
        """The model's name, or what else is played, for the log."""
        ...

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client."""
        ...

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for."""
        ...

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause."""
        ...

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it."""
        ...

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        ...

    def next_due(self) -> float | None:
        """When `tick` has something to do."""
        ...


class Scenario(Protocol):
    """What the sessions of an emulator follow."""

    failures: int
    """How often a client did what it should not."""
    complain: Say
    """Is told of each, in a clause."""
    model: str
    """Answers, whatever model a client names, unless the command line says otherwise; or empty."""
    faults: Sequence[Fault]
    """For each session."""
    seed: int | None
    """Decides chances and the pace of answers, unless the command line says otherwise."""

    def notes(self) -> Iterator[str]:
        """What is to be said of it before the first session."""
        ...

    def party(self, make: Callable[[Brain], Party], say: Say, now: float) -> Party:
        """Who plays the next session; ``make`` gives the emulator's own dialogue with a brain.

        ``say`` takes what is to be said of the session.
        """
        ...

    def over(self, party: Party) -> None:
        """The session is over; its party is one of ours."""
        ...

    def close(self) -> None:
        """No more sessions come."""
        ...
