"""What is heard and what is made of it, where there are no turns: translation and transcription.

Such a session has two sides: the source, which is what the person says, and the target, which is
the translation. Each comes as text that goes on and on; no message says where one thing ends
(kizuna-ai-lab/sokuji#399), so a caption ends where its side was silent, or where it is long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tui.core.connection import Connection
from tui.core.turn import GAP_S, Usage
from tui.core.utterances import Utterances

PAUSE_S: Final = 2.0
"""A side that was silent for so long goes on with a new caption; our own choice."""
LONG_CHARS, MOST_CHARS = 160, 600
"""Of a caption: from here on it ends with its sentence; here it ends anyway."""
ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
"""What a sentence ends with."""


@dataclass(slots=True)
class Caption:
    """A stretch of one side. Times are seconds of the journal's clock."""

    began_s: float
    """The first of it: words, final or not, or sound."""
    last_s: float
    """The last of it."""
    text: str = ""
    interim: str = ""
    """Words that are not final; each of them replaces the last."""
    language: str = ""
    """`languageCode`, where it is sent."""
    speaker: str = ""
    """`speakerLabel`, where it is sent."""
    after_silence: bool = True
    """It began because its side had been silent, and not because the one before was long."""
    over: bool = False
    """The server said that it is."""
    audio_s: float = 0.0
    """Seconds of its sound that came."""
    first_played_s: float | None = None
    """When the first sample of it left the speaker."""
    heard_s: float | None = None
    """Seconds of it that were really played, once that is known."""
    spoke_s: float | None = None
    """When the person began to say it."""
    spoke_by: str = ""
    """Who knows that (`tui.core.utterances`)."""
    final_s: float | None = None
    """When its words were final for the first time."""
    hushed_s: float | None = None
    """When the person had ended, where that was marked before the words were final."""
    hushed_by: str = ""

    @property
    def words(self) -> str:
        """All of them, those that are not final too."""
        return self.text + self.interim

    @property
    def first_content_s(self) -> float:
        """As a turn's."""
        return self.began_s

    @property
    def interrupted_s(self) -> float | None:
        """As a turn's: nobody interrupts where there are none."""
        return None

    def says(self, text: str) -> None:
        """More of its words are final."""
        self.text += text

    def ends(self) -> bool:
        """Whether it is long enough."""
        sentence = self.text.rstrip().endswith(ENDS)
        return len(self.text) >= (LONG_CHARS if sentence else MOST_CHARS)


@dataclass(slots=True)
class Passage:
    """What was said, and what was made of it from then on: one beside the other."""

    number: int
    connection: Connection | None
    source: Caption | None = None
    targets: list[Caption] = field(default_factory=list)
    follows: bool = True
    """Nothing was owed when it began: what is made from then on is made of it."""

    @property
    def started_s(self) -> float:
        """When the first of it came."""
        return self.source.began_s if self.source is not None else self.targets[0].began_s

    @property
    def lag_s(self) -> float | None:
        """From the first words of the source to the first of the target.

        None while there is no target, and where nobody can tell what it is a translation of.
        """
        if self.source is None or not self.targets:
            return None
        target = self.targets[0]
        sure = self.follows and self.source.after_silence and target.after_silence
        return target.began_s - self.source.began_s if sure else None

    @property
    def spoken_s(self) -> float | None:
        """From the beginning of speech to its first words, final or not; None if not marked."""
        source = self.source
        if source is None or source.spoke_s is None:
            return None
        return source.began_s - source.spoke_s

    @property
    def settle_s(self) -> float | None:
        """From the end of speech to the first of its final words; None where it is not marked."""
        source = self.source
        if source is None or source.hushed_s is None or source.final_s is None:
            return None
        return source.final_s - source.hushed_s

    @property
    def interpreted_s(self) -> float | None:
        """From the beginning of speech to the first sound of its translation that was played."""
        if self.lag_s is None or self.source is None or self.source.spoke_s is None:
            return None
        first_played_s = self.targets[0].first_played_s
        return None if first_played_s is None else first_played_s - self.source.spoke_s


