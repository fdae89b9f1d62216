"""One answer on its way to the client, at the pace of the real service.

A delivery knows what has left, so that an interruption keeps exactly that. Times are seconds of
the dialogue's clock. Pacing after protocol notes: text in uneven deltas; audio in chunks of 160,
200 and 240 ms, faster than real time after a first burst.
"""

from __future__ import annotations

import random
import re
from base64 import b64encode
from collections import deque
from typing import Any, Protocol

from tui.emulator.mouth import voice

Content = dict[str, Any]
"""What stands in one `serverContent`."""

FIRST_TEXT_S = 0.25
TEXT_GAP_S = (0.04, 0.09)
FIRST_AUDIO_S = 0.15
BURST_S = 0.6
"""Audio that leaves at once, before the pace sets in."""
AUDIO_PACE = 3.0
"""Seconds of audio that leave in a second."""
AHEAD_S = 3.0
"""Audio that is kept ready; the next clause is spoken when there is less."""
CHUNK_BYTES = (7680, 9600, 11520)
MIME_TYPE = f"audio/pcm;rate={voice.RATE_HZ}"

_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s]+)|\s+$")
_WORD = re.compile(r"\s*\S+")


class Delivery(Protocol):
    """An answer that leaves piece by piece."""

    sent: str
    """The words that have left."""
    spoken_s: float
    """The speech that has left."""
    heard_at: float
    """When a listener will have heard all that has left."""

    @property
    def complete(self) -> bool:
        """Nothing more will leave."""
        ...

    @property
    def due(self) -> float | None:
        """When the next piece leaves; None while it waits for speech, or is complete."""
        ...

    def take(self, now: float) -> list[Content]:
        """The next piece, once it is due."""
        ...

    def wanted(self) -> str | None:
        """A clause that must be spoken now; each is asked for once, one at a time."""
        ...

    def spoken(self, pcm: bytes, now: float) -> None:
        """The speech of the clause that was wanted last."""
        ...


class TextDelivery:
    """An answer in TEXT: a short delta first, then longer ones."""

    def __init__(self, text: str, dice: random.Random, now: float) -> None:
        self.sent, self.spoken_s, self.heard_at = "", 0.0, now
        self._tokens = deque(_TOKEN.findall(text))
        self._dice = dice
        self._next = now + FIRST_TEXT_S

    @property
    def complete(self) -> bool:
        """All deltas have left."""
        return not self._tokens

    @property
    def due(self) -> float | None:
        """When the next delta leaves."""
        return self._next if self._tokens else None

    def take(self, now: float) -> list[Content]:
        """The next delta."""
        count = self._dice.randint(2, 8) if self.sent else 1
        delta = "".join(self._tokens.popleft() for _ in range(min(count, len(self._tokens))))
        self.sent += delta
        self.heard_at = now
        self._next += self._dice.uniform(*TEXT_GAP_S)
        return [{"modelTurn": {"parts": [{"text": delta}]}}]

    def wanted(self) -> str | None:
        """Text is not spoken."""
        return None

    def spoken(self, pcm: bytes, now: float) -> None:
        """Text is not spoken."""


class AudioDelivery:
    """An answer in AUDIO: chunks of speech and, if ``transcribed``, their words just before."""

    def __init__(
        self,
        text: str,
        dice: random.Random,
        now: float,
        *,
        transcribed: bool,
        bundled: bool = False,
        mime_type: str = MIME_TYPE,
    ) -> None:
        """With ``bundled`` the words share a message with their speech."""
        self.sent, self.spoken_s, self.heard_at = "", 0.0, now
        self._bundled, self._mime_type = bundled, mime_type
        self._clauses = deque(voice.clauses(text))
        self._speaking = ""
        self._pcm = bytearray()
        self._words: deque[tuple[float, str]] = deque()
        """Where each word begins, in seconds of the answer, and the word."""
        self._dice, self._transcribed = dice, transcribed
        self._start: float | None = None
        self._begun = now
        self._size = dice.choice(CHUNK_BYTES)

    @property
    def complete(self) -> bool:
        """All speech has left."""
        return not (self._clauses or self._speaking or self._pcm)

    @property
    def due(self) -> float | None:
        """When the next chunk leaves; None while there is less than one and more to come."""
        if self.complete or self._start is None:
            return None
        if len(self._pcm) < self._size and (self._clauses or self._speaking):
            return None
        return self._start + max(0.0, self.spoken_s - BURST_S) / AUDIO_PACE

    def take(self, now: float) -> list[Content]:
        """The next chunk, and its words if they are asked for."""
        chunk = bytes(self._pcm[: self._size])
        del self._pcm[: self._size]
        self._size = self._dice.choice(CHUNK_BYTES)
        duration_s = len(chunk) / voice.BYTES_PER_S
        self.spoken_s += duration_s
        self.heard_at = max(self.heard_at, now) + duration_s
        blob = {"mimeType": self._mime_type, "data": b64encode(chunk).decode()}
        audio: Content = {"modelTurn": {"parts": [{"inlineData": blob}]}}
        words = self._words_until(self.spoken_s)
        self.sent += words
        if not words or not self._transcribed:
            return [audio]
        transcription: Content = {"outputTranscription": {"text": words}}
        return [audio | transcription] if self._bundled else [transcription, audio]

    def wanted(self) -> str | None:
        """The next clause, when little speech is left."""
        ahead_s = len(self._pcm) / voice.BYTES_PER_S
        if self._speaking or not self._clauses or ahead_s >= AHEAD_S:
            return None
        self._speaking = self._clauses.popleft()
        return self._speaking

    def spoken(self, pcm: bytes, now: float) -> None:
        """Put the speech of a clause behind what is there."""
        if self._start is None:
            self._start = max(now, self._begun + FIRST_AUDIO_S)
        begin_s = self.spoken_s + len(self._pcm) / voice.BYTES_PER_S
        rate = len(pcm) / voice.BYTES_PER_S / len(self._speaking)
        for word in _WORD.finditer(self._speaking):
            self._words.append((begin_s + word.start() * rate, word[0]))
        self._pcm += pcm
        self._speaking = ""

    def _words_until(self, end_s: float) -> str:
        words = ""
        while self._words and (self._words[0][0] < end_s or self.complete):
            words += self._words.popleft()[1]
        return words
