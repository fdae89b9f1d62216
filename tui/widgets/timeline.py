"""The timeline: a session's lanes over one clock, drawn line by line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui import lane_cells
from tui.core import timeline_words
from tui.core.lanes import Point, Span
from tui.core.log import SessionLog
from tui.core.row_text import clock, duration
from tui.core.timeline import Lane, Timeline
from tui.core.window import Window

LABEL_CELLS: Final = 12
LIVE_CELL_S: Final = 0.25


class TimelineView(Widget, can_focus=True):
    """Lanes that have anything to show, under a ruler, and what stands under the cursor.

    What is drawn of a lane is kept until its records, the window or the style change: moving the
    cursor or the play head draws two columns.
    """

    ALLOW_MAXIMIZE = True
    DEFAULT_CSS = """
    TimelineView {
        height: auto;
        & > .timeline--label, & > .timeline--ruler, & > .timeline--note { color: $text-muted; }
        & > .timeline--chosen { background: $bd-row-cursor; text-style: bold; }
        & > .timeline--cursor { background: $bd-row-cursor; text-style: bold; }
        & > .timeline--head { color: $primary; text-style: bold reverse; }
        & > .timeline--mic, & > .timeline--user, & > .timeline--user-text { color: $bd-user; }
        & > .timeline--playback, & > .timeline--generation { color: $bd-model; }
        & > .timeline--generation-text { color: $bd-model; }
        & > .timeline--here { color: $bd-speech; }
        & > .timeline--server { color: $bd-received; }
        & > .timeline--tools, & > .timeline--tools-text { color: $bd-family-events; }
        & > .timeline--connection { color: $bd-family-metadata; text-style: reverse; }
        & > .timeline--connection-text { color: $bd-family-metadata; }
        & > .timeline--cut { color: $bd-unheard; text-style: reverse; }
        & > .timeline--user, & > .timeline--generation { text-style: reverse; }
        & > .timeline--tools { text-style: reverse; }
        & > .timeline--frames { color: $text-secondary; }
        & > .timeline--error { color: $text-error; text-style: bold; }
        & > .timeline--warn { color: $text-warning; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"timeline--{name}"
        for name in (*lane_cells.LOOKS, "label", "chosen", "ruler", "note", "head", "cursor")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Earlier", id="timeline.left", show=False),
        Binding("right", "move(1)", "Later", id="timeline.right", show=False),
        Binding("shift+left", "page(-1)", "Page earlier", id="timeline.page_left", show=False),
        Binding("shift+right", "page(1)", "Page later", id="timeline.page_right", show=False),
        Binding("ctrl+left", "mark(-1)", "Last mark", id="timeline.mark_left", show=False),
        Binding("ctrl+right", "mark(1)", "Next mark", id="timeline.mark_right", show=False),
        Binding("up,k", "lane(-1)", "Lane up", id="timeline.up", show=False),
        Binding("down,j", "lane(1)", "Lane down", id="timeline.down", show=False),
        Binding("home", "edge(False)", "Beginning", id="timeline.home", show=False),
        Binding("end", "edge(True)", "End", id="timeline.end", show=False),
        Binding("plus", "zoom(2.0)", "Zoom in", key_display="+", id="timeline.in"),
        Binding("minus", "zoom(0.5)", "Zoom out", key_display="-", id="timeline.out"),
        Binding("0", "all", "All", id="timeline.all"),
        Binding("enter", "choose", "Go there", id="timeline.choose"),
        Binding("f", "follow", "Follow", id="timeline.follow", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor was moved; ``row`` is that of the mark there, else the last by then, or -1."""

        time_s: float
        row: int

    @dataclass
    class Chosen(Message):
        """A person wants to go there."""

        time_s: float
        row: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._log = SessionLog(lambda offset, size: b"")
        self._timeline = Timeline()
        self._window = Window()
        self._all = True
        """The window shows everything, however much there is."""
        self._following = True
        """The window moves with the play head, or with the end where there is none."""
        self._length_s = 0.0
        self._head_s: float | None = None
        self._cursor_s = 0.0
        self._lane = 0
        self._lanes: list[Lane] = []
        self._drawn: dict[int, tuple[Hashable, Strip]] = {}
        """By lane; of the ruler at -1."""

    # ---- what is shown

    def attach(self, log: SessionLog, timeline: Timeline, *, live: bool) -> None:
        """Show another session; a live one from its end, in a window of a fixed scale."""
        self._log, self._timeline = log, timeline
        self._all = not live
        self._window = replace(self._window, cell_s=LIVE_CELL_S)
        self._drawn.clear()

    def show(self, length_s: float, head_s: float | None = None) -> None:
        """Bring it up to date.

        Args:
            length_s: of the session, up to now.
            head_s: where the play head is; None where there is none.
        """
        before = self._picture
        head_before_s = self._head_s
        self._length_s, self._head_s = length_s, head_s
        lanes = self._timeline.lanes
        if lanes != self._lanes:
            self._lanes = lanes
            self._drawn.clear()
            self.refresh(layout=True)
        if self._all:
            self._window = self._window.all_of(length_s)
        elif self._following and head_s is None:
            self._window = self._window.at(length_s, length_s)
        elif self._following and head_s is not None and head_s != head_before_s:
            self._window = self._window.with_in_view(head_s, length_s)
        if self._picture != before:
            self.refresh()

    def go_to(self, time_s: float) -> None:
        """Put the cursor on a time and bring it into view; nobody is told."""
        before = self._window, self._window.cell(self._cursor_s)
        self._cursor_s = min(max(0.0, time_s), self._length_s)
        if not self._all:
            self._window = self._window.with_in_view(self._cursor_s, self._length_s)
        if (self._window, self._window.cell(self._cursor_s)) != before:
            self.refresh()

    @property
    def cursor_s(self) -> float:
        """Where the cursor is."""
        return self._cursor_s

    @property
    def window(self) -> Window:
        """What is in view."""
        return self._window

    @property
    def lane(self) -> Lane | None:
        """The lane that the keys act on."""
        return self._lanes[min(self._lane, len(self._lanes) - 1)] if self._lanes else None

    @property
    def _picture(self) -> Hashable:
        """All that the lines depend on."""
        head = None if self._head_s is None else self._window.cell(self._head_s)
        return (*self._content, head, len(self._lanes))

    @property
    def _content(self) -> tuple[Hashable, ...]:
        """All that a lane depends on."""
        timeline = self._timeline
        found = timeline.points(Lane.FINDINGS)
        return (self._window, timeline.rows, timeline.heard, len(found) if found else 0)

    # ---- keys and mouse

    def action_move(self, cells: int) -> None:
        """Move the cursor some cells."""
        cell = self._window.cell(self._cursor_s) + cells
        self._move(self._window.time_s(cell))

    def action_page(self, pages: int) -> None:
        """A window's width earlier or later."""
        width_s = self._window.cells * self._window.cell_s * 0.9
        self._following = False
        self._window = self._window.at(self._window.start_s + pages * width_s, self._length_s)
        self._move(self._cursor_s + pages * width_s)

    def action_mark(self, step: int) -> None:
        """To what begins next in the lane, or began before."""
        if (lane := self.lane) is not None:
            found = self._timeline.neighbour(lane, self._cursor_s, step)
            if found is not None:
                self._move(found.start_s)

    def action_lane(self, step: int) -> None:
        """Another lane."""
        self._lane = max(0, min(self._lane + step, len(self._lanes) - 1))
        self.refresh()

    def action_edge(self, last: bool) -> None:
        """To the beginning or the end."""
        self._move(self._length_s if last else 0.0)

    def action_zoom(self, factor: float) -> None:
        """Closer or farther; what is under the cursor stays there, if it is in view."""
        window = self._window
        inside = window.shows(self._cursor_s)
        about_s = self._cursor_s if inside else (window.start_s + window.end_s) / 2
        self._window = window.zoomed(factor, about_s, self._length_s)
        self._all = self._window.cell_s * self._window.cells >= self._length_s
        self.refresh()

    def action_all(self) -> None:
        """Everything in view."""
        self._all = True
        self._window = self._window.all_of(self._length_s)
        self.refresh()

    def action_follow(self) -> None:
        """Move with the play head, or with the end of a live session."""
        self._following = True
        self._all = False
        self._window = self._window.with_in_view(
            self._length_s if self._head_s is None else self._head_s, self._length_s
        )
        self.refresh()

    def action_choose(self) -> None:
        """Go where the cursor is."""
        mark = self._under_cursor()
        time_s = mark.start_s if mark else self._cursor_s
        self._following = True
        self.post_message(self.Chosen(time_s, self._row(time_s, mark)))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there, and go there."""
        offset = event.get_content_offset(self)
        if offset is None or offset.x < LABEL_CELLS:
            return
        line = offset.y - 1 + self._top
        if 0 <= line < len(self._lanes):
            self._lane = line
        self._cursor_s = min(self._window.time_s(offset.x - LABEL_CELLS), self._length_s)
        self.refresh()
        self.action_choose()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Earlier; with Ctrl closer."""
        event.stop()
        self._scroll(-1, event.ctrl)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Later; with Ctrl farther."""
        event.stop()
        self._scroll(1, event.ctrl)

    def _scroll(self, step: int, ctrl: bool) -> None:
        if ctrl:
            self.action_zoom(2.0 if step < 0 else 0.5)
            return
        self._following = False
        start_s = self._window.start_s + step * self._window.cells * self._window.cell_s / 8
        self._window = self._window.at(start_s, self._length_s)
        self.refresh()

    def _move(self, time_s: float) -> None:
        self._following = False
        self.go_to(time_s)
        mark = self._under_cursor()
        self.post_message(self.Moved(self._cursor_s, self._row(self._cursor_s, mark)))

    def _row(self, time_s: float, mark: Span | Point | None) -> int:
        return mark.row if mark else bisect_right(self._log.mono_s, time_s) - 1

    def _under_cursor(self) -> Span | Point | None:
        """What begins in the cursor's cell of the lane."""
        lane = self.lane
        cell = self._window.cell(self._cursor_s)
        before_s = self._window.time_s(cell) - 1e-9
        found = self._timeline.neighbour(lane, before_s, 1) if lane else None
        return found if found and self._window.cell(found.start_s) == cell else None

    # ---- drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The ruler, the lanes and a line about the cursor."""
        return max(1, len(self._lanes)) + 2

    def on_resize(self) -> None:
        """More or fewer cells."""
        cells = max(1, self.size.width - LABEL_CELLS)
        self._window = replace(self._window, cells=cells)
        if self._all:
            self._window = self._window.all_of(self._length_s)
        self._window = self._window.at(self._window.start_s, self._length_s)

    def notify_style_update(self) -> None:
        """Colours are part of a drawn line."""
        super().notify_style_update()
        self._drawn.clear()

    @property
    def _top(self) -> int:
        """The first lane in view: the chosen one always is."""
        room = max(1, self.size.height - 2)
        return max(0, min(self._lane, len(self._lanes) - 1) - room + 1)

    def render_line(self, y: int) -> Strip:
        """The ruler, a lane, or what is said about the cursor."""
        width, last = self.size.width, self.size.height - 1
        if y == last and y > 0:
            line = self._note()
        elif y == 0:
            line = self._marked(self._kept(-1), ruler=True)
        elif (lane := y - 1 + self._top) < len(self._lanes):
            line = self._marked(self._kept(lane), chosen=lane == self._lane)
        else:
            line = Strip([])
        return line.adjust_cell_length(width).apply_style(self.rich_style)

    def _note(self) -> Strip:
        """The cursor's time and what it stands on, the scale, and whether more is coming."""
        window, lane = self._window, self.lane
        cell = window.cell(self._cursor_s)
        said = timeline_words.under(
            self._timeline, lane, window.time_s(cell), window.time_s(cell + 1)
        )
        if self._log.header.get("timed") is False:
            said = "this recording does not say when its messages came"
        rest = timeline_words.reading(self._timeline, len(self._log))
        facts = (clock(self._cursor_s), said, f"{duration(window.cell_s)} a cell", *rest)
        return Strip([Segment(" · ".join(facts), self._style("note"))])

    def _marked(self, line: Strip, *, chosen: bool = False, ruler: bool = False) -> Strip:
        """With the cursor and the play head, and the label of the chosen lane."""
        window = self._window
        if chosen:
            line = _styled(line, 0, LABEL_CELLS - 1, self._style("chosen"))
        marks = [(self._cursor_s, "cursor", "◆")]
        if self._head_s is not None:
            marks.append((self._head_s, "head", "▼"))
        for time_s, look, sign in marks:
            cell = window.cell(time_s)
            if cell == window.cells:  # the very end
                cell -= 1
            if 0 <= cell < window.cells:
                at = cell + LABEL_CELLS
                line = _styled(line, at, at + 1, self._style(look), sign if ruler else "")
        return line

    def _kept(self, number: int) -> Strip:
        """A lane, or the ruler at -1, drawn again if it has changed."""
        key = self._content
        kept = self._drawn.get(number)
        if kept is None or kept[0] != key:
            strip = self._ruler() if number < 0 else self._draw(self._lanes[number])
            kept = self._drawn[number] = (key, strip)
        return kept[1]

    def _ruler(self) -> Strip:
        text = ""
        for cell, label in self._window.ticks():
            text = f"{text.ljust(cell)}{label}"
        blank = Segment(" " * LABEL_CELLS)
        return Strip([blank, Segment(text.ljust(self._window.cells), self._style("ruler"))])

    def _draw(self, lane: Lane) -> Strip:
        cells = lane_cells.cells(self._timeline, lane, self._window, self._length_s)
        segments = [Segment(f"{lane:<{LABEL_CELLS}}", self._style("label"))]
        for look, run in groupby(cells, key=lambda cell: cell[1]):
            text = "".join(char for char, _ in run)
            segments.append(Segment(text, self._style(look) if look else None))
        return Strip(segments)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"timeline--{part}", partial=part in _LAID_OVER)


_LAID_OVER: Final = frozenset({"chosen", "cursor"})
"""Looks that leave the colour as it is."""


def _styled(line: Strip, first: int, end: int, style: Style, text: str = "") -> Strip:
    """The line with a style laid over some cells, and other text in them."""
    before, inside, after = line.divide([first, end, line.cell_length])
    if text:
        inside = Strip([Segment(text, style)])
    return Strip.join([before, Strip(Segment.apply_style(inside, post_style=style)), after])
