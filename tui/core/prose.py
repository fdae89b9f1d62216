"""A turn as prose: the paragraphs of the transcript, before anything is wrapped or coloured.

What was generated and what was heard are two things. Which words were heard is an estimate: the
share of the audio that was played, taken of the words of its transcription.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tui.core import grounding, status
from tui.core.attachment import Attached, Prefilled
from tui.core.call_text import arguments, took
from tui.core.code import OUTCOMES, RAN, pieces
from tui.core.connection import Connection
from tui.core.conversation import Conversation
from tui.core.grounding import Grounding
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.text import safe
from tui.core.tool_call import CallState, ToolCall
from tui.core.turn import ANSWER_LANES, Lane, Piece, Turn

LONGEST_TITLE = 120
MOST_SOURCES = 40

_WORD = re.compile(r"\s*(?:[\u2e80-\u9fff\uf900-\ufaff]|[^\s\u2e80-\u9fff\uf900-\ufaff]+)")
"""A word; in Chinese and Japanese, which write no spaces, a character."""

_ROUNDING_S = 0.05
"""An answer is heard to its end although resampling has eaten a block of it."""


class Tone(StrEnum):
    """What a piece of text is, so that a view can give it its look."""

    USER = "user"
    MODEL = "model"
    EMULATOR = "emulator"
    ASKED = "asked"
    INTERIM = "interim"
    ANSWER = "answer"
    UNHEARD = "unheard"
    """Arrived, and still to be played."""
    CUT = "cut"
    """Generated, and never to be played."""
    THOUGHT = "thought"
    UNSPOKEN = "unspoken"
    CODE = "code"
    KEYWORD = "keyword"
    BUILTIN = "builtin"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    RESULT = "result"
    SOURCE = "source"
    """The number of one."""
    LINK = "link"
    CALL = "call"
    NOTE = "note"
    WARNING = "warning"


class Span(NamedTuple):
    """Text of one tone, safe for a terminal; may hold newlines."""

    text: str
    tone: Tone
    link: str = ""
    """A web address that a terminal may be given."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that wraps as one; the gutter stands before each of its lines and is not copied."""

    gutter: Span
    spans: tuple[Span, ...]


class Hearing(NamedTuple):
    """How much of a turn's audio was heard; None when none of it was or will be played."""

    heard_s: float | None
    waits: bool
    """The rest may still be played."""

    @classmethod
    def of(cls, turn: Turn, session: Session, playback: Playback) -> Hearing:
        """From the journal where it knows, from the speaker for the turn that it plays."""
        if turn.heard_s is not None and session.playing_turn != turn.number:
            return cls(turn.heard_s, waits=False)
        audible = session.view == "audio" and bool(playback.device) and not playback.problem
        plays = audible and playback.answer == turn.number
        comes = audible and turn is session.conversation.current
        waits = turn.interrupted_s is None and (plays or comes)
        return cls(playback.heard_s if plays else None, waits)


_LANES = {
    Lane.THOUGHT: (Tone.THOUGHT, "thought"),
    Lane.UNSPOKEN: (Tone.UNSPOKEN, "unspoken text"),
    Lane.CODE: (Tone.CODE, "code"),
    Lane.RESULT: (Tone.RESULT, "result"),
}

_TEXT_GUTTER = Span("  ", Tone.NOTE)
_BLANK = Paragraph(Span("", Tone.NOTE), ())

WELCOME = tuple(
    Paragraph(_TEXT_GUTTER, (Span(text, Tone.NOTE),))
    for text in (
        "Nothing has been said yet.",
        "Type below and press Enter; the answer appears here, dim until you have heard it.",
        "Esc interrupts. Ctrl+T changes between sound and text. F1 shows all keys.",
    )
)
"""What an empty transcript says."""

UNSAID = (
    Paragraph(_TEXT_GUTTER, (Span("Nothing had been said by then.", Tone.NOTE),)),
    Paragraph(_TEXT_GUTTER, (Span("Space plays on. : goes to a time or turn.", Tone.NOTE),)),
)
"""What an empty transcript says of a moment of a recording."""


