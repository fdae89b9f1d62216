"""Lines that are drawn when they are seen: what the message list and the inspector share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrolling list of lines with a cursor on one, whose text the mouse can select.

    A subclass says how many lines there are (`line_count`) and draws one (`draw`). Drawn lines are
    kept until `redraw`, or until the style or the width changes. They must not have a background:
    the cursor's is laid under them.
    """

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .line-view--cursor {
            background: $bd-row-cursor;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .line-view--cursor { text-style: $block-cursor-text-style; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_by(-1)", "Up", id="lines.up", show=False),
        Binding("down,j", "cursor_by(1)", "Down", id="lines.down", show=False),
        Binding("pageup", "cursor_by_pages(-1)", "Page up", id="lines.page_up", show=False),
        Binding("pagedown", "cursor_by_pages(1)", "Page down", id="lines.page_down", show=False),
        Binding("home,g", "cursor_home", "First line", id="lines.home", show=False),
        Binding("end,G", "cursor_end", "Last line", id="lines.end", show=False),
    ]

    cursor: var[int] = var(0, init=False)
    """The line that the keys act on."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._strips: LRUCache[int, Strip] = LRUCache(1024)
        self._ground: Style | None = None
        """The widget's style; Textual makes it anew of all its ancestors' each time."""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    @property
    def text_width(self) -> int:
        """Cells of a line, the scroll bar left out."""
        return self.scrollable_content_region.width

    def draw(self, line: int, width: int) -> Strip:
        """One line, for ``width`` cells; what is longer is cut."""
        raise NotImplementedError

    def activate(self) -> None:
        """The line under the cursor was double-clicked."""

    def redraw(self) -> None:
        """The lines are other ones now, or look otherwise."""
        self._strips.clear()
        self.cursor = self.cursor
        self._measure()
        self.refresh()

    def redraw_lines(self, changed: Iterable[int]) -> None:
        """These lines have changed, and there may be more after the last."""
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        in_view = self.virtual_size.height < bottom
        for line in changed:
            self._strips.discard(line)
            in_view |= top <= line < bottom
        self._measure()
        if in_view:
            self.refresh()

    def reveal(self, line: int) -> None:
        """Scroll as little as needed to have the line in view."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if line < top:
            self.scroll_to(y=line, animate=False, force=True)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False, force=True)

    def move_cursor(self, line: int) -> None:
        """Put the cursor on the line, or the nearest there is, and bring it into view."""
        self.cursor = line
        self.reveal(self.cursor)

    def action_cursor_by(self, lines: int) -> None:
        """Up or down."""
        self.move_cursor(self.cursor + lines)

    def action_cursor_by_pages(self, pages: int) -> None:
        """A page up or down."""
        self.move_cursor(self.cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def action_cursor_home(self) -> None:
        """To the first line."""
        self.move_cursor(0)

    def action_cursor_end(self) -> None:
        """To the last line."""
        self.move_cursor(self.line_count - 1)

    def validate_cursor(self, line: int) -> int:
        """There is no cursor beyond the lines."""
        return max(0, min(line, self.line_count - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Draw the two lines again."""
        self.refresh_line(before)
        self.refresh_line(after)

    def on_mount(self) -> None:
        """The size is known now."""
        self._measure()

    def on_resize(self, event: events.Resize) -> None:
        """Lines are drawn for a width."""
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there, unless the click ends a selection."""
        event.prevent_default()
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        line = self.scroll_offset.y + offset.y
        if line < self.line_count:
            self.move_cursor(line)
            if event.chain == 2:
                self.activate()

    def notify_style_update(self) -> None:
        """Colours are part of a drawn line."""
        super().notify_style_update()
        self._strips.clear()
        self._ground = None

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        line, width = self.scroll_offset.y + y, self.text_width
        ground = self._ground = self._ground or self.rich_style
        if line >= self.line_count:
            return Strip.blank(width, ground)
        strip = self._strip(line)
        if line == self.cursor:
            ground += self.get_component_rich_style("line-view--cursor")
            if ground.reverse:  # of many colours it would be a patchwork
                strip = Strip([Segment(strip.text)])
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(line)) is not None:
            strip = _marked(strip, span, self._selection_style)
        return strip.crop_extend(0, width, None).apply_style(ground).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text; where the selection has no end of its own, as far as is in view."""
        top, height = self.scroll_offset.y, self.size.height
        first = top if selection.start is None else selection.start.y
        last = top + height - 1 if selection.end is None else selection.end.y
        lines: list[str] = []
        for line in range(max(0, first), min(last + 1, self.line_count)):
            if (span := selection.get_span(line)) is not None:
                start, end = span
                lines.append(self._strip(line).text[start : None if end < 0 else end].rstrip())
        return "\n".join(lines), "\n"

    @property
    def _selection_style(self) -> Style:
        return self.screen.get_component_rich_style("screen--selection", partial=True)

    def _strip(self, line: int) -> Strip:
        strip = self._strips.get(line)
        if strip is None:
            strip = self.draw(line, self.text_width).crop(0, self.text_width)
            self._strips[line] = strip
        return strip

    def _measure(self) -> None:
        """Tell the scroll bar how many lines there are."""
        self.virtual_size = Size(0, self.line_count)


def fit(segments: Iterable[Segment], width: int, tail: Iterable[Segment] = ()) -> list[Segment]:
    """The segments in exactly ``width`` cells, cut with ``…`` or filled up; all of ``tail``."""
    strip, tail = Strip(segments), Strip(tail)
    missing = width - strip.cell_length - tail.cell_length
    if missing >= 0:
        return [*strip, *tail, Segment(" " * missing)]
    return [*strip.crop(0, max(0, strip.cell_length + missing - 1)), Segment("…"), *tail]


def _marked(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    """The strip with the style over characters ``span``; -1 is the end of the line."""
    text = strip.text
    start, end = (cell_len(text[:at]) if at >= 0 else strip.cell_length for at in span)
    before, inside, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end)
    marked = Strip(Segment.apply_style(inside, post_style=style), inside.cell_length)
    return Strip.join([before, marked, after])
