"""A microphone that says again what sources hold, and a hand that types what was typed in them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tui.core import models, wire
from tui.core.barge_in import Overlap
from tui.core.capture import BLOCK_S, QUIET_S, RATE_HZ, Block, Capture
from tui.core.devices import Source as Device
from tui.core.frame import Direction
from tui.core.trial import Input
from tui.headless.source import Beat, Source

if TYPE_CHECKING:
    from tui.live.engine import Engine

LEAD_S, TAIL_S = 0.3, 0.2
"""Where nobody said that speech began and ended: so much before and after it."""
SILENCE = bytes(2 * round(BLOCK_S * RATE_HZ))
GAP_S = 0.1
"""Sound that comes so much later than it lasts has paused."""


class Tape:
    """Plays one source after another in real time, on a thread of its own; silence in between.

    It is the engine's microphone (`tui.live.input.Listener`). A source of push-to-talk becomes an
    open microphone, or the other way round, where the session is set up so.
    """

    engine: Engine

    def __init__(self) -> None:
        self._on_block: Callable[[Block], None] = lambda block: None
        self._sources: queue.SimpleQueue[Source] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tape", daemon=True)
        self._source: Source | None = None
        self._blocks = 0
        self._talks = False
        self._begun_s = 0.0
        """`time.perf_counter()` at second 0 of the source."""
        self.begun_s = 0.0
        """The same on the journal's clock."""
        self.over_s: float | None = None
        """When all of it had been sent, on the journal's clock; None while it is being sent."""
        self.late_s = 0.0
        """How late anything was sent, at most: this machine was busy."""
        self.unsent: dict[str, int] = {}
        """Messages that the model does not take, by what they are."""

    def play(self, source: Source) -> None:
        """Begin another one, as soon as that before it is over."""
        self.over_s = None
        self._sources.put(source)

    # ---- as a microphone

    def listener(self, on_block: Callable[[Block], None]) -> Tape:
        """This one, as the engine makes it."""
        self._on_block = on_block
        return self

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def mute(self, muted: bool) -> None:
        """Nobody mutes it."""

    def switch(self, source: Device) -> None:
        """Nobody switches it."""

    def snapshot(self) -> Capture:
        """What it says now."""
        source, over = self._source, self.over_s is not None
        name = source.name if source else ""
        return Capture(speech=self._speaks(), device=name, over=over, blocks=self._blocks)

    def overlap(self) -> Overlap:
        """There is no room in which a speaker could be heard."""
        return Overlap(speech=bool(self._speaks()))

    def close(self) -> None:
        """Stop."""
        self._closing.set()
        self._thread.join(2)

    def _speaks(self) -> bool | None:
        if self._source is None:
            return None
        at_s = time.perf_counter() - self._begun_s
        said = (each for each in self._source.inputs if not each.typed)
        return any(each.begin_s <= at_s < each.end_s + QUIET_S for each in said)

    # ---- its thread

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                source = self._sources.get(timeout=BLOCK_S)
            except queue.Empty:
                continue
            self._play(source)

    def _play(self, source: Source) -> None:
        manual = self.engine.wish.configuration.manual
        beats = source.beats()
        if manual and not source.manual:
            beats = told(beats, source.inputs)
        elif source.manual:
            beats = filled(beats, signals=manual)
        self._begun_s, self.begun_s = time.perf_counter(), self.engine.clock.mono_s
        self._source = source
        end_s = 0.0
        for beat in beats:
            if not self._due(beat.at_s):
                return
            self._give(beat, manual=manual)
            end_s = beat.at_s
        self.over_s = self.engine.clock.mono_s
        while source.silence and self._sources.empty():
            end_s += BLOCK_S
            if not self._due(end_s):
                return
            self._give(Beat(end_s, SILENCE), manual=manual)

    def _due(self, at_s: float) -> bool:
        """Wait for a second of the source; False when the session ends first."""
        left_s = self._begun_s + at_s - time.perf_counter()
        self.late_s = max(self.late_s, -left_s)
        return not self._closing.wait(max(0.0, left_s))

    def _give(self, beat: Beat, *, manual: bool) -> None:
        if beat.sound:
            self._blocks += 1
            self._on_block(Block(beat.sound, time.perf_counter()))
        elif beat.text:
            self.engine.say(beat.text)
        elif beat.talks is not None:
            if manual and beat.talks is not self._talks:
                self._talks = beat.talks
                self.engine.talk()
        elif what := self._refused(beat.message, manual=manual):
            self.unsent[what] = self.unsent.get(what, 0) + 1
        else:
            self.engine.send(beat.message.decode("utf-8", "replace"))

    def _refused(self, message: bytes, *, manual: bool) -> str:
        """What the session does not take of a message; empty where it does, or nobody knows."""
        model = models.model(self.engine.wish.model)
        kinds = {fact.kind for fact in wire.decode(message, Direction.SEND)}
        if "clientContent" in kinds and model.client_content == "none":
            return "clientContent"
        if "contextUpdate" in kinds and not model.context_update:
            return "contextUpdate"
        return "audioStreamEnd" if manual and "realtimeInput.audioStreamEnd" in kinds else ""


def told(beats: Iterator[Beat], inputs: list[Input]) -> Iterator[Beat]:
    """With the signals of somebody who tells when they speak, around what is said."""
    signals: list[Beat] = []
    for each in inputs:
        if not each.typed:
            begin_s, end_s = max(0.0, each.begin_s - LEAD_S), each.end_s + TAIL_S
            if signals and begin_s <= signals[-1].at_s:
                signals.pop()
            else:
                signals.append(Beat(begin_s, talks=True))
            signals.append(Beat(end_s, talks=False))
    for beat in beats:
        while signals and signals[0].at_s <= beat.at_s:
            yield signals.pop(0)
        yield beat
    yield from signals


def filled(beats: Iterator[Beat], *, signals: bool) -> Iterator[Beat]:
    """With silence where nothing is sent, as from an open microphone; signals only if wanted."""
    end_s = 0.0
    for beat in beats:
        while end_s + GAP_S < beat.at_s - beat.seconds:
            end_s += BLOCK_S
            yield Beat(end_s, SILENCE)
        if beat.sound:
            end_s = beat.at_s
        if signals or beat.talks is None:
            yield beat
