"""Faults that change the messages of a turn as they pass."""

from __future__ import annotations

import math
import random
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from tui.core.fault import Fault
from tui.emulator.mouth import voice

Message = dict[str, Any]

ANSWER = frozenset(
    {
        *("modelTurn", "outputTranscription", "generationComplete", "interrupted"),
        *("turnComplete", "turnCompleteReason", "groundingMetadata", "interactionStatus"),
    }
)
"""What of `serverContent` is of the model's turn."""

UNKNOWN: Final = {"futureField": {"of": "a server that is newer than its client"}}


class Passing(NamedTuple):
    """A message on its way, and when it may leave at the earliest. Never changed, only replaced."""

    message: Message
    at: float


class Change:
    """Made for a session; `begin` comes before the first message of a turn that it is in."""

    def __init__(self, fault: Fault, dice: random.Random) -> None:
        self.values = fault.values
        self.dice = dice

    def begin(self, now: float) -> None:
        """A turn begins, or the fault in the middle of one."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """What leaves in its place."""
        raise NotImplementedError

    def end(self) -> Iterable[Passing]:
        """What was held back; the fault is over, or the session."""
        return ()

    @property
    def bound(self) -> bool:
        """It cannot be over before this turn is."""
        return False


class SlowAudio(Change):
    """Each chunk waits until the one before could have been spoken at that pace."""

    def begin(self, now: float) -> None:
        """The first chunk waits for nothing."""
        self._next = now

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The audio later."""
        seconds = audio_s(passing.message)
        if seconds:
            at = max(passing.at, self._next)
            self._next = at + seconds / self.values["pace"]
            passing = passing._replace(at=at)
        yield passing


class Bursts(Change):
    """Chunks wait for the next burst; the first comes one period after the turn's beginning."""

    def begin(self, now: float) -> None:
        """From here the periods count."""
        self._start = now

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The audio together with the rest of its burst."""
        if audio_s(passing.message):
            period = self.values["every"]
            count = max(1, math.ceil((passing.at - self._start) / period))
            passing = passing._replace(at=max(passing.at, self._start + count * period))
        yield passing


class SilentAudio(Change):
    """Zeros in the place of samples."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The same length of silence."""
        if audio_s(passing.message):
            passing = passing._replace(message=_with_parts(passing.message, _silenced))
        yield passing


class Bundle(Change):
    """Holds a message back until it is clear that the next one cannot join it."""

    def __init__(self, fault: Fault, dice: random.Random) -> None:
        super().__init__(fault, dice)
        self._held: Passing | None = None

    def change(self, passing: Passing) -> Iterable[Passing]:
        """One message of several, as soon as it is full or the turn is over."""
        content = passing.message.get("serverContent")
        if not content or not ANSWER & content.keys():
            yield passing
            return
        held = self._held
        if held and not held.message["serverContent"].keys() & content.keys():
            passing = Passing(_merged(held.message, passing.message), passing.at)
        elif held:
            yield held
        self._held = passing
        if "turnComplete" in content:
            yield from self.end()

    def end(self) -> Iterable[Passing]:
        """What waits for company."""
        held, self._held = self._held, None
        if held:
            yield held


class UnknownField(Change):
    """A field beside the known ones, at each level."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The same message and more."""
        message = {**passing.message, **UNKNOWN}
        if content := message.get("serverContent"):
            message["serverContent"] = content = {**content, **UNKNOWN}
            if turn := content.get("modelTurn"):
                content["modelTurn"] = {**turn, **UNKNOWN}
        yield passing._replace(message=message)


class Noise(Change):
    """An empty message behind it."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """Both."""
        yield passing
        yield passing._replace(message=self.dice.choice(({}, {"serverContent": {}})))


class StaleAudio(Change):
    """The last piece of the answer again, after `interrupted`."""

    def __init__(self, fault: Fault, dice: random.Random) -> None:
        super().__init__(fault, dice)
        self._last: Message | None = None

    def begin(self, now: float) -> None:
        """Nothing has come of this turn."""
        self._last = None

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The message, and what should not come any more."""
        yield passing
        content = passing.message.get("serverContent", {})
        if "modelTurn" in content:
            self._last = {"serverContent": {"modelTurn": content["modelTurn"]}}
        if content.get("interrupted") and self._last:
            for _ in range(self.values["chunks"]):
                yield passing._replace(message=self._last)


