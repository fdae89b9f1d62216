"""The conversation as it was said and heard: one line widget however many turns there are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.core import captions_prose, prose
from tui.core.captions import Passage
from tui.core.playback import Playback
from tui.core.prose import Hearing, Paragraph, Span, Tone
from tui.core.session import Session
from tui.core.turn import Turn

_UNIT = re.compile(r"[\u2e80-\u9fff\uf900-\uffdc]\s*|[^\s\u2e80-\u9fff\uf900-\uffdc]+\s*|\s+")
"""What a row may be broken after: a word with its spaces, or one wide character."""


class Row(NamedTuple):
    """One line of the transcript, as wide as the widget at most."""

    gutter: Span
    spans: tuple[Span, ...]
    goes_on: bool
    """The paragraph continues in the next row, so copying puts no newline between them."""

    @property
    def text(self) -> str:
        """What a selection of the whole row copies."""
        return "".join(span.text for span in self.spans)


_NOTHING = Row(Span("", Tone.NOTE), (), goes_on=False)
_BETWEEN = Span(" │ ", Tone.NOTE)
TWO_COLUMNS = 64
"""So wide a transcript has both sides of a translation beside each other."""


@dataclass(slots=True)
class Block:
    """Where a turn or a passage stands, and the ``key`` of what it was laid out of."""

    key: Hashable
    first: int
    count: int


def rows(paragraph: Paragraph, width: int) -> Iterator[Row]:
    """Wrap a paragraph to ``width`` cells, its gutter included."""
    text = "".join(span.text for span in paragraph.spans)
    room = max(1, width - cell_len(paragraph.gutter.text))
    if "\n" not in text and cell_len(text) <= room:
        yield Row(paragraph.gutter, paragraph.spans, goes_on=False)
        return
    start = 0
    for line in text.split("\n"):
        ends = [start + end for end in _row_ends(line, room)]
        for end in ends:
            spans = tuple(_cut(paragraph.spans, start, end))
            yield Row(paragraph.gutter, spans, goes_on=end != ends[-1])
            start = end
        start += 1


def beside(left: Sequence[Paragraph], right: Sequence[Paragraph], width: int) -> Iterator[Row]:
    """Two columns with a line between them."""
    half = (width - len(_BETWEEN.text)) // 2
    columns = ([row for each in side for row in rows(each, half)] for side in (left, right))
    for one, other in zip_longest(*columns, fillvalue=_NOTHING):
        blank = half - cell_len(one.gutter.text) - cell_len(one.text.rstrip())
        spans = (*_cut(one.spans, 0, len(one.text.rstrip())), Span(" " * max(0, blank), Tone.NOTE))
        second = (_BETWEEN, other.gutter, *other.spans) if right else ()
        yield Row(one.gutter, (*spans, *second), goes_on=False)


def _row_ends(line: str, width: int) -> list[int]:
    """Where each row of a line ends; only what is wider than a row is broken inside."""
    if cell_len(line) <= width:
        return [len(line)]
    ends: list[int] = []
    used = 0
    for unit in _UNIT.finditer(line):
        needed = cell_len(unit[0].rstrip())
        if used and used + needed > width:
            ends.append(unit.start())
            used = 0
        if needed > width:
            pieces = chop_cells(unit[0], width)
            for piece in pieces[:-1]:
                ends.append((ends[-1] if ends else 0) + len(piece))
            used = cell_len(pieces[-1])
        else:
            used += cell_len(unit[0])
    return [*ends, len(line)]


def _cut(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    """The part of the spans from one character to another."""
    at = 0
    for span in spans:
        part = span.text[max(0, start - at) : max(0, end - at)]
        if part:
            yield span._replace(text=part)
        at += len(span.text)


def _selected(row: Row, number: int, selection: Selection | None) -> tuple[int, int]:
    """The characters of a row's text that are selected, from one to another."""
    span = selection.get_span(number) if selection else None
    if span is None:
        return 0, 0
    start, end = (max(0, x - len(row.gutter.text)) for x in span)
    return start, len(row.text) if span[1] == -1 else end


