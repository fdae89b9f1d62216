"""The server's side of a recorded connection, for a client that repeats its inputs. Without I/O.

Each recorded message of the server waits for what the client had sent before it: so many messages
of each kind, function responses, and, where nothing else explains why the server spoke, so much
sound. Then it leaves, byte for byte, as long after that as it did in the recording. Sound need not
come in the same pieces. What the client does otherwise is said in words, and changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from tui.core import wire
from tui.core.fault import Fault
from tui.core.frame import TEXT, Event, Frame
from tui.core.text import safe
from tui.emulator.effects import Close, Consult, Drop, Effect, Send, Speak
from tui.emulator.scenario.deviations import Deviations
from tui.emulator.scenario.inputs import SOUND, Input, inputs
from tui.emulator.scenario.recorded import Part, Recorded
from tui.emulator.scenario.scenario import Party, Say, untold
from tui.emulator.session.scene import Brain
from tui.emulator.session.steps import Step

PATIENCE_S = 60.0
"""So much later than in the recording an input may come."""
SLACK_S = 0.25
"""So much less sound is enough: other pieces, or a few that were lost."""
LOST = 1006
"""Stands for a connection that ended without a close frame (RFC 6455, section 7.1.5)."""

_SPOKE = frozenset({"inputTranscription", "interimInputTranscription", "interrupted"})
_ANSWERED = frozenset({"modelTurn", "outputTranscription", "generationComplete"})
_TAKEN = re.compile(rb"\[\d+ bytes removed\]|<truncated \d+ chars>")


@dataclass(frozen=True, slots=True)
class _Came:
    """When an input came, and how much sound had come before."""

    at: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A recorded input that the next message of the server follows."""

    kind: str
    number: int
    mono_s: float
    heard_s: float


class Repetitions:
    """A recording as a scenario: its connections in turn, one to each session."""

    def __init__(self, recorded: Recorded, speed: float = 1.0) -> None:
        """``speed`` divides the recorded gaps; 0 leaves none."""
        self.failures, self.model = 0, ""
        self.complain: Say = untold
        self.faults: Sequence[Fault] = ()
        self.seed: int | None = None
        self._recorded, self._speed = recorded, speed if recorded.timed else 0.0
        self._numbers = count()

    def notes(self) -> Iterator[str]:
        """What is served, and what is not as it was."""
        parts = len(self._recorded.parts)
        connections = "its connection" if parts == 1 else f"its {parts} connections in turn"
        yield f"scenario: {safe(self._recorded.name)} is repeated, {connections}"
        yield from map(safe, self._recorded.notes())

    def party(self, make: Callable[[Brain], Party], say: Say, now: float) -> Party:
        """Repeats the next connection."""
        number = next(self._numbers) % len(self._recorded.parts)
        if len(self._recorded.parts) > 1:
            say(f"is served connection {number + 1} of {len(self._recorded.parts)}")
        part = self._recorded.parts[number]
        return Repetition(self._recorded, part, self._speed, say, now, self._failed)

    def over(self, party: Party) -> None:
        """Tell what a client that has left did not wait for."""
        if isinstance(party, Repetition):
            party.end()

    def close(self) -> None:
        """Let the recording go."""
        self._recorded.log.close()

    def _failed(self, what: str) -> None:
        self.failures += 1
        self.complain(what)


