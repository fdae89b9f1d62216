"""When somebody speaks: a stream of sound in, the edges of its utterances out.

Sound is 16 kHz, 16 bit, mono PCM. Pure: whether a window of it is speech is asked of a detector
(`tui.emulator.perception.detector`), and time is the position in the stream.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import islice

from tui.emulator.terms.activity import Activity

RATE_HZ = 16_000
BYTES_PER_S = 2 * RATE_HZ
WINDOW_BYTES = 1024
"""What a detector takes: 512 samples."""
WINDOW_S = WINDOW_BYTES / BYTES_PER_S
KEPT_S = 20.0
"""Of speech without any silence the end is kept."""
BEFORE_S = 0.1
"""Kept from before the first window of speech: voices rise slowly."""
DIP_S = 0.16
"""So much quiet is where words end, and perhaps the utterance."""
PIECE_S = 2.0
"""The least that is cut off a long utterance."""

Detector = Callable[[bytes], float]
"""The probability, 0 to 1, that a window of sound is speech; windows come in order."""


class Edge(Enum):
    """Something that happens to the utterance of `Ears`."""

    START = "start"
    END = "end"
    """The end is decided; still, the utterance goes on if the person does before it is taken."""


class Utterance:
    """What one person says in one go, from a little before it begins. It is counted in windows."""

    def __init__(self, begin_s: float, before: list[bytes]) -> None:
        """``before`` is sound from before its beginning."""
        self.begin_s = begin_s
        self.ended = False
        self._windows = deque(before, maxlen=_windows(KEPT_S))
        self._begin = self._count = len(before)
        self._gone = self._dip = self._spoken = 0
        """How many are not kept any more, end with the last dip, and end with the last speech."""

    @property
    def spoken(self) -> bool:
        """There is speech in it, by the detector's judgement."""
        return self._spoken > 0

    @property
    def end_s(self) -> float:
        """The end of its speech in the stream; that of its sound where no speech was found."""
        return self._at_s(self._spoken or self._count)

    @property
    def quiet_s(self) -> float:
        """How long nothing has been said."""
        return (self._count - (self._spoken or self._begin)) * WINDOW_S

    @property
    def pausing(self) -> bool:
        """It has ended, or so it may seem."""
        return self.ended or (self.spoken and self.quiet_s >= DIP_S)

    @property
    def kept_s(self) -> float:
        """How much of it is kept."""
        return len(self._windows) * WINDOW_S

    def add(self, window: bytes, *, speech: bool) -> None:
        """The next window of sound."""
        self._gone += len(self._windows) == self._windows.maxlen
        self._windows.append(window)
        self._count += 1
        if speech:
            self._spoken = self._count
        elif self._count - self._spoken == _windows(DIP_S):
            self._dip = self._count - _windows(DIP_S) // 2

    def sound(self) -> bytes:
        """What is kept of its speech, with at most `DIP_S` after it."""
        end = self._spoken + _windows(DIP_S) if self.spoken else self._count
        return b"".join(islice(self._windows, max(0, end - self._gone)))

    def cut(self) -> tuple[bytes, float] | None:
        """Takes off what ends in a dip before more speech, if that is long; and where that ends."""
        if self._spoken < self._dip or self._dip - self._gone < _windows(PIECE_S):
            return None
        piece = b"".join(self._windows.popleft() for _ in range(self._dip - self._gone))
        self._gone = self._dip
        return piece, self._at_s(self._dip - math.ceil(_windows(DIP_S) / 2))

    def _at_s(self, window: int) -> float:
        return self.begin_s + (window - self._begin) * WINDOW_S


class Ears:
    """Cuts sound into utterances, at pauses or where the client says."""

    def __init__(self, activity: Activity, detect: Detector) -> None:
        self.position_s = 0.0
        """How much sound has come."""
        self.utterance: Utterance | None = None
        """The one that is being said, or that has ended and was not taken yet."""
        self._activity, self._detect = activity, detect
        self._rest = bytearray()
        self._run = 0
        """Windows of speech in a row, before it counts as the beginning of an utterance."""
        self._prefix = max(1, _windows(activity.prefix_s))
        self._before: deque[bytes] = deque(maxlen=_windows(BEFORE_S) + self._prefix)

    def listen(self, pcm: bytes) -> Iterator[Edge]:
        """The edges in more sound; each must be dealt with before the next is asked for."""
        self._rest += pcm
        while len(self._rest) >= WINDOW_BYTES:
            window = bytes(self._rest[:WINDOW_BYTES])
            del self._rest[:WINDOW_BYTES]
            yield from self._listen(window)

    def start(self) -> Iterator[Edge]:
        """The client says that the person begins to speak."""
        if self.utterance is None:
            self.utterance = Utterance(self.position_s, [])
            yield Edge.START
        else:
            self.utterance.ended = False

    def end(self) -> Iterator[Edge]:
        """The person has stopped, or no more sound comes: an utterance ends now."""
        self._rest.clear()
        self._run = 0
        if self.utterance and not self.utterance.ended:
            self.utterance.ended = True
            yield Edge.END

    def take(self) -> Utterance:
        """The utterance that has ended; the next sound belongs to another one."""
        utterance, self.utterance = self.utterance, None
        assert utterance is not None
        self._before.clear()
        return utterance

    def _listen(self, window: bytes) -> Iterator[Edge]:
        probability = self._detect(window)
        self.position_s += WINDOW_S
        if self.utterance is None:
            if self._activity.automatic:
                yield from self._await(window, probability)
            return
        utterance = self.utterance
        if utterance.ended and not self._activity.automatic:
            return
        utterance.add(window, speech=probability >= self._activity.end_probability)
        if not utterance.quiet_s:
            utterance.ended = False  # whoever goes on before the answer begins had not ended
        elif self._activity.automatic and not utterance.ended:
            utterance.ended = utterance.quiet_s >= self._activity.silence_s
            if utterance.ended:
                yield Edge.END

    def _await(self, window: bytes, probability: float) -> Iterator[Edge]:
        self._before.append(window)
        self._run = self._run + 1 if probability >= self._activity.start_probability else 0
        if self._run < self._prefix:
            return
        windows = list(self._before)
        begin_s = self.position_s - self._run * WINDOW_S
        self.utterance = Utterance(begin_s, windows[: -self._run])
        for one in windows[-self._run :]:
            self.utterance.add(one, speech=True)
        self._run = 0
        yield Edge.START


def _windows(duration_s: float) -> int:
    return math.ceil(duration_s / WINDOW_S)
