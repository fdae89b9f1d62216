"""Plays a script: the emulator's own dialogue, with the script for its brain, and a judge.

Setup, sound, function calls and interruptions are the dialogue's. The actor chooses the steps of
each answer, and tells whether the client does what the script expects of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui.core import wire
from tui.core.text import safe
from tui.emulator.effects import Close, Consult, Effect, Send, Speak
from tui.emulator.mind import brain
from tui.emulator.refusal import POLICY, REASON_BYTES
from tui.emulator.scenario.inputs import responses
from tui.emulator.scenario.judgement import has, lack, shortened
from tui.emulator.scenario.scenario import Party, Say, untold
from tui.emulator.scenario.script import Exchange, Expectation, Script, filled
from tui.emulator.session.conversation import pending
from tui.emulator.session.scene import Brain, Scene
from tui.emulator.session.steps import Silence, Step


class Scripts:
    """A script as a scenario: each session plays it from its beginning."""

    def __init__(self, script: Script, otherwise: Brain = brain.answer) -> None:
        """``otherwise`` answers what the script leaves to the brain."""
        self.failures = 0
        self.complain: Say = untold
        self.model, self.faults, self.seed = script.model, script.faults, script.seed
        self._script, self._otherwise = script, otherwise

    def notes(self) -> Iterator[str]:
        """What is played."""
        about = f": {safe(self._script.about)}" if self._script.about else ""
        turns = len(self._script.exchanges)
        yield f"scenario: {safe(self._script.name)}, {turns} turn{'s'[: turns > 1]}{about}"

    def party(self, make: Callable[[Brain], Party], say: Say, now: float) -> Party:
        """An actor at the beginning of the script."""
        return Actor(self._script, make, self._otherwise, say, self._failed)

    def over(self, party: Party) -> None:
        """What the client still owes has not come."""
        if isinstance(party, Actor):
            party.end()

    def close(self) -> None:
        """There is nothing to let go."""

    def _failed(self, what: str) -> None:
        self.failures += 1
        self.complain(what)


@dataclass(frozen=True, slots=True)
class _Called:
    """A call whose response is expected."""

    id: str
    expectation: Expectation
    due: float | None


class Actor:
    """One session. It has the methods of a `Dialogue`; times are as there."""

    def __init__(
        self,
        script: Script,
        make: Callable[[Brain], Party],
        otherwise: Brain,
        say: Say,
        failed: Say,
    ) -> None:
        self._script, self._otherwise = script, otherwise
        self._say, self._failed = say, failed
        self._set_up = self._ended = False
        self._played: Counter[int] = Counter()
        """How often each turn was played."""
        self._failures = 0
        self._why = ""
        """The failure that ends the session."""
        self._expected: list[Expectation] = []
        self._called: list[_Called] = []
        self._dialogue = make(self._answer)

    @property
    def closed(self) -> bool:
        """The session is over."""
        return self._ended or self._dialogue.closed

    @property
    def model(self) -> str:
        """The model's name."""
        return self._dialogue.model

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client."""
        if self.closed:
            return []
        self._look(payload, now)
        return self._done(self._dialogue.receive(payload, now), now)

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for."""
        return self._done(self._dialogue.understood(words, now), now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause."""
        return self._done(self._dialogue.spoken(speak, pcm, now), now)

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it."""
        return self._done(self._dialogue.consulted(consult, steps, now, more=more), now)

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        for called in [one for one in self._called if one.due is not None and one.due <= now]:
            self._called.remove(called)
            within_s = called.expectation.within_s
            self._fail(f"{called.expectation.function} was not answered within {within_s:g} s")
        return self._done(self._dialogue.tick(now), now)

    def next_due(self) -> float | None:
        """When `tick` has something to do."""
        times = (self._dialogue.next_due(), *(called.due for called in self._called))
        return min((time for time in times if time is not None), default=None)

    def end(self) -> None:
        """Tell what has not come; the client is gone."""
        for called in self._called:
            self._fail(f"{called.expectation.function} was not answered")
        if self._set_up:
            for exchange in self._script.exchanges:
                if exchange.must and not self._played[exchange.number]:
                    self._fail(f"{exchange} was never reached")
        played, turns = sum(map(bool, self._played.values())), len(self._script.exchanges)
        failures = f"{self._failures} failed" if self._failures else "nothing failed"
        self._say(f"played {played} of {turns} turns; {failures}")

    # Answers

    def _answer(self, scene: Scene) -> Sequence[Step] | None:
        if scene.responses:  # no step follows the call
            return self._otherwise(scene)
        said = " ".join(text.strip() for text in pending(scene.said)).strip()
        found = self._ordered(said) if self._script.strict else self._matching(said)
        if found is None:
            return (Silence(),) if self._script.otherwise == "silence" else self._otherwise(scene)
        exchange, groups = found
        self._played[exchange.number] += 1
        self._expected += exchange.expectations
        self._say(f"plays {safe(str(exchange))}")
        return filled(exchange.steps, groups)

    def _matching(self, said: str) -> tuple[Exchange, Mapping[str, str]] | None:
        for exchange in self._script.exchanges:
            if exchange.times is None or self._played[exchange.number] < exchange.times:
                groups = exchange.groups(said)
                if groups is not None:
                    return exchange, groups
        self._say(f"finds no turn for {_quoted(said)}")
        return None

    def _ordered(self, said: str) -> tuple[Exchange, Mapping[str, str]] | None:
        """The turn whose time it is, whatever was said."""
        waiting = [
            exchange
            for exchange in self._script.exchanges
            if self._played[exchange.number] < (exchange.times or 1)
        ]
        if not waiting:
            if not self._script.loop:
                self._fail(f"{_quoted(said)} was said after the last turn")
                return None
            self._played.clear()
            waiting = [*self._script.exchanges]
        groups = waiting[0].groups(said)
        if groups is None:
            self._fail(f"{_quoted(said)} was said where {waiting[0]} should be")
        return waiting[0], groups or {}

    # Expectations

    def _look(self, payload: bytes, now: float) -> None:
        """Judges what the client sends."""
        if self._set_up and b"esponse" not in payload[:64]:
            return
        for fact in wire.decode(payload, "send"):
            if fact.kind == "setup" and not self._set_up:
                self._set_up = True
                self._judge_setup(fact.value)
            elif fact.kind == "toolResponse":
                for response in responses(fact.value):
                    self._judge(response)

    def _judge_setup(self, setup: Any) -> None:
        model = str(setup.get("model", "")).rpartition("/")[2] if isinstance(setup, dict) else ""
        wanted = self._script.required_model
        if wanted and model != wanted:
            self._fail(f"the setup names the model {model or 'nothing'}, not {wanted}")
        for path in self._script.required:
            if not has(setup, path.split(".")):
                self._fail(f"the setup has no {path}")

    def _judge(self, response: dict[str, Any]) -> None:
        if response.get("willContinue") is True:
            return
        for called in self._called:
            named = response.get("id") or response.get("name")
            if named in (called.id, called.expectation.function):
                self._called.remove(called)
                if why := lack(called.expectation.response, response.get("response"), ""):
                    self._fail(f"{called.expectation.function} answered {why}")
                return

    def _done(self, effects: list[Effect], now: float) -> list[Effect]:
        """The effects, those of a failure with them."""
        for effect in effects:
            if isinstance(effect, Send) and b'"toolCall' in effect.payload[:64]:
                self._watch(wire.parse(effect.payload), now)
        if self._why and not self.closed:
            self._ended = True
            reason = f"scenario: {self._why}".encode()[:REASON_BYTES].decode(errors="ignore")
            return [*effects, Close(POLICY, reason)]
        return effects

    def _watch(self, message: Mapping[str, Any], now: float) -> None:
        """Calls that leave are waited for; those that are cancelled are not."""
        gone = message.get("toolCallCancellation", {}).get("ids", [])
        self._called = [called for called in self._called if called.id not in gone]
        for call in message.get("toolCall", {}).get("functionCalls", []):
            for expectation in self._expected:
                if expectation.function == call["name"]:
                    self._expected.remove(expectation)
                    within_s = expectation.within_s
                    due = None if within_s is None else now + within_s
                    self._called.append(_Called(call.get("id", ""), expectation, due))
                    break

    def _fail(self, what: str) -> None:
        self._failures += 1
        self._failed(what)
        self._say(f"FAILED: {safe(what)}")
        if self._script.closes:
            self._why = self._why or what


def _quoted(said: str) -> str:
    return f'"{shortened(safe(said))}"' if said else "what was not words"
