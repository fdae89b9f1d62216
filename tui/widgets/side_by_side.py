"""What differs between two sessions, question by question, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from tui.core import comparison_text as words_of
from tui.core import side_by_side
from tui.core.comparison import LEFT, RIGHT, Figure
from tui.core.latency import NOT_KNOWN
from tui.core.side_by_side import Exchange, SideBySide
from tui.core.text import safe
from tui.line_view import LineView, fit

COLUMNS: Final = {
    side_by_side.FIRST_BYTE: ("to byte", 9),
    side_by_side.FIRST_ANSWER: ("to answer", 10),
    side_by_side.SOUND: ("to sound", 9),
    side_by_side.WORDS: ("words", 7),
    side_by_side.TOKENS: ("tokens", 8),
    side_by_side.COST: ("cost", 9),
    side_by_side.INTERRUPTED: ("cut", 5),
    side_by_side.FOUND: ("findings", 10),
}
"""Heading and cells of each figure."""
LABEL: Final = 9
NOTHING: Final = "Nothing has been said yet: speak, or type below; both are asked."

ASKED, ONE, OTHER, MORE = "asked", "A", "B", "B − A"
"""The lines of an exchange."""

_STYLES: Final = {ASKED: "dim", ONE: "left", OTHER: "right", MORE: "dim"}
_WORDS: Final = {LEFT: ("left", "A[{}]"), RIGHT: ("right", "B[{}]")}
_LOOKS: Final = ("left", "right", "dim", "text")
_CLASSES: Final = """
        & > .NAME--left { color: $bd-sent; }
        & > .NAME--right { color: $bd-received; }
        & > .NAME--dim { color: $bd-family-metadata; }
        & > .NAME--text { color: $foreground; }
"""


class Line(NamedTuple):
    """One line of the list."""

    exchange: Exchange
    what: str


def _cells(figures: Sequence[Figure], what: str) -> str:
    """A line's figures in their columns; an answer that nobody heard has no sound."""
    place = (ONE, OTHER, MORE).index(what)
    texts = {each.name: words_of.values(each)[place] for each in figures}
    if texts.get(side_by_side.SOUND) == NOT_KNOWN != texts[side_by_side.FIRST_ANSWER]:
        texts[side_by_side.SOUND] = "unheard"
    return "".join(f"{text:>{COLUMNS[name][1]}}" for name, text in texts.items())


class Total(Widget):
    """The headings, and below them medians and sums."""

    DEFAULT_CSS = "Total { height: 4;" + _CLASSES.replace("NAME", "total") + "}"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"total--{name}" for name in _LOOKS}

    def __init__(self) -> None:
        super().__init__()
        self._found = SideBySide((), ())
        self.tooltip = _TOTAL

    def show(self, found: SideBySide) -> None:
        """Other figures."""
        self._found = found
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Headings, A, B, and their difference."""
        empty = not self._found.total
        what = "" if empty else ("", ONE, OTHER, MORE)[y]
        style = self.get_component_rich_style(f"total--{_STYLES.get(what, 'dim')}", partial=True)
        if empty and y:
            text = NOTHING if y == 1 else ""
        elif not what:
            text = " " * LABEL + "".join(f"{name:>{cells}}" for name, cells in COLUMNS.values())
        else:
            text = f"{what if what == MORE else f'{what}, all':<{LABEL}}"
            text += _cells(self._found.total, what)
        width = self.size.width
        return Strip(fit([Segment(text, style)], width)).apply_style(self.rich_style)


class Exchanges(LineView):
    """Four lines a question, the last one at the end."""

    DEFAULT_CSS = "Exchanges {" + _CLASSES.replace("NAME", "exchanges") + "}"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"exchanges--{name}" for name in _LOOKS}

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []

    @property
    def line_count(self) -> int:
        """All lines of all questions."""
        return len(self._lines)

    def show(self, exchanges: Iterable[Exchange]) -> None:
        """Other ones; the cursor stays on the last one if it is there."""
        rides = self.cursor >= self.line_count - 1
        lines = [Line(exchange, what) for exchange in exchanges for what in _STYLES]
        if lines == self._lines:
            return
        pairs = enumerate(zip_longest(lines, self._lines))
        changed = [number for number, (new, old) in pairs if new != old]
        self._lines = lines
        self.redraw_lines(changed)
        if rides:
            self.action_cursor_end()

    def draw(self, line: int, width: int) -> Strip:
        """What was asked, or a label and the figures."""
        exchange, what = self._lines[line]
        if what == ASKED:
            since = f"since {safe(exchange.anchor)}" if exchange.anchor else ""
            return Strip(fit(self._asked(exchange), width, [Segment(since, self._style("dim"))]))
        figures = f"{what:<{LABEL}}{_cells(exchange.figures, what)}"
        return Strip(fit([Segment(figures, self._style(_STYLES[what]))], width))

    def _asked(self, exchange: Exchange) -> Iterator[Segment]:
        """The turns' numbers, and the words; those that one alone heard in brackets."""
        numbers = ("–" if each is None else str(each) for each in (exchange.left, exchange.right))
        yield Segment(f"{' · '.join(numbers):<{LABEL}}", self._style("dim"))
        for each in exchange.heard:
            style, form = _WORDS.get(each.sign, ("text", "{}")) if exchange.misheard else _PLAIN
            yield Segment(form.format(safe(each.text)) + " ", self._style(style))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"exchanges--{name}", partial=True)


class SideBySideView(Vertical):
    """The totals, which stay, and the questions."""

    DEFAULT_CSS = """
    SideBySideView { & > Exchanges { height: 1fr; } }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._total = Total()
        self.exchanges = Exchanges()

    def compose(self) -> ComposeResult:
        """Head and list."""
        yield self._total
        yield self.exchanges

    def show(self, found: SideBySide) -> None:
        """Bring it up to date."""
        self._total.show(found)
        self.exchanges.show(found.exchanges)


_TOTAL: Final = (
    "Of the waits the median, over the questions that both have answered (of the sound: that one "
    "has played); of all else the sum."
)
_PLAIN: Final = ("text", "{}")
