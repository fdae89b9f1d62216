"""When the person spoke, by every witness: the server, this machine, and what the client sent."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

PAUSE_S = 0.3
"""Audio that stopped so long before an answer had ended; a microphone sends every 20 to 100 ms."""

REMEMBERED = 512
"""Messages of audio in which an `audioOffset` is looked for: 10 s of blocks of 20 ms."""

_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


class Anchor(StrEnum):
    """What the end of the person's input is known by, the best witness first."""

    SERVER = "server VAD"
    """`voiceActivity` ACTIVITY_END, when the audio at its `audioOffset` was sent."""
    SERVER_MESSAGE = "server VAD, its message"
    """The same where the offset cannot be found in what was sent: when the message came."""
    LOCAL = "local VAD"
    """The last sound of speech that this machine heard (`speech.ended`)."""
    ACTIVITY_END = "activityEnd"
    STREAM_END = "audioStreamEnd"
    CONTENT = "clientContent"
    TEXT = "text"
    AUDIO = "last audio"
    """`realtimeInput.audio`, where no more of it came for `PAUSE_S`."""

    @property
    def rank(self) -> int:
        """The lower, the better the witness."""
        return list(Anchor).index(self)


_VOICES = ((Anchor.SERVER, Anchor.SERVER_MESSAGE), (Anchor.LOCAL,))
_INPUT = (Anchor.ACTIVITY_END, Anchor.STREAM_END, Anchor.CONTENT, Anchor.TEXT)

SERVER, LOCAL, CLIENT = "server VAD", "local VAD", "activityStart"
WITNESSES = (SERVER, LOCAL, CLIENT)
"""Who told that the person spoke, the best first."""


@dataclass
class Utterances:
    """Starts, ends and lengths of speech. Times are of the journal's clock."""

    sent_s: float = 0.0
    """Seconds of audio sent, speech or not, over all connections."""
    spoken_s: dict[str, float] = field(default_factory=dict)
    """Seconds of speech by witness."""
    decided_s: float | None = None
    """When the server last said that speech had ended, or was told so."""
    _starts: dict[str, float] = field(default_factory=dict)
    _ends: dict[Anchor, float] = field(default_factory=dict)
    _open: dict[str, float] = field(default_factory=dict)
    """The witnesses that tell of speech now, and since when: `audioOffset` or clock."""
    _stream: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Of the connection: when audio was sent, and how many seconds had been by then."""

    def connect(self) -> None:
        """A new connection: the audio stream begins at 0."""
        self._stream.clear()
        self._open.clear()

    def sent(self, now_s: float, seconds: float) -> None:
        """Audio was sent."""
        before_s = self._stream[-1][1] if self._stream else 0.0
        self._stream.append((now_s, before_s + seconds))
        self.sent_s += seconds

    def ended(self, anchor: Anchor, now_s: float) -> None:
        """The client ended its input, or said that the person had."""
        self._ends[anchor] = now_s
        if anchor in (Anchor.ACTIVITY_END, Anchor.STREAM_END):
            self.decided_s = now_s
        if anchor is Anchor.ACTIVITY_END:
            self._close(CLIENT, now_s)

    def started(self, now_s: float) -> None:
        """The client said that the person speaks."""
        self._starts[CLIENT] = self._open[CLIENT] = now_s

    def heard_here(self, speech: bool, at_s: float) -> None:
        """Local voice activity detection found an edge of speech."""
        if speech:
            self._starts[LOCAL] = self._open[LOCAL] = at_s
        else:
            self._ends[Anchor.LOCAL] = at_s
            self._close(LOCAL, at_s)

    def heard_there(self, value: Mapping[str, Any], now_s: float) -> bool | None:
        """A `voiceActivity` came; returns whether the server hears speech, None if it is silent."""
        offset_s = _offset_s(value.get("audioOffset"))
        at_s = self._sent_at(offset_s)
        stamp_s = now_s if offset_s is None else offset_s
        if value.get("type") == "ACTIVITY_START":
            self._starts[SERVER] = now_s if at_s is None else at_s
            self._open[SERVER] = stamp_s
            return True
        if value.get("type") != "ACTIVITY_END":
            return None
        self.decided_s = now_s
        anchor = Anchor.SERVER_MESSAGE if at_s is None else Anchor.SERVER
        self._ends[anchor] = now_s if at_s is None else at_s
        self._close(SERVER, stamp_s)
        return False

    def placed(self, value: Mapping[str, Any], now_s: float) -> float:
        """When the audio was sent that a `voiceActivity` tells of; ``now_s`` where that is lost.

        Speech that begins where a message of audio ends is in the next one.
        """
        offset_s = _offset_s(value.get("audioOffset"))
        if offset_s is not None and value.get("type") == "ACTIVITY_START":
            offset_s += 0.002
        at_s = self._sent_at(offset_s)
        return now_s if at_s is None else at_s

    def end(self, after_s: float, before_s: float) -> tuple[float, Anchor] | None:
        """The best mark between the two times of the end of what the person said."""
        ends = {each: at for each, at in self._ends.items() if after_s < at <= before_s}
        for witness in _VOICES:
            if found := [(ends[each], each) for each in witness if each in ends]:
                return max(found)
        inputs = [(ends[each], each) for each in _INPUT if each in ends]
        last_s = self._last_audio_s(before_s)
        if last_s is not None and last_s > after_s and before_s - last_s >= PAUSE_S:
            inputs.append((last_s, Anchor.AUDIO))
        return max(inputs, default=None)

    def start(self, after_s: float, before_s: float) -> tuple[float, str] | None:
        """The best mark of the beginning of speech between the two times, and its witness."""
        for witness in WITNESSES:
            at_s = self._starts.get(witness)
            if at_s is not None and after_s < at_s <= before_s:
                return at_s, witness
        return None

    def streams(self, before_s: float) -> bool:
        """Whether audio was still being sent at that time."""
        last_s = self._last_audio_s(before_s)
        return last_s is not None and before_s - last_s < PAUSE_S

    @property
    def best_spoken(self) -> tuple[float, str] | None:
        """Seconds of speech, by the best witness there is."""
        return next(
            ((self.spoken_s[each], each) for each in WITNESSES if each in self.spoken_s), None
        )

    def _close(self, witness: str, at_s: float) -> None:
        since_s = self._open.pop(witness, None)
        if since_s is not None:
            lasted_s = max(0.0, at_s - since_s)
            self.spoken_s[witness] = self.spoken_s.get(witness, 0.0) + lasted_s

    def _sent_at(self, offset_s: float | None) -> float | None:
        """When the audio at that offset was sent, if it is remembered."""
        if offset_s is None or not self._stream or offset_s > self._stream[-1][1] + 0.001:
            return None
        found = None
        for now_s, until_s in reversed(self._stream):
            if until_s < offset_s - 0.001:
                return found
            found = now_s
        return found if len(self._stream) < REMEMBERED else None

    def _last_audio_s(self, before_s: float) -> float | None:
        return next((at for at, _ in reversed(self._stream) if at <= before_s), None)


def _offset_s(value: Any) -> float | None:
    """A duration such as ``0.200s`` (proto3 JSON)."""
    found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) if found else None
