"""One answer of the model as it is played, step by step."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tui.emulator.mind import grounding
from tui.emulator.session.conversation import CHARS_PER_TOKEN, Said
from tui.emulator.session.delivery import MIME_TYPE, AudioDelivery, Content, Delivery, TextDelivery
from tui.emulator.session.steps import (
    Call,
    Code,
    Frame,
    GoAway,
    Ground,
    HangUp,
    Inject,
    Pause,
    Say,
    Silence,
    Step,
    Think,
)

Played = Content | Call | GoAway | HangUp | Inject | Frame
"""What stands in one `serverContent`, or a step that concerns the whole session."""

_WORDLESS = (Silence, Pause, Inject, Frame)

LARGEST_CHUNK_TOKENS = 6


@dataclass(frozen=True, slots=True)
class Manner:
    """How a session wants its answers."""

    modality: str
    """TEXT or AUDIO."""
    transcribed: bool
    """Speech comes with its words."""
    thoughts: bool = False
    """Thoughts are sent."""
    announced: bool = True
    """The ends of turns are; not where translation just goes on."""
    bundled: bool = False
    """Speech and its words share a message."""
    led: bool = False
    """An empty transcription comes before the words."""
    mime_type: str = MIME_TYPE
    tokens: int = 2**31
    """The most that are said in one turn."""


class Turn:
    """Plays steps at their time; all times are seconds of the dialogue's clock."""

    def __init__(self, manner: Manner, dice: random.Random, begun: float) -> None:
        self.held = False
        """It waits for the responses to a call."""
        self.generated = False
        """All has left; the turn is over at `due`, when a listener has heard it."""
        self.formal = False
        """Its end is announced; not that of a turn of silence, or of exact frames."""
        self.thought = ""
        """Its thoughts, be they sent or not."""
        self.meant = ""
        """All its words, whether they leave or not."""
        self.produced: list[Said] = []
        """What the model has given out besides its words: calls and code."""
        self.taken_in: list[Said] = []
        """What tools have given to the model."""
        self._manner, self._dice = manner, dice
        self._steps: deque[Step] = deque()
        self._more = False
        self._delivery: Delivery | None = None
        self._ready_at, self._heard_at = begun, begun
        self._text, self._spoken_s = "", 0.0

    def add(self, steps: Iterable[Step], *, more: bool = False) -> None:
        """Put steps at the end; the turn stays open for others if there are to be ``more``."""
        steps = tuple(steps)
        self._steps.extend(steps)
        self.meant += "".join(step.text for step in steps if isinstance(step, Say))
        self._more = more
        says = more or any(not isinstance(step, _WORDLESS) for step in self._steps)
        self.formal |= self._manner.announced and says

    @property
    def open(self) -> bool:
        """More steps are to come from elsewhere."""
        return self._more

    @property
    def said(self) -> Said:
        """What has left of its words."""
        sent, spoken_s = self._text, self._spoken_s
        if self._delivery:
            sent, spoken_s = sent + self._delivery.sent, spoken_s + self._delivery.spoken_s
        return Said("model", sent, spoken_s)

    @property
    def due(self) -> float | None:
        """When there is something to play, or else when the turn is over; None while it waits."""
        if self.generated:
            return self._heard_at
        if self._delivery:
            return self._delivery.due
        if self.held or (self._more and not self._steps):
            return None
        return self._ready_at

    def play(self, now: float) -> Iterator[Played]:
        """What is due; whoever takes a `Call` may set `held` before going on."""
        if self._delivery:
            yield from self._delivery.take(now)
            self._heard_at = self._delivery.heard_at
            if self._spent:
                self._steps.clear()
            elif not self._delivery.complete:
                return
            self._close_delivery(now)
        while self._delivery is None and not self.held and self._ready_at <= now:
            if self._steps:
                yield from self._play(self._steps.popleft(), now)
                continue
            if not self._more:
                self.generated = True
                if self.formal:
                    yield {"generationComplete": True}
            return

    def resume(self, now: float) -> bool:
        """Goes on after a call; whether there are steps to go on with."""
        self.held, self._ready_at = False, now
        return bool(self._steps)

    def rest(self) -> tuple[Step, ...]:
        """Takes the steps that were not yet played."""
        steps = tuple(self._steps)
        self._steps.clear()
        return steps

    def wanted(self) -> str | None:
        """A clause that must be spoken now; each is asked for once."""
        return self._delivery.wanted() if self._delivery else None

    def spoken(self, pcm: bytes, now: float) -> None:
        """The speech of the clause that was wanted last."""
        if self._delivery:
            self._delivery.spoken(pcm, now)

    def _play(self, step: Step, now: float) -> Iterator[Played]:
        match step:
            case Say(text):
                if self._manner.led and self._manner.transcribed and not self.said.text:
                    yield {"outputTranscription": {}}
                self._delivery = self._delivered(text)
                if self._delivery.complete:
                    self._close_delivery(now)
            case Think(text):
                self.thought += text
                if self._manner.thoughts:
                    yield _part({"text": text, "thought": True})
            case Code(code, output, outcome):
                self.produced.append(Said("tool", code))
                self.taken_in.append(Said("tool", output))
                yield _part({"executableCode": {"language": "PYTHON", "code": code}})
                yield _part({"codeExecutionResult": {"outcome": outcome, "output": output}})
            case Pause(seconds):
                self._ready_at = now + seconds
            case Ground(websites=websites):
                self.taken_in += [Said("tool", f"{one.title} {one.uri}") for one in websites]
                yield {"groundingMetadata": grounding.metadata(step, self._text)}
            case Silence():
                pass
            case _:
                yield step

    @property
    def _spent(self) -> bool:
        """No more tokens are left; the largest chunk of speech would have six."""
        spare = LARGEST_CHUNK_TOKENS if self.said.spoken_s else 0
        return self.said.tokens + spare >= self._manner.tokens

    def _delivered(self, text: str) -> Delivery:
        manner = self._manner
        if manner.modality == "TEXT":
            left = CHARS_PER_TOKEN * manner.tokens - len(self._text)
            return TextDelivery(text[:left], self._dice, self._ready_at)
        delivery = AudioDelivery(
            text,
            self._dice,
            self._ready_at,
            transcribed=manner.transcribed,
            bundled=manner.bundled,
            mime_type=manner.mime_type,
        )
        delivery.heard_at = self._heard_at
        return delivery

    def _close_delivery(self, now: float) -> None:
        said = self.said
        self._text, self._spoken_s = said.text, said.spoken_s
        self._delivery, self._ready_at = None, now


def _part(part: Content) -> Content:
    return {"modelTurn": {"parts": [part]}}
