"""A client of a repetition, over a clock that only the test moves."""

from __future__ import annotations

import json
from typing import Any

from tests.recorded import blob, tone
from tui.emulator.effects import Close, Drop, Effect, Send
from tui.emulator.scenario.repetition import Repetitions
from tui.emulator.scenario.scenario import Party

SETUP = {"setup": {"model": "models/gemini-3.8-live"}}


class Player:
    """A client of a repetition, with a clock that moves only when it says so."""

    def __init__(self, scenario: Repetitions) -> None:
        self.now = 500.0
        self.came: list[tuple[float, bytes, bool]] = []
        self.closed: Close | Drop | None = None
        self.told: list[str] = []
        self.party: Party = scenario.party(unused, self.told.append, self.now)

    def send(self, **message: Any) -> None:
        self._do(self.party.receive(json.dumps(message).encode(), self.now))

    def ask(self, text: str) -> None:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        self.send(clientContent={"turns": turns, "turnComplete": True})

    def mic(self, seconds: float, chunk_s: float = 0.1) -> None:
        for _ in range(round(seconds / chunk_s)):
            self.wait(chunk_s)
            self.send(realtimeInput={"audio": blob(tone(chunk_s, 16_000), 16_000)})

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.party.next_due()) is not None and due <= end:
            self.now = max(self.now, due)
            self._do(self.party.tick(self.now))
        self.now = end

    def texts(self) -> list[str]:
        """The messages' kinds, or their words."""
        return [_short(json.loads(payload)) for _, payload, _ in self.came]

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert self.closed is None, "nothing may follow a close"
            if isinstance(effect, Send):
                self.came.append((round(self.now - 500.0, 3), effect.payload, effect.text))
            else:
                assert isinstance(effect, (Close, Drop))
                self.closed = effect


def unused(brain: object) -> Party:
    raise AssertionError("a recording needs no dialogue")


def _short(message: dict[str, Any]) -> str:
    content = message.get("serverContent", {})
    for part in content.get("modelTurn", {}).get("parts", []):
        return str(part.get("text", "audio"))
    return "+".join(content or message)
