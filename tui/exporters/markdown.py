"""The conversation as Markdown: GitHub's, and any CommonMark reader's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from tui.core.captions import Caption, Passage
from tui.core.code import LANGUAGES, OUTCOMES
from tui.core.grounding import Grounding
from tui.core.text import safe
from tui.core.turn import ANSWER_LANES, Lane, Turn
from tui.exporters.material import Material

_TITLES = {
    Lane.UNSPOKEN: "Unspoken",
    Lane.THOUGHT: "Thought",
    Lane.CODE: "Code",
    Lane.RESULT: "Result",
}

_SPECIAL = re.compile(r"([\\`*_\[\]<>#!|~&$])")
_FIRST = re.compile(r"^(\s*)([-+=])|^(\s*\d+)([.)])", re.MULTILINE)
"""What is markup at the beginning of a line: lists, rules, headings that are underlined."""


def export(material: Material, out: BinaryIO) -> None:
    """Write a heading, and for each turn what was asked, said, called and cut."""
    out.write(("\n".join(_head(material)) + "\n").encode())
    said = material.session.said
    for index in material.told(range(len(said)), "Writing"):
        each = said[index]
        lines = _turn(material, each) if isinstance(each, Turn) else _passage(material, each)
        out.write(("\n".join(lines) + "\n").encode())


def escape(text: str) -> str:
    """Text in which nothing is markup, nor acts on a terminal."""
    shown = safe(text, lines=True)
    return _FIRST.sub(r"\1\3\\\2\4", _SPECIAL.sub(r"\\\1", shown))


def _head(material: Material) -> Iterator[str]:
    yield f"# {escape(material.name)}"
    yield ""
    said = material.session.said
    connections = {id(each.connection): each.connection for each in said if each.connection}
    for connection in connections.values():
        place = f"{connection.model} on {connection.host or connection.origin}"
        yield f"- {escape(material.redactor.name(place))}, {escape(connection.modality)}"
    length = clock(material.session.now_s - material.start_s)
    if passages := material.session.captions.passages:
        yield f"- {len(passages):,} passages without turns"
    yield f"- {len(material.turns):,} turns in {length}" if material.turns else f"- {length} long"
    usage = material.session.usage
    if usage.total:
        yield f"- {usage.total:,} tokens"
    yield ""


def _turn(material: Material, turn: Turn) -> Iterator[str]:
    words = material.redactor.words
    yield f"## {turn.number}. {clock(turn.started_s - material.start_s)}"
    yield ""
    if turn.user:
        yield from _quoted("You", words(turn.user))
    for piece in turn.pieces:
        text = words(piece.text.strip("\n") if piece.note else piece.text.strip())
        if piece.lane in ANSWER_LANES:
            yield from _quoted("Model", text)
        elif piece.lane is Lane.CODE:
            language = piece.note.lower() if piece.note in LANGUAGES else ""
            yield from _fenced(_TITLES[piece.lane], text, language)
        elif piece.lane is Lane.RESULT:
            title = OUTCOMES.get(piece.note, _TITLES[piece.lane]).capitalize()
            yield from _fenced(title, text)
        elif text:
            yield from _quoted(_TITLES[piece.lane], text)
    for call in turn.calls:
        state = "cancelled" if call.cancelled_s is not None else "unanswered"
        if call.answered_s is not None:
            state = f"answered after {call.answered_s - call.asked_s:.2f} s"
        title = f"Tool {material.redactor.name(call.name)}, {state}"
        yield from _fenced(title, words(_json(call.args)))
    yield from _sources(material, turn.grounding)
    if said := _ending(turn):
        yield f"*{said}*"
        yield ""


def _sources(material: Material, found: Grounding) -> Iterator[str]:
    """What was searched, and a numbered list of what the answer rests on."""
    words = material.redactor.words
    if found.queries:
        yield f"Searched: {escape(words(' · '.join(found.queries)))}"
        yield ""
    for number, source in enumerate(found.sources, 1):
        title = escape(words(source.title or source.uri))
        link = source.link if words(source.link) == source.link else ""
        link = link.replace("<", "%3C").replace(">", "%3E")
        note = escape(f" ({source.note})") if source.note else ""
        yield f"{number}. [{title}](<{link}>){note}" if link else f"{number}. {title}{note}"
    if found.sources:
        yield ""


def _passage(material: Material, passage: Passage) -> Iterator[str]:
    """What was said, and what was made of it: no question, and no answer."""
    words = material.redactor.words
    yield f"## {clock(passage.started_s - material.start_s)}"
    yield ""
    if (source := passage.source) is not None:
        yield from _quoted(f"Source{_known(source)}", words(source.text.strip()))
        if source.interim:
            yield f"*Never final: {escape(words(source.interim.strip()))}*"
            yield ""
    for number, target in enumerate(passage.targets):
        lag_s = None if number else passage.lag_s
        late = "" if lag_s is None else f", {lag_s:.2f} s behind"
        title = f"Translation{_known(target)}{late}"
        yield from _quoted(title, words(target.text.strip()))


def _known(caption: Caption) -> str:
    """In which language and by whom, as far as the server says."""
    said = ", ".join(filter(None, (caption.language, caption.speaker)))
    return f" ({escape(said)})" if said else ""


def _ending(turn: Turn) -> str:
    said = []
    if turn.interrupted_s is not None:
        heard = f", {turn.heard_s:.1f} s" if turn.heard_s is not None else ""
        said.append(f"Interrupted{heard} of {turn.audio_s:.1f} s heard" if heard else "Interrupted")
    if turn.cut:
        said.append("The connection ended before the turn did")
    if turn.reason:
        said.append(escape(turn.reason))
    return ". ".join(said)


def _quoted(who: str, text: str) -> Iterator[str]:
    yield f"**{who}**"
    yield ""
    for line in escape(text).splitlines() or [""]:
        yield f"> {line}"
    yield ""


def _fenced(title: str, text: str, language: str = "") -> Iterator[str]:
    """A block of code whose fence is longer than any in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"**{escape(title)}**"
    yield ""
    yield fence + language
    yield safe(text, lines=True)
    yield fence
    yield ""


def _json(args: Any) -> str:
    return orjson.dumps(args, option=orjson.OPT_INDENT_2, default=str).decode()


def clock(seconds: float) -> str:
    """``1:02:03.4``, hours where there are any."""
    tenths = max(0, round(seconds * 10))
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02}.{rest % 10}"
