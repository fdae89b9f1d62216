"""A dialogue whose effects pass a stage of faults on their way to the client."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from tui.core.fault import Fault
from tui.emulator.effects import Consult, Effect, Speak
from tui.emulator.faults.stage import Stage
from tui.emulator.scenario.scenario import Party
from tui.emulator.session.steps import Step


class Faulty:
    """To be used as the dialogue itself."""

    def __init__(
        self,
        dialogue: Party,
        dice: random.Random,
        faults: Iterable[Fault] = (),
        *,
        set_up: bool = False,
    ) -> None:
        """``dice`` decide what chance decides; ``set_up`` tells that the session has begun."""
        self._dialogue = dialogue
        self._stage = Stage(dice, set_up=set_up)
        for fault in faults:
            self._stage.arm(fault, 0.0)

    @property
    def model(self) -> str:
        """The dialogue's."""
        return self._dialogue.model

    @property
    def closed(self) -> bool:
        """Whether the client has been told of the end."""
        return self._stage.closed

    def arm(self, fault: Fault, now: float) -> list[Effect]:
        """The fault is wanted from now on."""
        return self._stage.arm(fault, now)

    def take(self, effects: Iterable[Effect], now: float) -> list[Effect]:
        """Effects that the dialogue had before it was faulty, an `Arm` and what follows it."""
        return self._stage.take(effects, now)

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client."""
        return self._stage.take(self._dialogue.receive(payload, now), now)

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for."""
        return self._stage.take(self._dialogue.understood(words, now), now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause."""
        return self._stage.take(self._dialogue.spoken(speak, pcm, now), now)

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it."""
        effects = self._dialogue.consulted(consult, steps, now, more=more)
        return self._stage.take(effects, now)

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        return self._stage.take(self._dialogue.tick(now), now)

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        moments = (self._dialogue.next_due(), self._stage.next_due())
        return min((at for at in moments if at is not None), default=None)