class Transcript(ScrollView, can_focus=True):
    """Who said what, and how much of it was heard.

    It follows its end like ``less +F``: scrolling up stops that, `f` or End resumes it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"transcript--{tone}" for tone in Tone),
        "transcript--below",
    }
    """One class for each `Tone`, and `transcript--below` for the count of rows under the last."""

    DEFAULT_CSS = """
    Transcript {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .transcript--user { color: $bd-user; text-style: bold; }
        & > .transcript--model { color: $bd-model; text-style: bold; }
        & > .transcript--emulator { color: $bd-emulator; text-style: bold; }
        & > .transcript--interim { text-style: italic; }
        & > .transcript--unheard { color: $bd-unheard; }
        & > .transcript--cut { color: $bd-unheard; text-style: strike; }
        & > .transcript--thought { color: $bd-thought; text-style: italic; }
        & > .transcript--unspoken { color: $bd-thought; }
        & > .transcript--keyword { color: $text-accent; }
        & > .transcript--builtin { color: $text-secondary; }
        & > .transcript--string { color: $text-success; }
        & > .transcript--number { color: $text-warning; }
        & > .transcript--comment { color: $text-muted; text-style: italic; }
        & > .transcript--result { color: $text-secondary; }
        & > .transcript--source { color: $text-secondary; }
        & > .transcript--link { text-style: underline; }
        & > .transcript--call { color: $text-accent; }
        & > .transcript--note { color: $text-muted; }
        & > .transcript--warning { color: $text-warning; }
        & > .transcript--below { text-style: reverse; }
        &:ansi > .transcript--note { text-style: dim; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f,end", "follow", "Follow", id="transcript.follow"),
        Binding("home", "scroll_home", "Top", show=False, id="transcript.top"),
        Binding("up,k", "scroll_up", "Up", show=False, id="transcript.up"),
        Binding("down,j", "scroll_down", "Down", show=False, id="transcript.down"),
        Binding("pageup", "page_up", "Page up", show=False, id="transcript.page_up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="transcript.page_down"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.welcome = prose.WELCOME
        """What it says while nothing has been said."""
        self._session = Session()
        self._playback = Playback()
        self._width = 0
        self._blocks: list[Block] = []
        self._begun_s: list[float] = []
        """When each of them began; nothing while nothing was said."""
        self._rows: list[Row] = []
        self._following = True
        self._seen = 0
        """How many rows, counted from the first, have been in view."""

    @property
    def following(self) -> bool:
        """Whether new rows scroll into view."""
        return self._following

    def show(self, session: Session, playback: Playback) -> None:
        """Bring the transcript up to date; draws the rows that differ, or nothing."""
        self._session, self._playback = session, playback
        if self._width:
            self._lay_out()

    def reveal(self, time_s: float) -> None:
        """Bring what was said at that time into view, its beginning at the top; stop following."""
        begun = bisect_right(self._begun_s, time_s)
        if self._begun_s:
            self._following = False
            self.scroll_to(y=self._blocks[max(0, begun - 1)].first, animate=False)

    def action_follow(self) -> None:
        """Go to the end, and stay there."""
        self.screen.clear_selection()
        self._following = True
        self._keep_up()

    def on_click(self, event: events.Click) -> None:
        """The note of the rows below can be clicked, too."""
        offset = event.get_content_offset(self)
        width, y = cell_len(self._below()), self.scrollable_size.height - 1
        if offset is not None and Region(self._width - width, y, width, 1).contains_point(offset):
            self.action_follow()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again where the width has changed; the turn at the top stays there."""
        if self.scrollable_size.width != self._width:
            unseen = len(self._rows) - self._seen
            top = bisect_right(self._blocks, self.scroll_offset.y, key=lambda block: block.first)
            self._width = self.scrollable_size.width
            self._blocks, self._rows = [], []
            self.screen.clear_selection()
            self._lay_out()
            self._seen = len(self._rows) - unseen
            if top and not self._following:
                self.scroll_to(y=self._blocks[top - 1].first, animate=False)
        self._keep_up()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Leaving the end stops following, coming back to it resumes."""
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y
        self._seen = max(self._seen, self._bottom)

    @property
    def _bottom(self) -> int:
        """The row after the last one in view."""
        return min(len(self._rows), self.scroll_offset.y + self.scrollable_size.height)

    def _keep_up(self) -> None:
        """Go to the end when following; not while text is selected, it would move away."""
        if self._following and self.text_selection is None:
            self.scroll_to(y=self.max_scroll_y, animate=False)
            self._seen = len(self._rows)

    # ---- laying out

    def _lay_out(self) -> None:
        """Wrap the turns that have changed, and draw the rows in view that differ."""
        before, count = self._picture(), len(self._rows)
        said, conversation = self._session.said, self._session.conversation
        waits = prose.waiting_fingerprint(conversation)
        self._begun_s = [each.started_s for each in said]
        if not said and not waits:
            self._put_welcome()
        for index, each in enumerate(said):
            if isinstance(each, Turn):
                self._put_turn(index, each)
            else:
                self._put_passage(index, each)
        if waits:
            self._put(len(said), waits, lambda: self._wrapped(prose.waiting(conversation)))
        self._forget(max(1, len(said) + bool(waits)))
        if len(self._rows) != count:
            self.virtual_size = Size(self._width, len(self._rows))
            self._keep_up()
        last = self.scrollable_size.height - 1
        for y, (old, new) in enumerate(zip(before, self._picture(), strict=True)):
            if old != new:
                self.refresh(Region(0, min(y, last), self._width, 1))

    def _put_welcome(self) -> None:
        session = self._session
        own = session.continuous and self.welcome is prose.WELCOME
        text = captions_prose.welcome(session) if own else self.welcome
        self._put(0, text, partial(self._wrapped, text))

    def _put_turn(self, index: int, turn: Turn) -> None:
        hearing = Hearing.of(turn, self._session, self._playback)
        speaker = prose.speaker(turn.connection)
        key = (prose.fingerprint(turn), speaker, hearing)
        self._put(index, key, lambda: self._wrapped(prose.paragraphs(turn, speaker, hearing)))

    def _put_passage(self, index: int, passage: Passage) -> None:
        heard = captions_prose.hearings(passage, self._session, self._playback)
        key = (captions_prose.fingerprint(passage), heard)
        self._put(index, key, lambda: self._columns(captions_prose.paragraphs(passage, heard)))

    def _wrapped(self, paragraphs: Sequence[Paragraph]) -> Iterator[Row]:
        return (row for paragraph in paragraphs for row in rows(paragraph, self._width))

    def _columns(self, both: captions_prose.Prose) -> Iterator[Row]:
        """Source and target beside each other where there is room and both are there."""
        if self._width >= TWO_COLUMNS and both.target:
            yield from beside(both.source, both.target, self._width)
        else:
            yield from self._wrapped((*both.source, *both.target))
        yield _NOTHING

    def _put(self, index: int, key: Hashable, text: Callable[[], Iterable[Row]]) -> None:
        """Lay a block out, unless it was laid out of the same."""
        if index == len(self._blocks):
            self._blocks.append(Block(None, len(self._rows), 0))
        block = self._blocks[index]
        if block.key == key:
            return
        new = list(text())
        self._rows[block.first : block.first + block.count] = new
        moved = len(new) - block.count
        block.key, block.count = key, len(new)
        for later in self._blocks[index + 1 :] if moved else ():
            later.first += moved

    def _forget(self, count: int) -> None:
        """Drop the turns after ``count``: a server has merged their questions."""
        if len(self._blocks) > count:
            del self._rows[self._blocks[count].first :]
            del self._blocks[count:]

    # ---- drawing

    def _picture(self) -> list[Row | str | None]:
        """What each line of the view shows, and the note that the last one ends with."""
        shown = self._rows[self.scroll_offset.y : self._bottom]
        return [*shown, *[None] * (self.scrollable_size.height - len(shown)), self._below()]

    def _below(self) -> str:
        """What is said of the rows below the view; empty when there are none."""
        if self._bottom >= len(self._rows):
            return ""
        new = len(self._rows) - self._seen
        if new <= 0:
            return " not following · f follows "
        return f" {new} new line{'s' * (new > 1)} · f follows "

    def render_line(self, y: int) -> Strip:
        """One line of the view; its offsets, gutter included, are what a selection is made of."""
        width, base = self._width, self.rich_style
        number = self.scroll_offset.y + y
        row = self._rows[number] if number < len(self._rows) else _NOTHING
        strip = Strip(self._segments(row, number)).adjust_cell_length(width, base)
        strip = strip.apply_offsets(0, number)
        note = self._below() if y == self.scrollable_size.height - 1 else ""
        if note:
            below = Strip([Segment(note, self.get_component_rich_style("transcript--below"))])
            below = below.crop(0, width)
            return Strip.join([strip.crop(0, width - below.cell_length), below])
        return strip

    def _segments(self, row: Row, number: int) -> Iterator[Segment]:
        yield Segment(row.gutter.text, self._style(row.gutter.tone))
        visible = len(row.text.rstrip())
        start, end = _selected(row, number, self.text_selection)
        for first, last in ((0, start), (start, end), (end, visible)):
            for span in _cut(row.spans, first, last):
                style = self._style(span.tone)
                if span.link:
                    style += Style(link=span.link)
                if first == start and start < end:
                    style += self.screen.get_component_rich_style("screen--selection")
                yield Segment(span.text, style)

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"transcript--{tone}")

    # ---- copying

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: no gutters, and wrapped rows joined to the lines that they were."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else len(self._rows) - 1
        parts: list[str] = []
        for number, row in enumerate(self._rows[first : last + 1], first):
            start, end = _selected(row, number, selection)
            parts.append(row.text[start:end] + ("" if row.goes_on else "\n"))
        return "".join(parts).removesuffix("\n"), "\n"