def speaker(connection: Connection | None) -> Span:
    """Who answers: the model, unless the local emulator does."""
    if connection is not None and status.emulated(connection):
        return Span(status.EMULATOR_NAME, Tone.EMULATOR)
    return Span(safe(connection.model) if connection else "Model", Tone.MODEL)


def fingerprint(turn: Turn) -> Hashable:
    """Changes whenever something that `paragraphs` shows of the turn does."""
    last = turn.pieces[-1] if turn.pieces else None
    return (
        *(turn.number, turn.user, turn.user_interim, turn.typed, turn.asked_s),
        turn.ended_s,
        *(len(turn.pieces), len(last.text) if last else 0, turn.audio_s, turn.first_content_s),
        *(turn.first_played_s, turn.interrupted_s, turn.interrupted_by, turn.completed_s),
        *(turn.cut, turn.reason, turn.grounding, turn.continues, turn.continued_by),
        *(len(turn.prefilled), tuple(each.words for each in turn.attached)),
        turn.usage.total if turn.usage else 0,
        not turn.calls or tuple(call.state for call in turn.calls),
    )


def paragraphs(turn: Turn, speaker: Span, hearing: Hearing) -> list[Paragraph]:
    """The turn from the question to its footer, and a blank line."""
    out = _before(turn.prefilled)
    if turn.user or turn.user_interim or turn.attached:
        out += _question(turn)
    if turn.answered:
        out.append(_heading(speaker, status.clock(turn.first_content_s or 0.0)))
        out += [_call(call) for call in turn.calls]
        out += _answer(turn, hearing)
        out += _sources(turn.grounding)
    out += _endings(turn, hearing)
    if footer := _footer(turn):
        out.append(Paragraph(_TEXT_GUTTER, footer))
    return [*out, _BLANK]


def waiting(conversation: Conversation) -> list[Paragraph]:
    """What was sent and waits for a question: turns that ask nothing, files."""
    files = [_file(each) for each in conversation.attached]
    return [*_before(conversation.prefilled), *files, *([_BLANK] if files else [])]


def waiting_fingerprint(conversation: Conversation) -> Hashable:
    """Changes whenever something that `waiting` shows does; empty where that is nothing."""
    return (*map(id, conversation.prefilled), *(each.words for each in conversation.attached))


def heard_length(text: str, share: float) -> int:
    """How many characters of a spoken text the first ``share`` (0..1) of its words takes."""
    if share >= 1.0:
        return len(text)
    ends = [word.end() for word in _WORD.finditer(text)]
    count = int(len(ends) * max(0.0, share) + 0.5)
    return ends[count - 1] if count else 0


def _heading(name: Span, *notes: str) -> Paragraph:
    note = Span("  " + " · ".join(notes), Tone.NOTE)
    return Paragraph(Span("● ", name.tone), (name, note))


def _question(turn: Turn) -> Iterator[Paragraph]:
    at_s = turn.started_s if turn.asked_s is None else turn.asked_s
    how = "typed" if turn.typed else "spoken"
    how = f"goes on with turn {turn.continues}" if turn.continues else how
    yield _heading(Span("You", Tone.USER), status.clock(at_s), how)
    yield from map(_file, turn.attached)
    spans = [Span(safe(turn.user, lines=True), Tone.ASKED)]
    if turn.user_interim:
        spans.append(Span(safe(turn.user_interim, lines=True) + "▌", Tone.INTERIM))
    if any(span.text for span in spans):
        yield Paragraph(_TEXT_GUTTER, tuple(spans))


def _before(prefilled: Sequence[Prefilled]) -> list[Paragraph]:
    """Turns that were laid into the context."""
    out: list[Paragraph] = []
    for each in prefilled:
        person = each.role != "model"
        name = Span("You", Tone.USER) if person else Span("Model", Tone.MODEL)
        out.append(_heading(name, status.clock(each.at_s), "prefilled, not asked"))
        out += map(_file, each.attached)
        if each.text:
            text = Span(safe(each.text, lines=True), Tone.ASKED if person else Tone.ANSWER)
            out.append(Paragraph(_TEXT_GUTTER, (text,)))
        out.append(_BLANK)
    return out


