"""What a session hears: sound goes in; activity, words and whole utterances come out.

Pure: the recognition of words is asked for by `Transcribe` and told to `Hearing.understood`.
One piece of sound is transcribed at a time. The words of an utterance are asked for wherever its
speaker draws breath, so that they are there when the end is decided; and in the midst of speech
only where they will not be waited for then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tui.emulator.effects import Transcribe
from tui.emulator.mind.memory import quoted
from tui.emulator.perception.ears import BYTES_PER_S, Detector, Ears, Edge, Utterance
from tui.emulator.perception.sound import Resampler, level_db
from tui.emulator.terms.activity import Activity

INTERIM_S = 0.7
"""So much more sound is worth another interim transcription."""
INTERIM_COST = 3.0
"""And so many times as much as it takes to make."""
LATE_S = 0.2
"""So long after the end is decided the words may come: the answer's first sound is not due yet."""

DEAF = (
    "but I cannot understand words here: type them, or pip install 'bidiscope[local]' and start "
    "me again"
)


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody has begun to speak, at this position of the stream."""

    offset_s: float


@dataclass(frozen=True, slots=True)
class Interim:
    """The words so far; they replace those of the last one."""

    text: str
    begin_s: float
    """Where in the stream the utterance begins."""
    end_s: float
    """How far in it these words reach."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole utterance."""

    end_s: float
    """Where in the stream its speech ended."""
    duration_s: float
    """From where it began to there."""
    level_db: float
    words: str | None
    """None where words cannot be recognized."""
    decided_at: float
    """When the end was decided."""

    def __str__(self) -> str:
        heard = f"{self.duration_s:.1f} seconds of speech at {self.level_db:.0f} dBFS"
        if self.words is None:
            return f"{heard}, {DEAF}"
        return f"{heard}: {quoted(self.words)}" if self.words else f"{heard}, but made out no words"


Event = Began | Interim | Heard | Transcribe


@dataclass(frozen=True, slots=True)
class _Asked:
    """Words that are being recognized: how far they reach, of how much, if final, since when."""

    end_s: float
    sound_s: float
    settles: bool
    at: float


class Hearing:
    """The ears of one session and what they have heard."""

    def __init__(self, activity: Activity, detect: Detector, *, interim: bool) -> None:
        """``interim`` transcriptions are made while somebody speaks, if they are wanted."""
        self._ears = Ears(activity, detect)
        self._resampler = Resampler()
        self._interim = interim
        self._spare_s = LATE_S + (activity.silence_s if activity.automatic else 0.0)
        """From the end of speech to where its words are missed."""
        self._cost = 0.0
        """Seconds that a second of sound takes to transcribe, by the last one."""
        self._heard: list[Heard] = []
        self._last = b""
        """The sound that came last."""
        self._settled: list[str] = []
        """The words of the pieces that were cut off the utterance."""
        self._words = ""
        """The words after those, as far as they are known."""
        self._words_end_s = -1.0
        """How far in the stream the words reach."""
        self._asked: _Asked | None = None
        self._deaf = False
        """Words cannot be recognized."""
        self._decided_at = 0.0

    @property
    def active(self) -> bool:
        """Somebody is speaking."""
        return self._ears.utterance is not None

    def listen(self, pcm: bytes, rate_hz: int, now: float) -> Iterator[Event]:
        """More sound, 16 bit mono; each event must be dealt with before the next is asked for."""
        sound = self._resampler.to_16_khz(pcm, rate_hz)
        self._last = sound or self._last
        return self._follow(self._ears.listen(sound), now)

    def start(self, now: float) -> Iterator[Event]:
        """The client says that somebody begins to speak."""
        return self._follow(self._ears.start(), now)

    def end(self, now: float) -> Iterator[Event]:
        """The client says that nobody speaks, or that no more sound comes."""
        return self._follow(self._ears.end(), now)

    def understood(self, words: str | None, now: float) -> Iterator[Event]:
        """The words of the sound that was to be transcribed; None where that is impossible."""
        asked, self._asked = self._asked, None
        assert asked is not None
        self._cost = (now - asked.at) / asked.sound_s
        self._words_end_s, self._deaf = asked.end_s, words is None
        known, self._words = self._text(), words or ""
        if asked.settles:
            self._settle()
        elif self._interim and self._text() not in ("", known):
            utterance = self._ears.utterance
            if utterance and not utterance.ended:
                yield Interim(self._text(), utterance.begin_s, asked.end_s)
        yield from self._proceed(now)

    def told(self, *, spoken: bool) -> str:
        """What was heard last, in words; ``spoken`` if the question is the last of it."""
        if self._heard:
            return f"I heard {self._heard[0 if spoken else -1]}."
        sound = (
            f"{self._ears.position_s:.1f} seconds of sound, now at {level_db(self._last):.0f} dBFS"
        )
        return f"I have heard {sound}, but nobody who speaks."

    def _follow(self, edges: Iterable[Edge], now: float) -> Iterator[Event]:
        for edge in edges:
            if edge is Edge.START:
                assert self._ears.utterance is not None
                yield Began(self._ears.utterance.begin_s)
            elif edge is Edge.END:
                self._decided_at = now
            yield from self._proceed(now)
        yield from self._proceed(now)

    def _proceed(self, now: float) -> Iterator[Event]:
        """Takes the utterance when it has ended and its words are there; else asks for them."""
        utterance = self._ears.utterance
        if utterance is None or self._asked:
            return
        unknown_s = utterance.end_s - max(self._words_end_s, utterance.begin_s)
        if unknown_s > 0 and not self._deaf:
            piece = utterance.cut()
            if piece and piece[1] == self._words_end_s:
                self._settle()
            elif piece:
                yield self._ask(*piece, now, settles=True)
                return
            if utterance.pausing or self._worthwhile(utterance, unknown_s):
                yield self._ask(utterance.sound(), utterance.end_s, now, settles=False)
                return
        if utterance.ended:
            yield self._take()

    def _worthwhile(self, utterance: Utterance, unknown_s: float) -> bool:
        """To transcribe it in the midst of speech, though that may end now and be asked for again.

        The one that is under way cannot be stopped: both must be made by the time that is left.
        """
        cost_s = self._cost * utterance.kept_s
        return (
            self._interim
            and utterance.spoken
            and unknown_s >= max(INTERIM_S, INTERIM_COST * cost_s)
            and 2 * cost_s <= self._spare_s
        )

    def _ask(self, pcm: bytes, end_s: float, now: float, *, settles: bool) -> Transcribe:
        self._asked = _Asked(end_s, len(pcm) / BYTES_PER_S, settles, now)
        return Transcribe(pcm)

    def _settle(self) -> None:
        """The words that are known are final, and more follow."""
        self._settled.append(self._words)
        self._words = ""

    def _text(self) -> str:
        return " ".join(text for text in (*self._settled, self._words) if text)

    def _take(self) -> Heard:
        utterance = self._ears.take()
        heard = Heard(
            utterance.end_s,
            utterance.end_s - utterance.begin_s,
            level_db(utterance.sound()),
            None if self._deaf else self._text(),
            self._decided_at,
        )
        self._settled, self._words = [], ""
        self._heard = [*self._heard[-1:], heard]
        return heard
