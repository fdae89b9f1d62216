"""One Live session without I/O: messages, speech and time go in, effects come out.

It never waits and has no clock: `receive`, `spoken`, `understood` and `tick` are told the time and
return what is to be done now; `next_due` says when `tick` should be called next. Times are
seconds of any monotonic clock.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from tui.core import schema, wire
from tui.emulator import brain, refusal
from tui.emulator.conversation import Role, Said, latest, pending, tokens_by_modality
from tui.emulator.delivery import AudioDelivery, Content, Delivery, TextDelivery
from tui.emulator.detector import detector
from tui.emulator.ears import Detector
from tui.emulator.effects import Close, Effect, Send, Speak, Transcribe
from tui.emulator.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.hearing import Began, Event, Heard, Interim
from tui.emulator.refusal import Refusal
from tui.emulator.resumption import Handles
from tui.emulator.senses import Senses
from tui.emulator.setup import Setup

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
    ) -> None:
        """``clock`` tells the local time, for answers; ``seed`` decides the pacing.

        ``ears`` is called once, when sound comes for the first time.
        """
        self.setup: Setup | None = None
        self.closed = False
        self._endpoint, self._handles, self._clock, self._seed = endpoint, handles, clock, seed
        self._ears = ears
        self._perceiving: Senses | None = None
        self._said: tuple[Said, ...] = ()
        self._instruction = ""
        self._seeding = False
        self._owed: list[Said] = []
        """What was said during an answer that may not be interrupted."""
        self._answers = 0
        self._delivery: Delivery | None = None
        self._prompt: dict[str, int] = {}

    # Inputs

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client, from a text or a binary frame."""
        if self.closed:
            return []
        try:
            return self._message(_checked(payload), now)
        except Refusal as refused:
            self.closed = True
            self._delivery = None
            return [Close(refused.code, refused.reason)]

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """The words that `Transcribe` asked for; None where words cannot be recognized."""
        return [] if self.closed else self._heed(self._senses.understood(words, now), now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """The speech of a clause; that of an answer which was interrupted is dropped."""
        if self._delivery is None or speak.answer != self._answers:
            return []
        self._delivery.spoken(pcm, now)
        return [*self._wanted(self._delivery), *self.tick(now)]

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        effects: list[Effect] = []
        while (delivery := self._delivery) and (due := _due(delivery)) is not None and due <= now:
            if delivery.complete:
                effects += self._end_turn(delivery, now)
                effects += self._answer(now) if self._settle() else []
            else:
                effects += self._deliver(delivery, now)
        return effects

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is planned."""
        return _due(self._delivery) if self._delivery else None

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
            _send(self._endpoint.setup_complete(str(uuid.uuid4()))),
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
        waiting = not (self._delivery or self._seeding) and any(pending(self._said))
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
        if self._delivery:
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
        return [_send({"voiceActivity": {"type": edge, "audioOffset": f"{offset_s:.3f}s"}})]

    # Answers

    def _answer(self, now: float, since: float | None = None) -> list[Effect]:
        """Begin the answer to what is pending, which was complete ``since`` then, or now."""
        setup, begun = self._granted, now if since is None else since
        self._prompt = tokens_by_modality([Said("user", self._instruction), *self._said])
        text = brain.reply(self._scene(now))
        self._answers += 1
        dice = random.Random(f"{self._seed} {self._answers}")
        if setup.modality == "TEXT":
            self._delivery = TextDelivery(text, dice, begun)
        else:
            self._delivery = AudioDelivery(text, dice, begun, transcribed=setup.transcribed)
        return self._wanted(self._delivery)

    def _scene(self, now: float) -> brain.Scene:
        spoken = any(one.spoken_s for one in self._said[-1:])
        heard, seen = self._senses.heard(spoken=spoken), self._senses.seen(now)
        return brain.Scene(self._said, self._instruction, self._clock(), heard, seen)

    def _deliver(self, delivery: Delivery, now: float) -> list[Effect]:
        effects: list[Effect] = [self._content(content) for content in delivery.take(now)]
        if delivery.complete:
            effects.append(self._content({"generationComplete": True}))
        return effects + self._wanted(delivery)

    def _wanted(self, delivery: Delivery) -> list[Effect]:
        clause = delivery.wanted()
        return [Speak(self._answers, clause, self._granted.timbre)] if clause else []

    def _interrupt(self, now: float) -> list[Effect]:
        """Cuts the answer that is being sent, or that is still being heard."""
        if self._delivery is None:
            return []
        effects = [self._content({"interrupted": True}), *self._end_turn(self._delivery, now)]
        self._settle()
        return effects

    def _end_turn(self, delivery: Delivery, now: float) -> list[Effect]:
        """Ends the turn; what has left of the answer, and only that, stays in the memory."""
        self._delivery = None
        said = Said("model", delivery.sent, delivery.spoken_s)
        if said.text:
            self._remember(said)
        usage = self._endpoint.usage(self._prompt, tokens_by_modality([said]))
        end = {"serverContent": {"turnComplete": True}, "usageMetadata": usage}
        return [_send(end), *self._resumption_update(now)]

    def _resumption_update(self, now: float) -> list[Effect]:
        if not self._granted.resumable:
            return []
        handle = self._handles.issue(self._said, now)
        return [_send({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})]

    def _content(self, content: Content) -> Send:
        if "modelTurn" in content and (self._endpoint.vertex or self._granted.profile.model_role):
            content = {"modelTurn": {"role": "model", **content["modelTurn"]}}
        return _send({"serverContent": content})

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


def _due(delivery: Delivery) -> float | None:
    """When the next piece leaves, or else when the listener has heard the last one."""
    return delivery.heard_at if delivery.complete else delivery.due


def _checked(payload: bytes) -> dict[str, Any]:
    """The canonical message, when it is one message of the protocol."""
    try:
        canonical, unknown = schema.read(wire.parse(payload), schema.client())
    except wire.Undecodable as error:
        raise refusal.invalid_json(str(error)) from None
    if unknown:
        raise refusal.unknown_field(unknown[0].removeprefix("."))
    message = {kind: fields for kind, fields in canonical.items() if fields is not None}
    if len(message) != 1:
        raise refusal.invalid_argument()
    return message


def _send(message: dict[str, Any]) -> Send:
    return Send(orjson.dumps(message, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