def _file(attached: Attached) -> Paragraph:
    name, _, facts = attached.words.partition(" · ")
    return Paragraph(
        _TEXT_GUTTER,
        (Span("▣ ", Tone.USER), Span(name, Tone.ASKED), Span(f"  {facts}", Tone.NOTE)),
    )


def _call(call: ToolCall) -> Paragraph:
    match call.state:
        case CallState.ANSWERED:
            outcome = Span(f"✓ {took(call, 0.0)}", Tone.NOTE)
        case CallState.FAILED:
            outcome = Span(f"✗ {took(call, 0.0)}", Tone.WARNING)
        case state:
            outcome = Span(_OUTCOMES[state], Tone.WARNING)
    name = Span(f"{safe(call.name)}({safe(arguments(call.args))})", Tone.CALL)
    return Paragraph(Span("  ▸ ", Tone.CALL), (name, Span("  → ", Tone.NOTE), outcome))


_OUTCOMES = {
    CallState.PENDING: "pending",
    CallState.CANCELLED: "⊘ cancelled",
    CallState.LOST: "⊘ lost with the connection",
    CallState.LATE: "⊘ answered too late",
}


def _answer(turn: Turn, hearing: Hearing) -> Iterator[Paragraph]:
    """The pieces in order; of the spoken ones, the words that were heard stand apart."""
    spoken = [piece.text for piece in turn.pieces if piece.lane is Lane.SPEECH]
    left = heard_length("".join(spoken), share(turn.audio_s, hearing))
    marks, at = list(grounding.marks(turn.answer, turn.grounding.supports)), 0
    unheard = rest(hearing)
    for piece in turn.pieces:
        text = piece.text
        if piece.lane is Lane.SPEECH:
            spans = [Span(text[:left], Tone.ANSWER), Span(text[left:], unheard)]
            left = max(0, left - len(text))
            yield _words(_marked(spans, marks, at))
        elif piece.lane is Lane.TEXT:
            start = at + len(text) - len(text.lstrip("\n"))
            yield _words(_marked([Span(text.strip("\n"), Tone.ANSWER)], marks, start))
        else:
            yield _aside(piece)
        at += len(text) if piece.lane in ANSWER_LANES else 0


def _words(spans: Iterable[Span]) -> Paragraph:
    shown = (Span(safe(span.text, lines=True), span.tone) for span in spans if span.text)
    return Paragraph(_TEXT_GUTTER, tuple(shown))


def _marked(spans: Iterable[Span], marks: Sequence[tuple[int, str]], at: int) -> Iterator[Span]:
    """The spans, the first of which begins ``at`` characters into the answer, with their marks."""
    for span in spans:
        begin = 0
        for end, mark in marks:
            if begin < end - at <= len(span.text):
                yield Span(span.text[begin : end - at], span.tone)
                yield Span(mark, Tone.SOURCE)
                begin = end - at
        yield Span(span.text[begin:], span.tone)
        at += len(span.text)


def share(audio_s: float, hearing: Hearing) -> float:
    """How much of so many seconds was heard, 0..1."""
    if hearing.heard_s is None or not audio_s:
        return 0.0
    return min(1.0, (hearing.heard_s + _ROUNDING_S) / audio_s)


def rest(hearing: Hearing) -> Tone:
    """The tone of words that were not heard; where nothing is played, they are there to be read."""
    if hearing.waits:
        return Tone.UNHEARD
    return Tone.ANSWER if hearing.heard_s is None else Tone.CUT


