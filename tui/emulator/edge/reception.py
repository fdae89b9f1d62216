"""A session before its first message, which must come in time and from somebody who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tui.emulator import refusal
from tui.emulator.edge.access import Credential
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.edge.tokens import Tokens
from tui.emulator.effects import Close, Consult, Effect, Speak
from tui.emulator.refusal import Refusal
from tui.emulator.scenario.scenario import Party
from tui.emulator.session.steps import Step

SETUP_TIMEOUT_S = 60.0
"""For the first message."""


class Reception:
    """To be used as the party itself.

    Who may not come in is told after the first message, as the service does it: a client that is
    sending its setup would otherwise fail at that.
    """

    def __init__(
        self,
        party: Party,
        endpoint: Endpoint,
        credential: Credential,
        tokens: Tokens,
        clock: Callable[[], datetime],
        now: float,
    ) -> None:
        self._party, self._tokens, self._clock = party, tokens, clock
        self._endpoint, self._credential = endpoint, credential
        self._received = self._refused = False
        self._until: float | None = now + SETUP_TIMEOUT_S
        """The first message must have come; or, after that, a token's time is over."""

    @property
    def model(self) -> str:
        """The party's."""
        return self._party.model

    @property
    def closed(self) -> bool:
        """Whether the client has been told of the end."""
        return self._refused or self._party.closed

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client."""
        if self._refused:
            return []
        try:
            payload = payload if self._received else self._admitted(payload, now)
        except Refusal as refused:
            return self._refuse(refused)
        return self._party.receive(payload, now)

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for."""
        return self._party.understood(words, now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause."""
        return self._party.spoken(speak, pcm, now)

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it."""
        return self._party.consulted(consult, steps, now, more=more)

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        if self._until is not None and self._until <= now and not self.closed:
            late = refusal.token_expired("its sessions are over")
            return self._refuse(late if self._received else refusal.no_setup(SETUP_TIMEOUT_S))
        return self._party.tick(now)

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        moments = (self._until, self._party.next_due())
        return min((at for at in moments if at is not None), default=None)

    def _admitted(self, first: bytes, now: float) -> bytes:
        """The first message as a token locks it."""
        self._received, self._until = True, None
        self._credential.check_live(self._endpoint)
        if self._credential.token:
            first, left_s = self._tokens.admit(self._credential.token, first, self._clock())
            self._until = now + left_s
        return first

    def _refuse(self, why: Refusal) -> list[Effect]:
        self._refused, self._until = True, None
        return [Close(why.code, why.reason)]