class NoTurnComplete(Change):
    """The end is missing."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """Everything else."""
        if not passing.message.get("serverContent", {}).get("turnComplete"):
            yield passing


class EarlyEnd(Change):
    """The turn is complete after some pieces; what the dialogue still has to say is swallowed."""

    _over = False

    def begin(self, now: float) -> None:
        """Nothing has come of this turn."""
        self._pieces = self.values.get("pieces", 0)
        self._over = False

    def change(self, passing: Passing) -> Iterable[Passing]:
        """The pieces, the end, and then only what is not of the answer."""
        content = passing.message.get("serverContent", {})
        if not content.keys() & ANSWER:
            yield passing
        elif self._pieces and not content.keys() & {"generationComplete", "turnComplete"}:
            self._pieces -= "modelTurn" in content
            yield passing
        else:
            if rest := {key: content[key] for key in content.keys() - ANSWER}:
                yield passing._replace(message={"serverContent": rest})
            if not self._over:
                yield passing._replace(message={"serverContent": self._end()})
            self._pieces, self._over = 0, True

    @property
    def bound(self) -> bool:
        """The client believes that the turn is complete."""
        return self._over

    def _end(self) -> Message:
        end: Message = {"turnComplete": True}
        if reason := self.values.get("reason"):
            end["turnCompleteReason"] = reason
        return end


class UsageSnapshots(Change):
    """Usage so far, several times, before the message that has it."""

    def change(self, passing: Passing) -> Iterable[Passing]:
        """Growing snapshots, then the message."""
        if usage := passing.message.get("usageMetadata"):
            count = self.values["count"]
            for number in range(1, count + 1):
                snapshot = _grown(usage, number / count)
                yield passing._replace(message={"usageMetadata": snapshot})
        yield passing


CHANGES: Final[Mapping[str, type[Change]]] = {
    "slow-audio": SlowAudio,
    "bursts": Bursts,
    "silent-audio": SilentAudio,
    "bundle": Bundle,
    "unknown-field": UnknownField,
    "noise": Noise,
    "stale-audio": StaleAudio,
    "no-turn-complete": NoTurnComplete,
    "empty-turn": EarlyEnd,
    "cut-short": EarlyEnd,
    "rejected": EarlyEnd,
    "usage-snapshots": UsageSnapshots,
}
"""By the fault's name."""


def shaped(message: object) -> bool:
    """Whether it can be changed: a scenario may send anything."""
    if not isinstance(message, dict) or not isinstance(message.get("usageMetadata", {}), dict):
        return False
    content = message.get("serverContent", {})
    turn = content.get("modelTurn", {}) if isinstance(content, dict) else None
    parts = turn.get("parts", []) if isinstance(turn, dict) else None
    return isinstance(parts, list) and all(isinstance(part, dict) for part in parts)


def audio_s(message: Message) -> float:
    """Seconds of audio in the message; 24 kHz, s16le, mono."""
    parts = message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
    return sum(_audio_bytes(part) for part in parts) / voice.BYTES_PER_S


def _audio_bytes(part: Message) -> int:
    match part.get("inlineData"):
        case {"mimeType": str(kind), "data": str(data)} if kind.startswith("audio/"):
            return len(data) * 3 // 4 - data.count("=")
    return 0


def _with_parts(message: Message, change: Callable[[Message], Message]) -> Message:
    content = message["serverContent"]
    turn = content["modelTurn"]
    parts = [change(part) for part in turn["parts"]]
    return {**message, "serverContent": {**content, "modelTurn": {**turn, "parts": parts}}}


def _silenced(part: Message) -> Message:
    if not (size := _audio_bytes(part)):
        return part
    return {**part, "inlineData": {**part["inlineData"], "data": b64encode(bytes(size)).decode()}}


def _merged(first: Message, second: Message) -> Message:
    content = {**first["serverContent"], **second["serverContent"]}
    return {**first, **second, "serverContent": content}


def _grown(usage: Message, share: float) -> Message:
    """The usage when so much of the answer was there; ``share`` 0..1."""
    snapshot = dict(usage)
    for side in ("response", "candidates"):
        whole = _tokens(usage, f"{side}TokenCount")
        if whole:
            lacking = whole - round(whole * share)
            snapshot[f"{side}TokenCount"] = whole - lacking
            snapshot["totalTokenCount"] = _tokens(usage, "totalTokenCount") - lacking
            snapshot[f"{side}TokensDetails"] = [
                {**each, "tokenCount": round(_tokens(each, "tokenCount") * share)}
                for each in usage.get(f"{side}TokensDetails", [])
                if isinstance(each, dict)
            ]
    return snapshot


def _tokens(counts: Message, key: str) -> int:
    count = counts.get(key)
    return count if isinstance(count, int) else 0
