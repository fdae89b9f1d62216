"""A client whose server has faults; nothing but its clock moves time."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Client
from tui.core.fault import Fault
from tui.emulator.effects import Close, Drop, Effect, Happened, Pongs, Send, Speak, Transcribe
from tui.emulator.faults.faulty import Faulty
from tui.emulator.session.dialogue import Dialogue


class Unlucky(Client):
    """Keeps what faults do beside messages, too."""

    def __init__(self, *specs: str, seed: int = 0) -> None:
        super().__init__()
        assert isinstance(self._dialogue, Dialogue)
        faults = [Fault.read(spec) for spec in specs]
        self._dialogue = Faulty(self._dialogue, random.Random(seed), faults)
        self.torn: list[bytes] = []
        self.dropped = False
        self.ended_at = 0.0
        self.pongs: list[float] = []
        self.happened: list[tuple[float, str]] = []
        self.left: list[float] = []
        """When each message left."""

    @classmethod
    def set_up(cls, *specs: str, modality: str = "TEXT", seed: int = 0, **setup: Any) -> Unlucky:
        """A client that has sent its set-up: 2.0 answers with text, 3.8 with audio."""
        client = cls(*specs, seed=seed)
        model = TEXT_MODEL if modality == "TEXT" else AUDIO_MODEL
        config = {"responseModalities": [modality]}
        client.send({"setup": {"model": model, "generationConfig": config, **setup}})
        return client

    def arm(self, spec: str) -> None:
        """In the middle of the session."""
        assert isinstance(self._dialogue, Faulty)
        self._do(self._dialogue.arm(Fault.read(spec), self.now))

    @property
    def ended(self) -> bool:
        """Closed, or dropped."""
        return self.dropped or self.closed is not None

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert not self.ended, "nothing may follow the end"
            match effect:
                case Send(payload):
                    self._take(payload)
                case Close():
                    self.closed, self.ended_at = effect, self.now
                case Drop():
                    self.dropped, self.ended_at = True, self.now
                case Pongs(delay_s):
                    self.pongs.append(delay_s)
                case Happened(fault):
                    self.happened.append((self.now, str(fault)))
                case Speak() | Transcribe():
                    super()._do([effect])

    def _take(self, payload: bytes) -> None:
        self.payloads.append(payload)
        self.left.append(self.now)
        try:
            self.received.append((self.now, json.loads(payload)))
        except ValueError:
            self.torn.append(payload)
