"""One Live session without I/O: messages, speech and time go in, effects come out.

It never waits and has no clock: `receive`, `spoken`, `understood` and `tick` are told the time and
return what is to be done now; `next_due` says when `tick` should be called next. Times are
seconds of any monotonic clock.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from tui.core import wire
from tui.emulator import brain, refusal
from tui.emulator.conversation import Role, Said, latest, pending, tokens_by_modality
from tui.emulator.delivery import Content
from tui.emulator.detector import detector
from tui.emulator.ears import Detector
from tui.emulator.effects import Close, Consult, Effect, Inject, Send, Speak, Transcribe
from tui.emulator.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.hearing import Began, Event, Heard, Interim
from tui.emulator.refusal import Refusal
from tui.emulator.resumption import Handles
from tui.emulator.scene import Brain, Scene
from tui.emulator.senses import Senses
from tui.emulator.setup import Setup
from tui.emulator.steps import Call, Fault, Frame, GoAway, HangUp, Step
from tui.emulator.turn import Manner, Played, Turn

ROLES: dict[str, Role] = {"": "user", "user": "user", "model": "model"}

_DELTA = re.compile(r"\s*\S+(?:\s+\S+){0,2}\s*")
"""Words that go out in one transcription."""


class Dialogue:
    """The server's side of one session."""

    def __init__(
        self,
        endpoint: Endpoint,
        handles: Handles,
        clock: Callable[[], datetime],
        seed: int = 0,
        ears: Callable[[], Detector] = detector,
        answer: Brain = brain.answer,
    ) -> None:
        """``clock`` tells the local time, for answers; ``seed`` decides the pacing.

        ``ears`` is called once, when sound comes for the first time; ``answer`` is the brain.
        """
        self.setup: Setup | None = None
        self.closed = False
        self._endpoint, self._handles, self._clock, self._seed = endpoint, handles, clock, seed
        self._ears, self._brain = ears, answer
        self._perceiving: Senses | None = None
        self._said: tuple[Said, ...] = ()
        self._instruction = ""
        self._seeding = False
        self._owed: list[Said] = []
        """What was said during an answer that may not be interrupted."""
        self._answers = 0
        self._turn: Turn | None = None
        self._prompt: dict[str, int] = {}
        self._leaves_at: float | None = None
        """When the connection ends for a client that stays after goAway."""

    # Inputs

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client, from a text or a binary frame."""
        if self.closed:
            return []
        try:
            return self._message(_checked(payload), now)
        except Refusal as refused:
            return self._hang_up(refused.code, refused.reason)

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for; None where words cannot be recognized."""
        return [] if self.closed else self._heed(self._senses.understood(words, now), now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause; that of an answer which was interrupted is dropped."""
        if self._turn is None or speak.answer != self._answers:
            return []
        self._turn.spoken(pcm, now)
        return [*self._wanted(self._turn), *self.tick(now)]

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it if there is ``more`` to come."""
        if self._turn is None or consult.answer != self._answers:
            return []
        self._turn.add(steps, more=more)
        return self.tick(now)

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        effects: list[Effect] = []
        while (turn := self._turn) and (due := turn.due) is not None and due <= now:
            if turn.generated:
                effects += self._end_turn(turn, now)
                effects += self._answer(now) if self._settle() else []
            else:
                effects += self._play(turn, now)
        if self._leaves_at is not None and self._leaves_at <= now and not self.closed:
            effects += self._hang_up(refusal.INTERNAL, refusal.DEADLINE)
        return effects

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        times = (self._turn.due if self._turn else None, self._leaves_at)
        return min((time for time in times if time is not None), default=None)

    # Messages

    def _message(self, message: dict[str, Any], now: float) -> list[Effect]:
        [kind] = message
        fields = Fields(message, "").object(kind)
        if self.setup is None:
            if kind != "setup":
                raise refusal.out_of_turn("The first message must be setup.")
            return self._begin(Setup.granted(fields, self._endpoint), now)
        if kind == "setup":
            raise refusal.out_of_turn("Setup can be sent only once, as the first message.")
        if kind == "clientContent":
            return self._client_content(fields, now)
        if kind == "realtimeInput":
            return self._realtime_input(fields, now)
        if kind == "contextUpdate" and fields.object("systemInstruction").given:
            self._instruction = fields.object("systemInstruction").content_text()
        return []

    def _begin(self, setup: Setup, now: float) -> list[Effect]:
        if setup.handle:
            said = self._handles.find(setup.handle, now)
            if said is None:
                raise refusal.session_not_found()
            self._said = said
        self.setup = setup
        self._perceiving = Senses(setup.activity, self._ears, interim=setup.input_transcribed)
        self._instruction = setup.instruction
        self._seeding = setup.seeded
        return [
            Send.message(self._endpoint.setup_complete(str(uuid.uuid4()))),
            *self._resumption_update(now),
        ]

    def _client_content(self, content: Fields, now: float) -> list[Effect]:
        turns = [(turn.text("role"), turn) for turn in content.objects("turns")]
        complete = content.flag("turnComplete")
        if any(role not in ROLES for role, _ in turns):
            raise refusal.out_of_turn("Please use a valid role: user, model.")
        effects = self._interrupt(now)
        for role, turn in turns:
            self._hear(self._senses.written(ROLES[role], turn, now))
        if not complete:
            return effects
        if self._seeding:
            self._seeding = False
            return effects
        return effects + self._answer(now)

    def _realtime_input(self, given: Fields, now: float) -> list[Effect]:
        effects = self._heed(self._senses.perceive(given, now), now)
        text = given.text("text")
        if text.strip():
            effects += self._interrupt(now)
            self._hear(self._senses.typed(text))
            return effects if self._seeding else effects + self._answer(now)
        # Blank text asks for the answer to what is there, as clients do after seeding a history.
        waiting = not (self._turn or self._seeding) and any(pending(self._said))
        return effects + (self._answer(now) if text and waiting else [])

    def _hear(self, said: Said) -> None:
        if said.tokens > self._granted.profile.model.context_tokens:
            raise refusal.invalid_argument()
        self._remember(said)

    # Speech

    def _heed(self, events: Iterator[Event], now: float) -> list[Effect]:
        effects: list[Effect] = []
        for event in events:
            match event:
                case Transcribe():
                    effects.append(event)
                case Began(offset_s):
                    effects += self._voice_activity("ACTIVITY_START", offset_s)
                    if self._granted.activity.interrupts:
                        effects += self._interrupt(now)
                case Interim(text):
                    effects.append(self._content({"interimInputTranscription": {"text": text}}))
                case Heard():
                    effects += self._spoken_turn(event, now)
        return effects

    def _spoken_turn(self, heard: Heard, now: float) -> list[Effect]:
        setup, effects = self._granted, list[Effect]()
        if heard.words and setup.input_transcribed:
            deltas = _DELTA.findall(heard.words)
            effects += [self._content({"inputTranscription": {"text": delta}}) for delta in deltas]
        effects += self._voice_activity("ACTIVITY_END", heard.end_s)
        if setup.activity.interrupts:
            effects += self._interrupt(now)
        self._owed.append(self._senses.spoken(heard))
        if self._turn:
            return effects
        answered = self._settle() and not self._seeding
        return effects + (self._answer(now, heard.decided_at) if answered else [])

    def _settle(self) -> bool:
        """Puts what was said during the last answer behind it; whether there was anything."""
        owed, self._owed = self._owed, []
        for said in owed:
            self._hear(said)
        return bool(owed)

    def _voice_activity(self, edge: str, offset_s: float) -> list[Effect]:
        if not self._granted.profile.voice_activity:
            return []
        return [Send.message({"voiceActivity": {"type": edge, "audioOffset": f"{offset_s:.3f}s"}})]

    # Answers

    def _answer(self, now: float, since: float | None = None) -> list[Effect]:
        """Begin the answer to what is pending, which was complete ``since`` then, or now."""
        setup, begun = self._granted, now if since is None else since
        self._prompt = tokens_by_modality([Said("user", self._instruction), *self._said])
        self._answers += 1
        dice = random.Random(f"{self._seed} {self._answers}")
        turn = Turn(Manner(setup.modality, setup.transcribed), dice, begun)
        scene = self._scene(now)
        steps = self._brain(scene)
        turn.add(steps or (), more=steps is None)
        self._turn = turn
        return [Consult(self._answers, scene)] if steps is None else self.tick(now)

    def _scene(self, now: float) -> Scene:
        spoken = any(one.spoken_s for one in self._said[-1:])
        heard, seen = self._senses.heard(spoken=spoken), self._senses.seen(now)
        return Scene(self._said, self._instruction, self._clock(), heard, seen)

    def _play(self, turn: Turn, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for played in turn.play(now):
            effects += self._done(played, now)
            if self.closed:
                return effects
        return effects + self._wanted(turn)

    def _done(self, played: Played, now: float) -> list[Effect]:
        match played:
            case Call(functions):
                calls = [{"name": one.name, "args": one.args, "id": one.id} for one in functions]
                return [Send.message({"toolCall": {"functionCalls": calls}})]
            case GoAway(seconds):
                self._leaves_at = now + seconds
                return [Send.message({"goAway": {"timeLeft": f"{seconds:g}s"}})]
            case HangUp(code, reason):
                return self._hang_up(code, reason)
            case Fault(spec):
                return [Inject(spec)]
            case Frame(content):
                return [Send(content) if isinstance(content, bytes) else Send.message(content)]
            case _:
                return [self._content(played)]

    def _hang_up(self, code: int, reason: str) -> list[Effect]:
        self.closed = True
        self._turn = self._leaves_at = None
        return [Close(code, reason)]

    def _wanted(self, turn: Turn) -> list[Effect]:
        clause = turn.wanted()
        return [Speak(self._answers, clause, self._granted.timbre)] if clause else []

    def _interrupt(self, now: float) -> list[Effect]:
        """Cuts the answer that is being sent, or that is still being heard."""
        if self._turn is None:
            return []
        effects: list[Effect] = [self._content({"interrupted": True})] if self._turn.formal else []
        effects += self._end_turn(self._turn, now)
        self._settle()
        return effects

    def _end_turn(self, turn: Turn, now: float) -> list[Effect]:
        """Ends the turn; what has left of the answer, and only that, stays in the memory."""
        self._turn = None
        said = turn.said
        if said.text:
            self._remember(said)
        if not turn.formal:
            return []
        usage = self._endpoint.usage(self._prompt, tokens_by_modality([said]))
        end = {"serverContent": {"turnComplete": True}, "usageMetadata": usage}
        return [Send.message(end), *self._resumption_update(now)]

    def _resumption_update(self, now: float) -> list[Effect]:
        if not self._granted.resumable:
            return []
        handle = self._handles.issue(self._said, now)
        return [Send.message({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})]

    def _content(self, content: Content) -> Send:
        if "modelTurn" in content and (self._endpoint.vertex or self._granted.profile.model_role):
            content = {"modelTurn": {"role": "model", **content["modelTurn"]}}
        return Send.message({"serverContent": content})

    def _remember(self, said: Said) -> None:
        self._said = latest((*self._said, said), self._granted.profile.model.context_tokens)

    @property
    def _senses(self) -> Senses:
        assert self._perceiving is not None
        return self._perceiving

    @property
    def _granted(self) -> Setup:
        assert self.setup is not None
        return self.setup


def _checked(payload: bytes) -> dict[str, Any]:
    """The canonical message, when it is one message of the protocol."""
    for fact in wire.decode(payload, "send"):
        if fact.kind == "invalid":
            raise refusal.invalid_json(fact.value["reason"])
        if fact.unknown:
            raise refusal.unknown_field(fact.unknown[0])
    canonical = wire.canonical(wire.parse(payload))
    message = {kind: fields for kind, fields in canonical.items() if fields is not None}
    if len(message) != 1:
        raise refusal.invalid_argument()
    return message