@dataclass
class Captions:
    """The passages of a session, oldest first."""

    passages: list[Passage] = field(default_factory=list)
    targets: list[Passage] = field(default_factory=list)
    """The passage that each caption of the target is in, by the caption's number less 1."""
    usage: Usage | None = None
    """The last count; whether counts of a session without turns add up is not documented."""
    connection: Connection | None = None
    _dry_s: float = 0.0
    gaps: int = 0
    gap_s: float = 0.0

    @property
    def source(self) -> Caption | None:
        """The newest of what was said."""
        return next((each.source for each in reversed(self.passages) if each.source), None)

    @property
    def target(self) -> Caption | None:
        """The newest of what was made of it."""
        return self.targets[-1].targets[-1] if self.targets else None

    def connect(self, connection: Connection) -> None:
        """Nothing goes on over a new connection."""
        self.connection = connection
        for caption in filter(None, (self.source, self.target)):
            caption.over = True

    # ---- the source

    def guessed(self, value: Mapping[str, Any], now_s: float, heard: Utterances) -> None:
        """`interimInputTranscription`."""
        caption = self._source(value, now_s, heard)
        caption.interim, caption.last_s = _text(value), now_s

    def understood(self, value: Mapping[str, Any], now_s: float, heard: Utterances) -> None:
        """`inputTranscription`: it takes the place of what was guessed."""
        text = _text(value)
        if not text and self.source is None:
            return
        caption = self._source(value, now_s, heard)
        caption.interim, caption.last_s = "", now_s
        caption.says(text)
        caption.over = value.get("finished") is True
        if caption.final_s is None:
            caption.final_s = now_s
            self.hushed(heard)

    def settled(self) -> None:
        """`generationComplete`: of a transcription it ends the utterance."""
        if self.source is not None and not self.source.interim:
            self.source.over = True

    def hushed(self, heard: Utterances) -> None:
        """Note when the person had ended; a mark of it may come after the words."""
        caption = self.source
        if caption is None or caption.final_s is None:
            return
        since_s = caption.began_s if caption.spoke_s is None else caption.spoke_s
        found = heard.end(since_s, caption.final_s)
        if found is not None:
            caption.hushed_s, caption.hushed_by = found[0], found[1].value

    def _source(self, value: Mapping[str, Any], now_s: float, heard: Utterances) -> Caption:
        last = self.source
        if last is not None and not (last.over or _begins(last, value, now_s)):
            _label(last, value)
            return last
        caption = Caption(now_s, now_s, after_silence=last is None or _fresh(last, now_s))
        _label(caption, value)
        spoke = heard.start(last.last_s if last is not None else -1.0, now_s)
        if spoke is not None:
            caption.spoke_s, caption.spoke_by = spoke
        owing = bool(self.passages) and not self.passages[-1].targets
        self.passages.append(Passage(self._next, self.connection, caption, follows=not owing))
        return caption

    # ---- the target

    def made(self, value: Mapping[str, Any], now_s: float) -> None:
        """Words of the translation."""
        if text := _text(value):
            caption = self._target(value, now_s)
            caption.says(text)
            caption.last_s = now_s

    def sounded(self, seconds: float, now_s: float) -> None:
        """Sound of the translation."""
        caption = self._target({}, now_s)
        if caption.audio_s and now_s > self._dry_s + GAP_S:
            self.gaps += 1
            self.gap_s += now_s - self._dry_s
        self._dry_s = max(self._dry_s, now_s) + seconds
        caption.audio_s += seconds
        caption.last_s = now_s

    def caption(self, number: object) -> Caption | None:
        """A caption of the target by its number, from 1, under which it is played."""
        if not isinstance(number, int) or not 0 < number <= len(self.targets):
            return None
        return dict(self.numbered(self.targets[number - 1]))[number]

    def numbered(self, passage: Passage) -> Iterator[tuple[int, Caption]]:
        """The captions of a passage's target, with their numbers."""
        if passage.targets:
            first = bisect_left(self.targets, passage.number, key=lambda each: each.number)
            yield from enumerate(passage.targets, first + 1)

    def _target(self, value: Mapping[str, Any], now_s: float) -> Caption:
        last = self.target
        if last is not None and not self._moves_on(last, value, now_s):
            _label(last, value)
            return last
        caption = Caption(now_s, now_s, after_silence=last is None or _fresh(last, now_s))
        _label(caption, value)
        if not self.passages or self.passages[-1].connection is not self.connection:
            self.passages.append(Passage(self._next, self.connection))
        self.passages[-1].targets.append(caption)
        self.targets.append(self.passages[-1])
        return caption

    def _moves_on(self, last: Caption, value: Mapping[str, Any], now_s: float) -> bool:
        """Whether these words are of another caption: with a new source from the next sentence."""
        behind = self.targets[-1] is not self.passages[-1]
        sentence = bool(value) and last.text.rstrip().endswith(ENDS)
        return last.over or _begins(last, value, now_s) or (behind and sentence)

    @property
    def _next(self) -> int:
        return len(self.passages) + 1


def _begins(last: Caption, value: Mapping[str, Any], now_s: float) -> bool:
    """Whether what comes now is no more of the caption."""
    language, speaker = value.get("languageCode"), value.get("speakerLabel")
    return (
        (_fresh(last, now_s) and not last.interim)
        or (bool(value) and last.ends())
        or bool(language and last.language and language != last.language)
        or bool(speaker and last.speaker and speaker != last.speaker)
    )


def _fresh(last: Caption, now_s: float) -> bool:
    """Whether the side had been silent since."""
    return last.over or now_s - last.last_s > PAUSE_S


def _label(caption: Caption, value: Mapping[str, Any]) -> None:
    language, speaker = value.get("languageCode"), value.get("speakerLabel")
    caption.language = language if isinstance(language, str) else caption.language
    caption.speaker = speaker if isinstance(speaker, str) else caption.speaker


def _text(value: Mapping[str, Any]) -> str:
    text = value.get("text")
    return text if isinstance(text, str) else ""
