"""One Live session without I/O: messages, speech and time go in, effects come out.

It never waits and has no clock: `receive`, `spoken`, `understood` and `tick` are told the time and
return what is to be done now; `next_due` says when `tick` should be called next. Times are
seconds of any monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from tui.core.models import TRANSLATION
from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.effects import Close, Consult, Effect, Send, Speak, Transcribe
from tui.emulator.fields import Fields
from tui.emulator.mind import brain
from tui.emulator.mind.translation import Translator
from tui.emulator.perception.detector import detector
from tui.emulator.perception.ears import Detector
from tui.emulator.perception.hearing import Began, Event, Heard, Interim
from tui.emulator.perception.senses import Senses
from tui.emulator.refusal import Refusal
from tui.emulator.session import grammar, reading
from tui.emulator.session.context import Context
from tui.emulator.session.conversation import Role, instructed, pending
from tui.emulator.session.hearsay import Hearsay, Message
from tui.emulator.session.lifetime import Lifetime
from tui.emulator.session.respondent import Respondent
from tui.emulator.session.resumption import LIFETIME_S, VERTEX_LIFETIME_S, Handles, Resumption
from tui.emulator.session.scene import Brain
from tui.emulator.session.steps import Step
from tui.emulator.terms.admission import refuse_tools
from tui.emulator.terms.setup import Setup, toolbox

ROLES: dict[str, Role] = {"": "user", "user": "user", "model": "model"}


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
        self._refused = False
        self._endpoint, self._handles, self._clock, self._seed = endpoint, handles, clock, seed
        self._ears, self._brain = ears, answer
        self._model, self._ages = model, ages
        self._perceiving: Senses | None = None
        self._responding: Respondent | None = None
        self._seeding = False
        self._translator: Translator | None = None
        self._consumed = 0
        """The client's messages after setup."""

    @property
    def closed(self) -> bool:
        """The session is over."""
        return self._refused or (self._responding is not None and self._responding.closed)

    @property
    def model(self) -> str:
        """The model's name, for the log."""
        return self.setup.profile.model.name if self.setup else "no setup"

    # Inputs

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client, from a text or a binary frame."""
        if self.closed:
            return []
        try:
            return self._message(reading.message(payload), now)
        except Refusal as refused:
            if self._responding:
                return self._responding.hang_up(refused.code, refused.reason)
            self._refused = True
            return [Close(refused.code, refused.reason)]

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for; None where words cannot be recognized."""
        return [] if self.closed else self._heed(self._senses.understood(words, now), now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause; that of an answer which was interrupted is dropped."""
        return self._respondent.spoken(speak, pcm, now)

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """The answer to a `Consult`, or a piece of it if there is ``more`` to come."""
        return self._respondent.consulted(consult, steps, now, more=more)

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        return self._responding.tick(now) if self._responding and not self.closed else []

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        return self._responding.due if self._responding else None

    def end(self) -> None:
        """The connection is closed, whoever did it: now the session can be taken up again."""
        self._refused = True
        if self._responding:
            self._responding.end()

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
        elif kind == "toolResponse":
            effects = self._respondent.responded(fields, now)
        if not self._senses.active:
            self._respondent.contained = self._consumed
        return effects

    def _begin(self, setup: Setup, now: float) -> list[Effect]:
        said = self._handles.find(setup.handle, now) if setup.handle else ()
        self.setup = setup
        vertex, model, generation = self._endpoint.vertex, setup.profile.model, setup.generation
        self._hearsay = Hearsay(setup)
        self._perceiving = Senses(
            setup.activity,
            self._ears,
            interim=self._hearsay.interim,
            picture_tokens=generation.picture_tokens,
        )
        context = Context(model.context_tokens, setup.compression, vertex=vertex, said=said)
        self._responding = respondent = Respondent(
            setup, self._endpoint, self._senses, context, self._brain, self._clock, self._seed
        )
        if self._ages:
            respondent.lifetime = Lifetime(now + model.connection_s)
        if setup.resumable:
            respondent.resumption = Resumption(
                self._handles,
                VERTEX_LIFETIME_S if vertex else LIFETIME_S,
                setup.profile.resumption_s,
                transparent=setup.transparent,
                now=now,
            )
        if setup.profile.model.task == TRANSLATION:
            self._translator = Translator(generation.target, echoes=generation.echoes)
        self._seeding = setup.seeded
        return [
            Send.of(self._endpoint.setup_complete(self._handles.session_id())),
            *respondent.update(now),
        ]

    def _client_content(self, content: Fields, now: float) -> list[Effect]:
        taken = self._granted.profile.model.client_content
        if taken == "none" or (taken == "history" and not self._seeding):
            raise refusal.invalid_argument()
        turns = [(turn.text("role"), turn) for turn in content.objects("turns")]
        complete = content.flag("turnComplete")
        if any(role not in ROLES for role, _ in turns):
            raise refusal.out_of_turn("Please use a valid role: user, model.")
        effects = self._respondent.interrupt(now)
        said = [self._senses.written(ROLES[role], turn, now) for role, turn in turns]
        for one in instructed(said):
            self._respondent.context.hear(one)
        if not complete:
            return effects
        if self._seeding:
            self._seeding = False
            return effects
        return effects + self._respondent.answer(now)

    def _update_context(self, update: Fields) -> None:
        grammar.check(update.raw, "LiveClientContextUpdate", "contextUpdate")
        model, tools = self._granted.profile.model, update.object("tools").objects("tools")
        if not model.context_update:
            raise refusal.invalid_argument()
        refuse_tools(tools, model)
        if update.object("systemInstruction").given:
            self._respondent.instruction = update.object("systemInstruction").content_text()
        if update.object("tools").given:
            self._respondent.tools = toolbox(tools, self._granted.profile)

    def _realtime_input(self, given: Fields, now: float) -> list[Effect]:
        model = self._granted.profile.model
        seen = given.has("text") or given.has("video")
        if (given.has("mediaChunks") and not model.media_chunks) or (seen and not model.converses):
            raise refusal.invalid_argument()
        effects = self._heed(self._senses.perceive(given, now), now)
        text = given.text("text")
        if text.strip():
            effects += self._respondent.interrupt(now)
            self._respondent.context.hear(self._senses.typed(text))
            return effects if self._seeding else effects + self._respondent.answer(now)
        # Blank text asks for the answer to what is there, as clients do after seeding a history.
        busy = self._respondent.busy or self._seeding
        waiting = not busy and any(pending(self._respondent.context.said))
        return effects + (self._respondent.answer(now) if text and waiting else [])

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
        said, answered = self._senses.spoken(heard), not self._seeding
        return effects + self._respondent.owe(said, now, heard.decided_at, answered=answered)

    def _go_on(self, heard: Heard, now: float, ended: list[Effect]) -> list[Effect]:
        """Without turns: what was heard is done with, or is said in another language."""
        self._respondent.context.hear(self._senses.spoken(heard))
        if self._translator is None:
            return [self._respondent.content({"generationComplete": True}), *ended]
        words = self._translator.translated(heard.words or "")
        return ended + (self._respondent.say(words, now) if words else [])

    def _barge_in(self, now: float) -> list[Effect]:
        interrupts = self._granted.activity.interrupts and self._converses
        return self._respondent.interrupt(now) if interrupts else []

    @property
    def _converses(self) -> bool:
        return self._granted.profile.model.converses

    @property
    def _senses(self) -> Senses:
        assert self._perceiving is not None
        return self._perceiving

    @property
    def _respondent(self) -> Respondent:
        assert self._responding is not None
        return self._responding

    @property
    def _granted(self) -> Setup:
        assert self.setup is not None
        return self.setup


def _sent(messages: list[Message]) -> list[Effect]:
    return [Send.of(message) for message in messages]
