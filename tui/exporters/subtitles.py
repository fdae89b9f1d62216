"""The conversation as subtitles that fit the stereo WAV: SRT and WebVTT."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tui.core import media
from tui.core.captions import Passage
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.text import safe
from tui.core.turn import Turn
from tui.exporters.material import Material
from tui.exporters.sound import MODEL_KIND, start_s

LINE_CHARS, CUE_CHARS = 42, 84
"""Two lines, as the BBC's and Netflix's guides have it."""
CUE_S = 6.0
READ_CHARS_A_S = 15.0
LEAST_S = 1.0
"""What has no length of its own stays as long as it takes to read."""

_NO_TAGS = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")", "\\": "/"})
"""SRT knows no escape, and players obey `<b>` and `{\\an8}`."""


@dataclass
class Cue:
    """What somebody said from then to then; seconds from the journal's first record."""

    who: str
    start_s: float
    end_s: float
    text: str


def export_srt(material: Material, out: BinaryIO) -> None:
    """Write SubRip: numbered cues."""
    for number, cue in enumerate(_cues(material), 1):
        times = f"{_time(cue.start_s, ',')} --> {_time(cue.end_s, ',')}"
        text = f"{cue.who}: {cue.text}".replace("-->", "→").translate(_NO_TAGS)
        out.write(f"{number}\n{times}\n{_wrapped(text)}\n\n".encode())


def export_vtt(material: Material, out: BinaryIO) -> None:
    """Write WebVTT: cues with the speaker as voice."""
    out.write(b"WEBVTT\n\n")
    for cue in _cues(material):
        times = f"{_time(cue.start_s, '.')} --> {_time(cue.end_s, '.')}"
        text = html.escape(_wrapped(cue.text), quote=False)
        out.write(f"{times}\n<v {cue.who}>{text}\n\n".encode())


@dataclass
class Answer:
    """How an answer came: each piece of its words, when, and how much of its sound before."""

    turn: Turn
    pieces: list[tuple[float, float, str]] = field(default_factory=list)
    chars: int = 0
    sound_s: float = 0.0

    def take(self, frame: Frame) -> None:
        """The next frame of its turn."""
        if any(fact.kind in _WORDS for fact in frame.facts):
            text = self.turn.answer
            if len(text) > self.chars:
                self.pieces.append((frame.mono_s, self.sound_s, text[self.chars :]))
                self.chars = len(text)
        for fact in frame.facts:
            if fact.kind == MODEL_KIND and isinstance(fact.value, dict):
                self.sound_s += media.audio_seconds(fact.value, media.OUTPUT_RATE_HZ)


def _cues(material: Material) -> list[Cue]:
    found: dict[int, Answer] = {}
    for _, record, session in material.replay():
        turn = None if session.continuous else session.conversation.last
        if isinstance(record, Frame) and turn is not None:
            found.setdefault(id(turn), Answer(turn)).take(record)
    cues = [_question(material, turn) for turn in material.turns if turn.user.strip()]
    end_s = 0.0
    for answer in found.values():
        begun_s = start_s(material, answer.turn, end_s)
        cues += _answer(material, answer, begun_s)
        end_s = max(end_s, begun_s + _heard_s(answer))
    cues += [
        cue for passage in material.session.captions.passages for cue in _both(material, passage)
    ]
    if not cues:
        raise JournalError("Nobody said a word in this session: nothing was exported.")
    return sorted(cues, key=lambda cue: cue.start_s)


def _question(material: Material, turn: Turn) -> Cue:
    """What was typed stands when it was sent; what was spoken while it was understood."""
    text = _shown(material, turn.user)
    asked_s = turn.started_s if turn.asked_s is None else turn.asked_s
    begun_s = min(turn.started_s, asked_s) - material.start_s
    end_s = max(asked_s - material.start_s, begun_s + _reading_s(text))
    return Cue("You", begun_s, end_s, text)


def _answer(material: Material, answer: Answer, begun_s: float) -> Iterator[Cue]:
    """Cues of a sentence or two lines each; what nobody heard is left out."""
    heard_s = _heard_s(answer)
    pieces = [
        (begun_s + sound_s if answer.sound_s else mono_s - material.start_s, text)
        for mono_s, sound_s, text in answer.pieces
        if sound_s < heard_s or not answer.sound_s
    ]
    cues: list[Cue] = []
    for at_s, text in pieces:
        last = cues[-1] if cues else None
        if last is None or _full(last, at_s):
            cues.append(Cue("Model", at_s, at_s, text))
        else:
            last.text += text
    for at, cue in enumerate(cues, 1):
        cue.text = _shown(material, cue.text)
        end_s = begun_s + heard_s if answer.sound_s else cue.start_s + _reading_s(cue.text)
        next_s = cues[at].start_s if at < len(cues) else end_s
        cue.end_s = max(cue.start_s + 0.1, min(end_s, next_s))
        if cue.text:
            yield cue


def _both(material: Material, passage: Passage) -> Iterator[Cue]:
    """What was said from when its speaker began, and its translation from when it was heard."""
    if (source := passage.source) is not None:
        begun_s = source.began_s if source.spoke_s is None else source.spoke_s
        end_s = source.last_s if source.hushed_s is None else source.hushed_s
        yield from _spread(material, "Source", source.text, begun_s, end_s)
    for target in passage.targets:
        begun_s = target.began_s if target.first_played_s is None else target.first_played_s
        end_s = begun_s + (target.audio_s if target.heard_s is None else target.heard_s)
        if target.heard_s != 0.0:
            yield from _spread(material, "Translation", target.text, begun_s, end_s)


def _spread(material: Material, who: str, text: str, begun_s: float, end_s: float) -> Iterator[Cue]:
    """Cues of two lines, each as long as its share of the text."""
    shown = _shown(material, text)
    at_s = begun_s - material.start_s
    whole_s = max(end_s - begun_s, _reading_s(shown))
    for part in textwrap.wrap(shown, CUE_CHARS):
        next_s = at_s + whole_s * len(part) / len(shown)
        yield Cue(who, at_s, next_s, part)
        at_s = next_s


def _heard_s(answer: Answer) -> float:
    heard_s = answer.turn.heard_s
    return answer.sound_s if heard_s is None else min(heard_s, answer.sound_s)


def _full(cue: Cue, at_s: float) -> bool:
    """Whether the next words begin another cue."""
    ends = cue.text.rstrip().endswith((".", "!", "?", "…", "。", "！", "？"))
    long = len(cue.text) >= (LINE_CHARS if ends else CUE_CHARS)
    return long or at_s - cue.start_s > CUE_S


def _shown(material: Material, text: str) -> str:
    """One line of it."""
    return safe(material.redactor.words(" ".join(text.split())))


def _reading_s(text: str) -> float:
    return max(LEAST_S, len(text) / READ_CHARS_A_S)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, LINE_CHARS)) or "…"


def _time(seconds: float, point: str) -> str:
    thousandths = round(max(0.0, min(seconds, MOST_S)) * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"


MOST_S = 359_999.0
"""99:59:59: SRT's hours have two digits."""

_WORDS = frozenset({"serverContent.outputTranscription", "serverContent.modelTurn.text"})
