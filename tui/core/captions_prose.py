"""A passage as prose: what was said, and what was made of it, each with what is known of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from tui.core import continuous_text, prose, status
from tui.core.captions import Caption, Passage
from tui.core.connection import Connection
from tui.core.playback import CAPTIONS, Playback
from tui.core.prose import Hearing, Paragraph, Span, Tone
from tui.core.session import Session
from tui.core.text import safe

INDENT = Span("  ", Tone.NOTE)
BLANK = Paragraph(Span("", Tone.NOTE), ())


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs to be read beside each other, or one after the other."""

    source: tuple[Paragraph, ...]
    target: tuple[Paragraph, ...]
    """Empty while nothing is made of what was said."""


def hearings(passage: Passage, session: Session, playback: Playback) -> tuple[Hearing, ...]:
    """How much of the sound of each caption was heard."""
    found = []
    audible = session.view == "audio" and bool(playback.device) and not playback.problem
    newest = session.captions.target
    for number, caption in session.captions.numbered(passage):
        plays = audible and playback.answer == CAPTIONS + number and not playback.idle
        waits = audible and (plays or (caption is newest and caption.heard_s is None))
        heard_s = caption.heard_s
        if plays:
            heard_s = (heard_s or 0.0) + playback.heard_s
        found.append(Hearing(heard_s, waits=waits))
    return tuple(found)


def fingerprint(passage: Passage) -> Hashable:
    """Changes whenever something that `paragraphs` shows of the passage does, but for sound."""
    return (
        passage.number,
        *(
            (each.began_s, len(each.text), each.interim, each.language, each.speaker, each.final_s)
            for each in (passage.source, *passage.targets)
            if each is not None
        ),
        passage.settle_s,
    )


def paragraphs(passage: Passage, heard: tuple[Hearing, ...]) -> Prose:
    """Both sides of it."""
    source: list[Paragraph] = []
    if passage.source is not None:
        notes = _known(passage.source)
        if passage.settle_s is not None and not passage.targets:
            notes.append(f"final {passage.settle_s:.2f} s after speech")
        source = [_heading(Span("Source", Tone.USER), notes), _words(passage.source)]
    target: list[Paragraph] = []
    for number, (caption, hearing) in enumerate(zip(passage.targets, heard, strict=True)):
        lag_s = None if number else passage.lag_s
        notes = _known(caption, f"lag {lag_s:.2f} s" if lag_s is not None else "")
        target += [_heading(_translator(passage.connection), notes), _made(caption, hearing)]
        if missed := _missed(caption, hearing):
            target.append(Paragraph(INDENT, (Span(missed, Tone.NOTE),)))
    return Prose(tuple(source), tuple(target))


def welcome(session: Session) -> tuple[Paragraph, ...]:
    """What an empty transcript says of a session without turns."""
    return tuple(
        Paragraph(INDENT, (Span(safe(line), Tone.NOTE),))
        for line in continuous_text.welcome(session)
    )


def _heading(name: Span, notes: list[str]) -> Paragraph:
    return Paragraph(Span("● ", name.tone), (name, Span("  " + " · ".join(notes), Tone.NOTE)))


def _translator(connection: Connection | None) -> Span:
    """Nobody may take the emulator for Gemini."""
    if connection is not None and status.emulated(connection):
        return prose.speaker(connection)
    return Span("Translation", Tone.MODEL)


def _known(caption: Caption, late: str = "") -> list[str]:
    """When it began, how late, in which language and by whom, as far as the server says."""
    began = status.clock(caption.began_s)
    return [each for each in (began, late, safe(caption.language), safe(caption.speaker)) if each]


def _words(caption: Caption) -> Paragraph:
    spans = [Span(safe(caption.text.strip(), lines=True), Tone.ASKED)]
    if caption.interim:
        between = " " if caption.text and not caption.interim.startswith(" ") else ""
        spans.append(Span(f"{between}{safe(caption.interim, lines=True)}▌", Tone.INTERIM))
    return Paragraph(INDENT, tuple(span for span in spans if span.text))


def _made(caption: Caption, hearing: Hearing) -> Paragraph:
    """The words of a translation; those that were heard stand apart."""
    text = caption.text.strip()
    heard = prose.heard_length(text, prose.share(caption.audio_s, hearing))
    rest = prose.rest(hearing)
    spans = (Span(text[:heard], Tone.ANSWER), Span(text[heard:], rest))
    return Paragraph(INDENT, tuple(_safe(spans)))


def _safe(spans: tuple[Span, ...]) -> Iterator[Span]:
    for span in spans:
        if span.text:
            yield Span(safe(span.text, lines=True), span.tone)


def _missed(caption: Caption, hearing: Hearing) -> str:
    """How much was heard, where that is less than all; empty while it may still be played."""
    if hearing.waits or not caption.audio_s:
        return ""
    if hearing.heard_s is None:
        return "not played"
    whole = prose.share(caption.audio_s, hearing) >= 1.0
    return "" if whole else status.heard(hearing.heard_s, caption.audio_s)
