"""The model's side of a session: it answers, calls functions, and is interrupted."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.effects import Arm, Close, Consult, Dismiss, Effect, Send, Speak
from tui.emulator.fields import Fields
from tui.emulator.mind import addressee
from tui.emulator.perception.senses import Senses
from tui.emulator.refusal import Refusal
from tui.emulator.session import calls
from tui.emulator.session.calls import Calls, Response
from tui.emulator.session.context import Context
from tui.emulator.session.conversation import Said, tokens_by_modality, tokens_of
from tui.emulator.session.delivery import Content
from tui.emulator.session.lifetime import Lifetime
from tui.emulator.session.resumption import Resumption
from tui.emulator.session.scene import Brain, Scene
from tui.emulator.session.steps import Call, Frame, GoAway, HangUp, Inject, Say, Silence, Step
from tui.emulator.session.turn import Manner, Played, Turn
from tui.emulator.terms.setup import Setup

EMPTY_EVERY = 4
"""After so many pieces of speech an empty frame comes, where the model sends them."""


class Respondent:
    """Plays one turn after another; all times are seconds of the dialogue's clock."""

    def __init__(
        self,
        setup: Setup,
        endpoint: Endpoint,
        senses: Senses,
        context: Context,
        brain: Brain,
        clock: Callable[[], datetime],
        seed: int,
    ) -> None:
        self.closed = False
        self.context, self.instruction, self.tools = context, setup.instruction, setup.tools
        self.lifetime = Lifetime()
        self.resumption: Resumption | None = None
        self.contained = 0
        """How many of the client's messages the context has."""
        self._setup, self._endpoint, self._senses = setup, endpoint, senses
        self._brain, self._clock, self._seed = brain, clock, seed
        self._owed: list[Said] = []
        """What was said during an answer that may not be interrupted."""
        self._answers = self._pieces = 0
        self._turn: Turn | None = None
        self._prompt: dict[str, int] = {}
        profile = setup.profile
        # On Vertex AI calls often have no ids (pipecat), and scheduling is ignored (livekit).
        self._calls = Calls(
            "" if endpoint.vertex else profile.call_id,
            random.Random(f"{seed} calls"),
            named=profile.names_required,
            scheduled=not endpoint.vertex,
        )

    @property
    def busy(self) -> bool:
        """It speaks, or waits for a response."""
        return self._turn is not None or self._calls.blocked

    @property
    def due(self) -> float | None:
        """When `tick` has something to do."""
        due = (self._turn, self.lifetime, self.resumption)
        times = [one.due for one in due if one and one.due is not None]
        return None if self.closed else min(times, default=None)

    # Inputs

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause; that of an answer which was interrupted is dropped."""
        if self._turn is None or speak.answer != self._answers:
            return []
        self._turn.spoken(pcm, now)
        return [*self._wanted(self._turn), *self.tick(now)]

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool
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
                effects += self._next(now)
            else:
                effects += self._play(turn, now)
        return effects if self.closed else [*effects, *self._keep_time(now)]

    def responded(self, given: Fields, now: float) -> list[Effect]:
        """A `toolResponse`."""
        effects: list[Effect] = []
        free = self._calls.answer(given)
        for response in free:
            if response.scheduling == "SILENT":
                self.context.remember(response.said)
        if urgent := tuple(one for one in free if one.scheduling == "INTERRUPT"):
            effects += self.interrupt(now, cancel=False)
            effects += self.answer(now, responses=urgent)
        turn = self._turn
        if turn and turn.held and (responses := self._calls.complete()):
            more = turn.resume(now)
            return effects + self._go_on(turn, now, responses, turn.rest() if more else ())
        effects += self._next(now)
        if self._setup.profile.interaction_status and not (self._turn or self._calls.open):
            effects.append(self.content({"interactionStatus": "IDLE"}))
        return effects

    def owe(self, said: Said, now: float, since: float, *, answered: bool) -> list[Effect]:
        """Something that was spoken until ``since``: it is answered when nobody speaks."""
        self._owed.append(said)
        if self.busy:
            return []
        return self.answer(now, since) if self._settle() and answered else []

    def interrupt(self, now: float, *, cancel: bool = True) -> list[Effect]:
        """Cuts the answer that is being sent, or still heard; ``cancel`` what it waits for."""
        turn, effects = self._turn, list[Effect]()
        ids = self._calls.cancel(self._answers if turn else None) if cancel else []
        if turn and turn.formal:
            effects.append(self.content({"interrupted": True}))
        if ids:
            effects.append(Send.of({"toolCallCancellation": {"ids": ids}}))
        if turn:
            effects += [Dismiss()] if turn.open else []
            effects += self._end_turn(turn, now)
        self._settle()
        return effects

    def hang_up(self, code: int, reason: str) -> list[Effect]:
        """Ends the session."""
        self._turn = None
        self.end()
        return [Close(code, reason)]

    def end(self) -> None:
        """The connection is closed: now the session can be taken up again."""
        self.closed = True
        if self.resumption:
            self.resumption.end()

    # Turns

    def answer(
        self, now: float, since: float | None = None, responses: tuple[Response, ...] = ()
    ) -> list[Effect]:
        """Begin the answer to what is pending, which was complete ``since`` then, or now.

        Or to ``responses``; steps that were left over from the turn of the calls come first.
        """
        try:
            self._prompt = self.context.prompt([Said("user", self.instruction)])
        except Refusal as refused:
            return self.hang_up(refused.code, refused.reason)
        turn = self._begin_turn(now if since is None else since)
        return self._go_on(turn, now, responses, self._calls.take_rest() if responses else ())

    def say(self, words: str, now: float) -> list[Effect]:
        """Words that belong to no turn: a translation."""
        turn = self._turn
        if turn is None or turn.generated:
            turn = self._begin_turn(now)
        turn.add([Say(words)])
        return self.tick(now)

    def update(self, now: float) -> list[Effect]:
        """A `sessionResumptionUpdate`, if the client wants them."""
        if self.resumption is None:
            return []
        said, resumable = self.context.said, not self.busy
        return [Send.of(self.resumption.update(said, now, self.contained, resumable=resumable))]

    def content(self, content: Content) -> Send:
        """A `serverContent`."""
        if "modelTurn" in content and (self._endpoint.vertex or self._setup.profile.model_role):
            content = content | {"modelTurn": {"role": "model", **content["modelTurn"]}}
        return Send.of({"serverContent": content})

    def _begin_turn(self, begun: float) -> Turn:
        self._answers += 1
        setup, generation = self._setup, self._setup.generation
        seed = self._seed if generation.seed is None else generation.seed
        manner = Manner(
            generation.modality,
            setup.spoken.wanted,
            thoughts=setup.thoughts,
            announced=setup.profile.model.converses,
            bundled=setup.profile.bundled,
            led=self._endpoint.vertex,  # recorded by js-genai's tests
            mime_type=setup.profile.mime_type,
            tokens=generation.tokens,
        )
        self._turn = Turn(manner, random.Random(f"{seed} {self._answers}"), begun)
        return self._turn

    def _go_on(
        self, turn: Turn, now: float, responses: tuple[Response, ...], steps: tuple[Step, ...]
    ) -> list[Effect]:
        """Plays the steps, or asks the brain for some when there are none."""
        for response in responses:
            self.context.remember(response.said)
            turn.taken_in.append(response.said)
        begun, scene = not turn.formal, self._scene(now, responses)
        found = steps or ((Silence(),) if self._overheard() else self._brain(scene))
        turn.add(found or (), more=found is None)
        effects = self.update(now) if begun and turn.formal else []
        return effects + ([Consult(self._answers, scene)] if found is None else self.tick(now))

    def _overheard(self) -> bool:
        """The last words were spoken, and not to a model that notices that."""
        last = self.context.said[-1:]
        spoken = self._setup.proactive and any(one.spoken_s for one in last)
        return spoken and addressee.another(last[0].text)

    def _scene(self, now: float, responses: tuple[Response, ...]) -> Scene:
        spoken = any(one.spoken_s for one in self.context.said[-1:])
        return Scene(
            self.context.said,
            self.instruction,
            self._clock(),
            heard=self._senses.heard(spoken=spoken),
            seen=self._senses.seen(now),
            tools=self.tools,
            responses=responses,
            thinking=self._setup.thinking,
            thoughts=self._setup.thoughts,
        )

    def _next(self, now: float) -> list[Effect]:
        """Nobody speaks: what is answered now, if anything is."""
        if self.busy:
            return []
        if responses := self._calls.complete():
            return self.answer(now, responses=responses)
        if self._settle():
            return self.answer(now)
        responses = self._calls.idle()
        return self.answer(now, responses=responses) if responses else []

    def _settle(self) -> bool:
        """Puts what was said during the last answer behind it; whether there was anything."""
        owed, self._owed = self._owed, []
        for said in owed:
            self.context.hear(said)
        return bool(owed)

    def _end_turn(self, turn: Turn, now: float) -> list[Effect]:
        """Ends the turn; what has left of the answer, and only that, stays in the memory."""
        self._turn = None
        said = turn.said
        if said.text:
            self.context.remember(said)
        if not turn.formal:
            return []
        content: Content = {"turnComplete": True}
        if self._setup.profile.interaction_status:
            content["interactionStatus"] = "IN_PROGRESS" if self._calls.open else "IDLE"
        usage = self._endpoint.usage(
            self._prompt,
            tokens_by_modality([said, *turn.produced]),
            tokens_by_modality(turn.taken_in),
            tokens_of(turn.thought) if self._setup.thinking else 0,
        )
        return [Send.of({"serverContent": content, "usageMetadata": usage}), *self.update(now)]

    # Steps

    def _play(self, turn: Turn, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for played in turn.play(now):
            effects += self._done(turn, played, now)
            if self.closed:
                return effects
        return effects + self._wanted(turn)

    def _done(self, turn: Turn, played: Played, now: float) -> list[Effect]:
        match played:
            case Call():
                return self._call(turn, played)
            case GoAway(seconds):
                return self._warn(self.lifetime.warn(now, seconds))
            case HangUp(code, reason):
                return self.hang_up(code, reason)
            case Inject(fault):
                return [Arm(fault)]
            case Frame(content):
                return [Send(content) if isinstance(content, bytes) else Send.of(content)]
            case _:
                return [self.content(played), *self._empty_frame(played)]

    def _call(self, turn: Turn, call: Call) -> list[Effect]:
        issued = self._calls.issue(call.functions, self.tools, self._answers)
        for one in issued:
            said = Said("tool", calls.told(one))
            self.context.remember(said)
            turn.produced.append(said)
        if self._calls.blocked:
            if self._setup.profile.call_ends_turn:
                self._calls.rest = turn.rest()
            else:
                turn.held = True
        return [Send.of(calls.tool_call(issued))]

    def _empty_frame(self, content: Content) -> list[Effect]:
        """Frames that say nothing, which some models send now and then while they speak."""
        if not self._setup.profile.empty_frames or "modelTurn" not in content:
            return []
        self._pieces += 1
        if self._pieces % EMPTY_EVERY:
            return []
        return [Send.of({} if self._pieces % (2 * EMPTY_EVERY) else {"serverContent": {}})]

    def _wanted(self, turn: Turn) -> list[Effect]:
        clause = turn.wanted()
        return [Speak(self._answers, clause, self._setup.generation.timbre)] if clause else []

    # The connection

    def _keep_time(self, now: float) -> list[Effect]:
        """What the age of the connection and the model's habits bring."""
        if self.lifetime.over(now):
            return self.hang_up(refusal.INTERNAL, refusal.DEADLINE)
        effects: list[Effect] = []
        if self.lifetime.due is not None and self.lifetime.due <= now:
            effects += self._warn(self.lifetime.warn(now))
        if self.resumption and self.resumption.due is not None and self.resumption.due <= now:
            effects += self.update(now)
        return effects

    def _warn(self, left_s: float | None) -> list[Effect]:
        return [] if left_s is None else [Send.of({"goAway": {"timeLeft": f"{left_s:g}s"}})]
