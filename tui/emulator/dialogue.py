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
from tui.emulator import brain, calls, refusal
from tui.emulator.calls import Calls, Response
from tui.emulator.conversation import Role, Said, latest, pending, tokens_by_modality, tokens_of
from tui.emulator.delivery import Content
from tui.emulator.detector import detector
from tui.emulator.ears import Detector
from tui.emulator.effects import Arm, Close, Consult, Effect, Send, Speak, Transcribe
from tui.emulator.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.hearing import Began, Event, Heard, Interim
from tui.emulator.profiles import Profile
from tui.emulator.refusal import Refusal
from tui.emulator.resumption import Handles
from tui.emulator.scene import Brain, Scene
from tui.emulator.senses import Senses
from tui.emulator.setup import Setup, toolbox
from tui.emulator.steps import Call, Frame, GoAway, HangUp, Inject, Step
from tui.emulator.toolbox import NO_TOOLS
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
        self._tools = NO_TOOLS
        self._asking: Calls | None = None
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
                effects += self._next(now)
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
        if kind == "toolResponse":
            return self._tool_response(fields, now)
        if kind == "contextUpdate":
            self._context_update(fields)
        return []

    def _begin(self, setup: Setup, now: float) -> list[Effect]:
        if setup.handle:
            said = self._handles.find(setup.handle, now)
            if said is None:
                raise refusal.session_not_found()
            self._said = said
        self.setup = setup
        self._perceiving = Senses(setup.activity, self._ears, interim=setup.input_transcribed)
        self._instruction, self._tools = setup.instruction, setup.tools
        self._asking = self._calls_of(setup.profile)
        self._seeding = setup.seeded
        return [
            Send.of(self._endpoint.setup_complete(str(uuid.uuid4()))),
            *self._resumption_update(now),
        ]

    def _calls_of(self, profile: Profile) -> Calls:
        # On Vertex AI calls often have no ids (pipecat), and scheduling is ignored (livekit).
        return Calls(
            "" if self._endpoint.vertex else profile.call_id,
            random.Random(f"{self._seed} calls"),
            named=profile.names_required,
            scheduled=not self._endpoint.vertex,
        )

    def _context_update(self, update: Fields) -> None:
        if update.object("systemInstruction").given:
            self._instruction = update.object("systemInstruction").content_text()
        if update.object("tools").given:
            tools = update.object("tools").objects("tools")
            self._tools = toolbox(tools, self._granted.profile)

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
        busy = self._turn or self._seeding or self._calls.blocked
        waiting = not busy and any(pending(self._said))
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
        if self._turn or self._calls.blocked:
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
        return [Send.of({"voiceActivity": {"type": edge, "audioOffset": f"{offset_s:.3f}s"}})]

    # Answers

    def _answer(
        self, now: float, since: float | None = None, responses: tuple[Response, ...] = ()
    ) -> list[Effect]:
        """Begin the answer to what is pending, which was complete ``since`` then, or now.

        Or to ``responses``; steps that were left over from the turn of the calls come first.
        """
        setup, begun = self._granted, now if since is None else since
        self._prompt = tokens_by_modality([Said("user", self._instruction), *self._said])
        self._answers += 1
        dice = random.Random(f"{self._seed} {self._answers}")
        self._turn = Turn(Manner(setup.modality, setup.transcribed, setup.thoughts), dice, begun)
        steps = self._calls.take_rest() if responses else ()
        return self._go_on(self._turn, now, responses, steps)

    def _go_on(
        self, turn: Turn, now: float, responses: tuple[Response, ...], steps: tuple[Step, ...]
    ) -> list[Effect]:
        """Plays the steps, or asks the brain for some when there are none."""
        for response in responses:
            self._remember(response.said)
            turn.taken_in.append(response.said)
        if steps:
            turn.add(steps)
            return self.tick(now)
        scene = self._scene(now, responses)
        found = self._brain(scene)
        turn.add(found or (), more=found is None)
        return [Consult(self._answers, scene)] if found is None else self.tick(now)

    def _scene(self, now: float, responses: tuple[Response, ...]) -> Scene:
        spoken = any(one.spoken_s for one in self._said[-1:])
        return Scene(
            self._said,
            self._instruction,
            self._clock(),
            heard=self._senses.heard(spoken=spoken),
            seen=self._senses.seen(now),
            tools=self._tools,
            responses=responses,
            thinking=self._granted.thinking,
            thoughts=self._granted.thoughts,
        )

    def _next(self, now: float) -> list[Effect]:
        """Nobody speaks: what is answered now, if anything is."""
        if self._turn or self._calls.blocked:
            return []
        if responses := self._calls.complete():
            return self._answer(now, responses=responses)
        if self._settle():
            return self._answer(now)
        responses = self._calls.idle()
        return self._answer(now, responses=responses) if responses else []

    # Functions

    def _call(self, call: Call) -> list[Effect]:
        assert self._turn is not None
        issued = self._calls.issue(call.functions, self._tools, self._answers)
        for one in issued:
            said = Said("tool", calls.told(one))
            self._remember(said)
            self._turn.produced.append(said)
        if self._calls.blocked:
            if self._granted.profile.call_ends_turn:
                self._calls.rest = self._turn.rest()
            else:
                self._turn.held = True
        return [Send.of(calls.tool_call(issued))]

    def _tool_response(self, given: Fields, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for response in self._calls.answer(given):
            if response.scheduling == "INTERRUPT":
                effects += self._interrupt(now, cancel=False)
                effects += self._answer(now, responses=(response,))
            else:
                self._remember(response.said)
        turn = self._turn
        if turn and turn.held and (responses := self._calls.complete()):
            more = turn.resume(now)
            return effects + self._go_on(turn, now, responses, turn.rest() if more else ())
        effects += self._next(now)
        if self._granted.profile.interaction_status and not (self._turn or self._calls.open):
            effects.append(self._content({"interactionStatus": "IDLE"}))
        return effects

    def _play(self, turn: Turn, now: float) -> list[Effect]:
        effects: list[Effect] = []
        for played in turn.play(now):
            effects += self._done(played, now)
            if self.closed:
                return effects
        return effects + self._wanted(turn)

    def _done(self, played: Played, now: float) -> list[Effect]:
        match played:
            case Call():
                return self._call(played)
            case GoAway(seconds):
                self._leaves_at = now + seconds
                return [Send.of({"goAway": {"timeLeft": f"{seconds:g}s"}})]
            case HangUp(code, reason):
                return self._hang_up(code, reason)
            case Inject(fault):
                return [Arm(fault)]
            case Frame(content):
                return [Send(content) if isinstance(content, bytes) else Send.of(content)]
            case _:
                return [self._content(played)]

    def _hang_up(self, code: int, reason: str) -> list[Effect]:
        self.closed = True
        self._turn = self._leaves_at = None
        return [Close(code, reason)]

    def _wanted(self, turn: Turn) -> list[Effect]:
        clause = turn.wanted()
        return [Speak(self._answers, clause, self._granted.timbre)] if clause else []

    def _interrupt(self, now: float, *, cancel: bool = True) -> list[Effect]:
        """Cuts the answer that is being sent, or still heard, and ``cancel`` what it waits for."""
        turn, effects = self._turn, list[Effect]()
        ids = self._calls.cancel(self._answers if turn else None) if cancel else []
        if turn and turn.formal:
            effects.append(self._content({"interrupted": True}))
        if ids:
            effects.append(Send.of({"toolCallCancellation": {"ids": ids}}))
        if turn:
            effects += self._end_turn(turn, now)
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
        content: Content = {"turnComplete": True}
        if self._granted.profile.interaction_status:
            content["interactionStatus"] = "IN_PROGRESS" if self._calls.open else "IDLE"
        usage = self._endpoint.usage(
            self._prompt,
            tokens_by_modality([said, *turn.produced]),
            tokens_by_modality(turn.taken_in),
            tokens_of(turn.thought) if self._granted.thinking else 0,
        )
        end = {"serverContent": content, "usageMetadata": usage}
        return [Send.of(end), *self._resumption_update(now)]

    def _resumption_update(self, now: float) -> list[Effect]:
        if not self._granted.resumable:
            return []
        handle = self._handles.issue(self._said, now)
        return [Send.of({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})]

    def _content(self, content: Content) -> Send:
        if "modelTurn" in content and (self._endpoint.vertex or self._granted.profile.model_role):
            content = {"modelTurn": {"role": "model", **content["modelTurn"]}}
        return Send.of({"serverContent": content})

    def _remember(self, said: Said) -> None:
        self._said = latest((*self._said, said), self._granted.profile.model.context_tokens)

    @property
    def _senses(self) -> Senses:
        assert self._perceiving is not None
        return self._perceiving

    @property
    def _calls(self) -> Calls:
        assert self._asking is not None
        return self._asking

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