class Repetition:
    """One connection is repeated. It has the methods of a `Dialogue`; times are as there."""

    def __init__(
        self,
        recorded: Recorded,
        part: Part,
        speed: float,
        say: Say,
        now: float,
        failed: Say = untold,
    ) -> None:
        """``failed`` is told of each deviation, ``say`` in words; ``speed`` as in `Repetitions`."""
        self.closed = False
        self._recorded, self._part, self._log = recorded, part, recorded.log
        self._speed, self._say = speed, say
        self._deviations = Deviations(recorded, part, say, failed)
        self._row = part.rows.start
        self._passed: Counter[str] = Counter()
        """Inputs of each kind that the recording has before the next message."""
        self._came: defaultdict[str, list[_Came]] = defaultdict(list)
        self._trigger: _Trigger | None = None
        self._recorded_heard_s = self._recorded_base_s = 0.0
        """Sound in the recording until here, and until the last trigger."""
        self._heard_s = self._base_s = 0.0
        """The same of the client."""
        self._explained = self._turn_open = False
        self._anchor = now, self._log.mono_s[self._row]
        """A moment here, and the same one in the recording."""
        self._last = self._progress = now
        self._planned: float | None = None
        self._noted: set[str] = set()
        self._advance(now)

    @property
    def model(self) -> str:
        """What is repeated, for the log."""
        return f"repeats {self._recorded.name}"

    def receive(self, payload: bytes, now: float) -> list[Effect]:
        """A whole message of the client."""
        if self.closed:
            return []
        facts = wire.decode(payload, "send")
        given = list(inputs(facts))
        self._deviations.compare(given, facts)
        for each in given:
            self._take(each, now)
        self._plan(now)
        return self.tick(now)

    def spoken(self, speak: Speak, pcm: bytes, now: float) -> list[Effect]:
        """Nothing is spoken: the sound is recorded."""
        return []

    def understood(self, words: str | None, now: float) -> list[Effect]:
        """Nothing is recognized: the words are recorded."""
        return []

    def consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool = False
    ) -> list[Effect]:
        """Nobody is asked: the answers are recorded."""
        return []

    def tick(self, now: float) -> list[Effect]:
        """All that is due by ``now``."""
        effects: list[Effect] = []
        while not self.closed and (due := self.next_due()) is not None and due <= now:
            effects += self._leave(now) if self._planned is not None else self._give_up()
        return effects

    def next_due(self) -> float | None:
        """When `tick` has something to do."""
        if self.closed:
            return None
        return self._planned if self._planned is not None else self._patience_ends()

    def end(self) -> None:
        """The client is gone."""
        left = sum(
            self._log.directions[row] == ord("r") for row in range(self._row, self._part.rows.stop)
        )
        what = f"{left} recorded messages were not served" if left else "all was served"
        self._say(f"{what}; {self._deviations}")

    # What the client sends

    def _take(self, given: Input, now: float) -> None:
        if given.kind == SOUND:
            self._heard_s += given.amount
            if given.amount and self._lacking_sound():
                self._progress = now
            return
        came = self._came[given.kind]
        room = self._part.totals[given.kind] - len(came)
        came += [_Came(now, self._heard_s)] * min(int(given.amount), room)
        if room > 0:
            self._progress = now

    # What the recording sends

    def _advance(self, now: float) -> None:
        """Passes the client's recorded messages to the next one of the server, and plans that."""
        log, end = self._log, self._part.rows.stop
        while self._row < end and log.directions[self._row] != ord("r"):
            if log.directions[self._row] == ord("s"):
                for each in self._recorded.inputs(self._row):
                    self._pass(each, log.mono_s[self._row])
            self._row += 1
        self._plan(now)

    def _pass(self, each: Input, mono_s: float) -> None:
        if each.kind == SOUND:
            self._recorded_heard_s += each.amount
            return
        self._passed[each.kind] += int(each.amount)
        number = self._passed[each.kind]
        self._trigger = _Trigger(each.kind, number, mono_s, self._recorded_heard_s)
        self._explained |= each.kind != "setup"

    def _plan(self, now: float) -> None:
        """Decides when the next message leaves, once all has come that it waits for."""
        if self._planned is not None or self._lacks() is not None:
            return
        mono_s = self._next_mono_s()
        if mono_s is None:
            return
        if self._trigger is not None:
            came = self._came[self._trigger.kind][self._trigger.number - 1]
            self._anchor = came.at, self._trigger.mono_s
            self._base_s, self._recorded_base_s = came.heard_s, self._trigger.heard_s
            self._trigger = None
        elif self._waits_for_sound():
            self._anchor = now, self._log.mono_s[max(self._row - 1, self._part.rows.start)]
        here, there = self._anchor
        gap_s = (mono_s - there) / self._speed if self._speed else 0.0
        self._planned = max(self._last, here + gap_s)

    def _next_mono_s(self) -> float | None:
        """When the next message, or the server's close, came in the recording."""
        if self._row < self._part.rows.stop:
            return self._log.mono_s[self._row]
        ending = self._part.ending
        return ending.mono_s if ending and ending.by != "client" else None

    def _lacks(self) -> str | None:
        """What the next message waits for, in words."""
        for kind, number in self._passed.items():
            if len(self._came[kind]) < number:
                return f"{kind} number {len(self._came[kind]) + 1}"
        if self._lacking_sound():
            wanted_s = self._recorded_heard_s - self._recorded_base_s
            return f"{wanted_s:.1f} s of sound, {self._heard_s - self._base_s:.1f} s have come"
        return None

    def _lacking_sound(self) -> bool:
        wanted_s = self._recorded_heard_s - self._recorded_base_s
        heard_s = self._heard_s - self._base_s
        return self._waits_for_sound() and heard_s < max(wanted_s - SLACK_S, wanted_s / 2)

    def _waits_for_sound(self) -> bool:
        """Whether the next message answers sound, as far as the recording shows."""
        if self._explained or self._row == self._part.rows.stop:
            return False
        if self._recorded_heard_s <= self._recorded_base_s:
            return False
        fields = _fields(self._log.kinds(self._row))
        begins = not self._turn_open and not _ANSWERED.isdisjoint(fields)
        return begins or "voiceActivity" in fields or not _SPOKE.isdisjoint(fields)

    def _leave(self, now: float) -> list[Effect]:
        """The next message, or the close."""
        assert self._planned is not None
        self._last, self._planned, self._progress = self._planned, None, now
        if self._row == self._part.rows.stop:
            return self._end()
        fields = _fields(self._log.kinds(self._row))
        if not _ANSWERED.isdisjoint(fields) or "toolCall" in fields:
            self._explained, self._turn_open = False, True
        if "turnComplete" in fields:
            self._turn_open = False
        frame, number = self._log.record(self._row), self._log.seqs[self._row]
        self._row += 1
        self._advance(now)
        if isinstance(frame, Event):
            self._note(f"message {number} of the recording cannot be read and is left out")
            return []
        if frame.masked or _TAKEN.search(frame.payload):
            self._note("some of what was said was taken out of the recording: it is not there")
        return [_sent(frame)]

    def _end(self) -> list[Effect]:
        self.closed = True
        ending = self._part.ending
        assert ending is not None
        if ending.by == "network" or ending.code == LOST:
            return [Drop()]
        return [Close(ending.code or 1000, ending.reason)]

    def _patience_ends(self) -> float:
        lead_s = self._log.mono_s[min(self._row, len(self._log) - 1)] - self._anchor[1]
        return self._progress + PATIENCE_S + max(0.0, lead_s)

    def _give_up(self) -> list[Effect]:
        """Nothing that was waited for has come."""
        self.closed = True
        lacks = self._lacks()
        if lacks is None:
            return [Close(1000, "bidiscope: the recording is over.")]
        self._deviations.tell(f"the recording waits for {lacks}, in vain")
        return [Close(1008, f"bidiscope: the recording waits for {lacks}.")]

    def _note(self, what: str) -> None:
        if what not in self._noted:
            self._noted.add(what)
            self._say(what)


def _fields(kinds: tuple[str, ...]) -> set[str]:
    """The fields of `serverContent`, and the other messages, of such kinds."""
    return {kind.removeprefix("serverContent.").partition(".")[0] for kind in kinds}


def _sent(frame: Frame) -> Send:
    return Send(frame.payload, text=frame.opcode == TEXT)