def _aside(piece: Piece) -> Paragraph:
    """What is not the answer, under the name of its lane."""
    tone, label = _LANES[piece.lane]
    named = Tone.NOTE
    if piece.lane is Lane.RESULT and piece.note not in (RAN, ""):
        label, named = OUTCOMES.get(piece.note, safe(piece.note)), Tone.WARNING
    text = piece.text.strip("\n")
    kinds = pieces(text, piece.note) if piece.lane is Lane.CODE else ((text, tone),)
    spans = [Span(safe(part, lines=True), Tone(kind)) for part, kind in kinds if part]
    if not spans:
        spans = [Span("nothing was printed", Tone.NOTE)]
    gap = "\n" if "\n" in text else "  "
    return Paragraph(Span("  │ ", tone), (Span(label + gap, named), *spans))


def _sources(found: Grounding) -> Iterator[Paragraph]:
    """What was searched, and a numbered line for each source that was found."""
    gutter = Span("  │ ", Tone.SOURCE)
    if found.queries:
        queries = " · ".join(_shortened(query) for query in found.queries[:MOST_SOURCES])
        yield Paragraph(gutter, (Span("searched  ", Tone.NOTE), Span(queries, Tone.ANSWER)))
    for number, source in enumerate(found.sources[:MOST_SOURCES], 1):
        title = Span(_shortened(source.title or source.uri), Tone.ANSWER)
        if source.link:
            title = title._replace(tone=Tone.LINK, link=source.link)
        beside = source.place if source.title and source.place != source.title else ""
        notes = "  ".join(filter(None, (beside and _shortened(beside), _shortened(source.note))))
        note = Span(f"  {notes}" if notes else "", Tone.NOTE)
        yield Paragraph(gutter, (Span(f"[{number}] ", Tone.SOURCE), title, note))
    if (more := len(found.sources) - MOST_SOURCES) > 0:
        yield Paragraph(gutter, (Span(f"and {more:,} more", Tone.NOTE),))


def _shortened(text: str) -> str:
    return safe(text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…")


def _endings(turn: Turn, hearing: Hearing) -> Iterator[Paragraph]:
    """What has to be said in words about how the turn ended."""
    heard = _heard(turn, hearing)
    if turn.interrupted_s is not None:
        yield _warning(" · ".join(filter(None, (f"✂ {status.interrupter(turn)}", heard))))
    elif heard:
        yield Paragraph(_TEXT_GUTTER, (Span(heard, Tone.NOTE),))
    if turn.continued_by:
        words = f"↷ turn {turn.continued_by} asks the model to go on from there"
        yield Paragraph(_TEXT_GUTTER, (Span(words, Tone.NOTE),))
    if turn.cut:
        yield _warning("the connection was lost before this turn was complete")
    if turn.reason:
        yield _warning(f"ended by the server: {safe(turn.reason)}")
    silent = turn.completed_s is not None and not turn.audio_s
    if silent and any(piece.lane is Lane.UNSPOKEN for piece in turn.pieces):
        yield _warning("this turn has text and no audio: nothing was spoken")


def _heard(turn: Turn, hearing: Hearing) -> str:
    """How much was heard, where that is less than all; empty while it may still be played."""
    if hearing.waits or not turn.audio_s:
        return ""
    if hearing.heard_s is None:
        return "not played"
    return status.heard(hearing.heard_s, turn.audio_s) if share(turn.audio_s, hearing) < 1.0 else ""


def _warning(text: str) -> Paragraph:
    return Paragraph(_TEXT_GUTTER, (Span(text, Tone.WARNING),))


def _footer(turn: Turn) -> tuple[Span, ...]:
    """Latency, seconds and tokens, once the turn is complete."""
    if turn.completed_s is None:
        return ()
    latency = Span(status.latency(turn), Tone.WARNING if status.slow(turn) else Tone.NOTE)
    audio = f"{turn.audio_s:.1f} s of audio" if turn.audio_s else ""
    tokens = status.tokens(turn.usage.total) if turn.usage else ""
    rest = " · ".join(filter(None, (audio, tokens)))
    between = " · " if latency.text and rest else ""
    return (latency, Span(between + rest, Tone.NOTE)) if latency.text or rest else ()
