"""One Live session without I/O: messages, speech and time go in, effects come out.

It never waits and has no clock: `receive`, `spoken`, `understood` and `tick` are told the time and
return what is to be done now; `next_due` says when `tick` should be called next. Times are
seconds of any monotonic clock.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from tui.core import wire
from tui.emulator import addressee, brain, grammar, refusal
from tui.emulator.context import Context
from tui.emulator.conversation import Role, Said, pending, tokens_by_modality
from tui.emulator.delivery import Content
from tui.emulator.detector import detector
from tui.emulator.ears import Detector
from tui.emulator.effects import Arm, Close, Consult, Effect, Send, Speak, Transcribe
from tui.emulator.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.hearing import Began, Event, Heard, Interim
from tui.emulator.hearsay import Hearsay, Message
from tui.emulator.lifetime import Lifetime
from tui.emulator.refusal import Refusal
from tui.emulator.resumption import LIFETIME_S, VERTEX_LIFETIME_S, Handles, Resumption
from tui.emulator.scene import Brain, Scene
from tui.emulator.senses import Senses
from tui.emulator.setup import Setup
from tui.emulator.steps import Call, Frame, GoAway, HangUp, Inject, Say, Silence, Step
from tui.emulator.translation import Translator
from tui.emulator.turn import Manner, Played, Turn

ROLES: dict[str, Role] = {"": "user", "user": "user", "model": "model"}

EMPTY_EVERY = 4
"""After so many pieces of speech an empty frame comes, where the model sends them."""


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
        model: str = "",
        *,
        ages: bool = False,
    ) -> None:
        """``clock`` tells the local time, for answers; ``seed`` decides the pacing.

        ``ears`` is called once, when sound comes for the first time; ``answer`` is the brain.
        ``model`` answers whichever the client names. A connection that ``ages`` lives as long
        as the model's do.
        """
        self.setup: Setup | None = None
        self.closed = False
        self._endpoint, self._handles, self._clock, self._seed = endpoint, handles, clock, seed
        self._ears, self._brain = ears, answer
        self._model, self._ages = model, ages
        self._perceiving: Senses | None = None
        self._context = Context(0, None, vertex=endpoint.vertex)
        self._instruction = ""
        self._seeding = False
        self._owed: list[Said] = []
        """What was said during an answer that may not be interrupted."""
        self._answers = 0
        self._turn: Turn | None = None
        self._prompt: dict[str, int] = {}
        self._pieces = 0
        """Of speech, that were sent."""
        self._lifetime = Lifetime()
        self._resumption: Resumption | None = None
        self._translator: Translator | None = None
        self._consumed = self._contained = 0
        """The client's messages after setup; those that the context has."""

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
        return effects if self.closed else [*effects, *self._keep_time(now)]

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        due = (self._turn, self._lifetime, self._resumption)
        times = [one.due for one in due if one and one.due is not None]
        return None if self.closed else min(times, default=None)

    def end(self) -> None:
        """The connection is closed, whoever did it: now the session can be taken up again."""
        self.closed = True
        if self._resumption:
            self._resumption.end()

    def _keep_time(self, now: float) -> list[Effect]:
        """What the age of the connection and the model's habits bring."""
        if self._lifetime.over(now):
            return self._hang_up(refusal.INTERNAL, refusal.DEADLINE)
        effects: list[Effect] = []
        if self._lifetime.due is not None and self._lifetime.due <= now:
            effects += self._warn(self._lifetime.warn(now))
        if self._resumption and self._resumption.due is not None and self._resumption.due <= now:
            effects += self._resumption_update(now)
        return effects

    def _warn(self, left_s: float | None) -> list[Effect]:
        return [] if left_s is None else [Send.of({"goAway": {"timeLeft": f"{left_s:g}s"}})]

    # Messages

    def _message(self, message: dict[str, Any], now: float) -> list[Effect]:
        [kind] = message
        fields = Fields(message, "").object(kind)
        if self.setup is None:
            if kind != "setup":
                raise refusal.out_of_turn("The first message must be setup.")
            return self._begin(Setup.granted(fields, self._endpoint, self._model), now)
        if kind == "setup":
            raise refusal.out_of_turn("Setup can be sent only once, as the first message.")
        self._consumed += 1
        effects: list[Effect] = []
        if kind == "clientContent":
            effects = self._client_content(fields, now)
        elif kind == "realtimeInput":
            effects = self._realtime_input(fields, now)
        elif kind == "contextUpdate":
            self._update_context(fields)
        if not self._senses.active:
            self._contained = self._consumed
        return effects

    def _begin(self, setup: Setup, now: float) -> list[Effect]:
        said = self._handles.find(setup.handle, now) if setup.handle else ()
        self.setup = setup
        vertex, model, generation = self._endpoint.vertex, setup.profile.model, setup.generation
        self._context = Context(model.context_tokens, setup.compression, vertex=vertex, said=said)
        self._hearsay = Hearsay(setup)
        self._perceiving = Senses(
            setup.activity,
            self._ears,
            interim=self._hearsay.interim,
            picture_tokens=generation.picture_tokens,
        )
        self._lifetime = Lifetime(now + model.connection_s if self._ages else None)
        if setup.resumable:
            self._resumption = Resumption(
                self._handles,
                VERTEX_LIFETIME_S if vertex else LIFETIME_S,
                setup.profile.resumption_s,
                transparent=setup.transparent,
                now=now,
            )
        if setup.profile.plays == "translation":
            self._translator = Translator(generation.target, echoes=generation.echoes)
        self._instruction = setup.instruction
        self._seeding = setup.seeded
        return [
            Send.of(self._endpoint.setup_complete(str(uuid.uuid4()))),
            *self._resumption_update(now),
        ]

    def _client_content(self, content: Fields, now: float) -> list[Effect]:
        taken = self._granted.profile.model.client_content
        if taken == "none" or (taken == "history" and not self._seeding):
            raise refusal.invalid_argument()
        turns = [(turn.text("role"), turn) for turn in content.objects("turns")]
        complete = content.flag("turnComplete")
        if any(role not in ROLES for role, _ in turns):
            raise refusal.out_of_turn("Please use a valid role: user, model.")
        effects = self._interrupt(now)
        for role, turn in turns:
            self._context.hear(self._senses.written(ROLES[role], turn, now))
        if not complete:
            return effects
        if self._seeding:
            self._seeding = False
            return effects
        return effects + self._answer(now)

    def _update_context(self, update: Fields) -> None:
        grammar.check(update.raw, "LiveClientContextUpdate", "contextUpdate")
        model, tools = self._granted.profile.model, update.object("tools").objects("tools")
        kinds = {kind for tool in tools for kind in tool.raw if tool.has(kind)}
        if not model.context_update or kinds & set(model.refused_tools):
            raise refusal.invalid_argument()
        if update.object("systemInstruction").given:
            self._instruction = update.object("systemInstruction").content_text()

    def _realtime_input(self, given: Fields, now: float) -> list[Effect]:
        model = self._granted.profile.model
        seen = given.has("text") or given.has("video")
        if (given.has("mediaChunks") and not model.media_chunks) or (seen and not model.converses):
            raise refusal.invalid_argument()
        effects = self._heed(self._senses.perceive(given, now), now)
        text = given.text("text")
        if text.strip():
            effects += self._interrupt(now)
            self._context.hear(self._senses.typed(text))
            return effects if self._seeding else effects + self._answer(now)
        # Blank text asks for the answer to what is there, as clients do after seeding a history.
        waiting = not (self._turn or self._seeding) and any(pending(self._context.said))
        return effects + (self._answer(now) if text and waiting else [])

    # Speech

    def _heed(self, events: Iterator[Event], now: float) -> list[Effect]:
        effects: list[Effect] = []
        for event in events:
            match event:
                case Transcribe():
                    effects.append(event)
                case Began():
                    effects += _sent(self._hearsay.began(event))
                    effects += self._barge_in(now)
                case Interim():
                    effects += _sent(self._hearsay.so_far(event))
                case Heard():
                    effects += _sent(self._hearsay.words(event))
                    effects += self._spoken_turn(event, now)
            if self.closed:
                break
        return effects

    def _spoken_turn(self, heard: Heard, now: float) -> list[Effect]:
        effects = _sent(self._hearsay.ended(heard))
        if not self._converses:
            return self._go_on(heard, now, effects)
        effects += self._barge_in(now)
        self._owed.append(self._senses.spoken(heard))
        if self._turn:
            return effects
        answered = self._settle() and not self._seeding
        return effects + (self._answer(now, heard.decided_at) if answered else [])

    def _go_on(self, heard: Heard, now: float, ended: list[Effect]) -> list[Effect]:
        """Without turns: what was heard is done with, or is said in another language."""
        self._context.hear(self._senses.spoken(heard))
        if self._translator is None:
            return [self._content({"generationComplete": True}), *ended]
        words = self._translator.translated(heard.words or "")
        if not words:
            return ended
        if self._turn is None or self._turn.generated:
            self._begin_turn(now)
        assert self._turn is not None
        self._turn.add([Say(words)])
        return ended + self.tick(now)

    def _barge_in(self, now: float) -> list[Effect]:
        interrupts = self._granted.activity.interrupts and self._converses
        return self._interrupt(now) if interrupts else []

    @property
    def _converses(self) -> bool:
        return self._granted.profile.plays == "conversation"

    def _settle(self) -> bool:
        """Puts what was said during the last answer behind it; whether there was anything."""
        owed, self._owed = self._owed, []
        for said in owed:
            self._context.hear(said)
        return bool(owed)

    # Answers

    def _answer(self, now: float, since: float | None = None) -> list[Effect]:
        """Begin the answer to what is pending, which was complete ``since`` then, or now."""
        try:
            self._prompt = self._context.prompt([Said("user", self._instruction)])
        except Refusal as refused:
            return self._hang_up(refused.code, refused.reason)
        turn = self._begin_turn(now if since is None else since)
        scene = self._scene(now)
        steps = (Silence(),) if self._overheard() else self._brain(scene)
        turn.add(steps or (), more=steps is None)
        effects = self._resumption_update(now) if turn.formal else []
        return effects + ([Consult(self._answers, scene)] if steps is None else self.tick(now))

    def _begin_turn(self, begun: float) -> Turn:
        self._answers += 1
        profile, generation = self._granted.profile, self._granted.generation
        seed = self._seed if generation.seed is None else generation.seed
        manner = Manner(
            generation.modality,
            self._granted.spoken.wanted,
            announced=self._converses,
            bundled=profile.bundled,
            mime_type=profile.mime_type,
            tokens=generation.tokens,
        )
        self._turn = Turn(manner, random.Random(f"{seed} {self._answers}"), begun)
        return self._turn

    def _overheard(self) -> bool:
        """The last words were spoken, and not to a model that notices that."""
        last = self._context.said[-1:]
        spoken = self._granted.proactive and any(one.spoken_s for one in last)
        return spoken and addressee.another(last[0].text)

    def _scene(self, now: float) -> Scene:
        spoken = any(one.spoken_s for one in self._context.said[-1:])
        heard, seen = self._senses.heard(spoken=spoken), self._senses.seen(now)
        return Scene(self._context.said, self._instruction, self._clock(), heard, seen)

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
                return [Send.of({"toolCall": {"functionCalls": calls}})]
            case GoAway(seconds):
                return self._warn(self._lifetime.warn(now, seconds))
            case HangUp(code, reason):
                return self._hang_up(code, reason)
            case Inject(fault):
                return [Arm(fault)]
            case Frame(content):
                return [Send(content) if isinstance(content, bytes) else Send.of(content)]
            case _:
                return [self._content(played), *self._empty_frame(played)]

    def _hang_up(self, code: int, reason: str) -> list[Effect]:
        self._turn = None
        self.end()
        return [Close(code, reason)]

    def _wanted(self, turn: Turn) -> list[Effect]:
        clause = turn.wanted()
        return [Speak(self._answers, clause, self._granted.generation.timbre)] if clause else []

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
            self._context.remember(said)
        if not turn.formal:
            return []
        usage = self._endpoint.usage(self._prompt, tokens_by_modality([said]))
        end = {"serverContent": {"turnComplete": True}, "usageMetadata": usage}
        return [Send.of(end), *self._resumption_update(now)]

    def _resumption_update(self, now: float) -> list[Effect]:
        if self._resumption is None:
            return []
        idle = self._turn is None
        said, consumed = self._context.said, self._contained
        return [Send.of(self._resumption.update(said, now, consumed, resumable=idle))]

    def _content(self, content: Content) -> Send:
        if "modelTurn" in content and (self._endpoint.vertex or self._granted.profile.model_role):
            content = content | {"modelTurn": {"role": "model", **content["modelTurn"]}}
        return Send.of({"serverContent": content})

    def _empty_frame(self, content: Content) -> list[Effect]:
        """Frames that say nothing, which some models send now and then while they speak."""
        if not self._granted.profile.empty_frames or "modelTurn" not in content:
            return []
        self._pieces += 1
        if self._pieces % EMPTY_EVERY:
            return []
        return _sent([{} if self._pieces % (2 * EMPTY_EVERY) else {"serverContent": {}}])

    @property
    def _senses(self) -> Senses:
        assert self._perceiving is not None
        return self._perceiving

    @property
    def _granted(self) -> Setup:
        assert self.setup is not None
        return self.setup


def _sent(messages: list[Message]) -> list[Effect]:
    return [Send.of(message) for message in messages]


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
