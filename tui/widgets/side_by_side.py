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

ONE, OTHER, MORE, HEARD = "A", "B", "B − A", "heard"
"""The lines of an exchange; the last one only where both did not hear the same."""

_STYLES: Final = {ONE: "left", OTHER: "right", MORE: "dim", HEARD: "text"}
_SIGNS: Final = {LEFT: ("left", "A[{}]"), RIGHT: ("right", "B[{}]")}
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


def _figures(figures: Sequence[Figure], what: str) -> Iterator[tuple[str, int]]:
    """A line's figures as texts, with their cells."""
    place = (ONE, OTHER, MORE).index(what)
    for figure in figures:
        yield words_of.values(figure)[place], COLUMNS[figure.name][1]


def _cells(figures: Sequence[Figure], what: str) -> str:
    return "".join(f"{text:>{cells}}" for text, cells in _figures(figures, what))


class Total(Widget):
    """The headings, and below them medians and sums."""

    DEFAULT_CSS = "Total { height: 4;" + _CLASSES.replace("NAME", "total") + "}"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"total--{name}" for name in set(_STYLES.values())}

    def __init__(self) -> None:
        super().__init__()
        self._found = SideBySide((), ())

    def show(self, found: SideBySide) -> None:
        """Other figures."""
        self._found = found
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Headings, A, B, and their difference."""
        what = ("", ONE, OTHER, MORE)[y]
        style = self.get_component_rich_style(f"total--{_STYLES.get(what, 'dim')}", partial=True)
        if what == ONE and not self._found.total:
            text = NOTHING
        elif not what:
            text = " " * LABEL + "".join(f"{name:>{cells}}" for name, cells in COLUMNS.values())
        else:
            label = f"{what}, all" if what != MORE else what
            note = "   median · sum of each" if what == MORE and self._found.total else ""
            text = f"{label:<{LABEL}}{_cells(self._found.total, what)}{note}"
        width = self.size.width
        return Strip(fit([Segment(text, style)], width)).apply_style(self.rich_style)


class Exchanges(LineView):
    """Three lines a question, the last one at the end."""

    DEFAULT_CSS = "Exchanges {" + _CLASSES.replace("NAME", "exchanges") + "}"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"exchanges--{name}" for name in set(_STYLES.values())}

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
        lines = [line for exchange in exchanges for line in _lines(exchange)]
        if lines == self._lines:
            return
        pairs = enumerate(zip_longest(lines, self._lines))
        changed = [number for number, (new, old) in pairs if new != old]
        self._lines = lines
        self.redraw_lines(changed)
        if rides:
            self.action_cursor_end()

    def draw(self, line: int, width: int) -> Strip:
        """The label, the figures, and what they are about."""
        exchange, what = self._lines[line]
        style = self._style(_STYLES[what])
        if what == HEARD:
            label = Segment(f"{what:<{LABEL}}", self._style("dim"))
            return Strip(fit([label, *self._heard(exchange)], width))
        figures = f"{_label(exchange, what):<{LABEL}}{_cells(exchange.figures, what)}"
        note = Segment(f"   {_note(exchange, what)}", self._style("dim"))
        return Strip(fit([Segment(figures, style), note], width))

    def _heard(self, exchange: Exchange) -> Iterator[Segment]:
        """All words; those of one side alone in brackets."""
        for each in exchange.heard:
            style, form = _SIGNS.get(each.sign, ("text", "{}"))
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


def _lines(exchange: Exchange) -> Iterator[Line]:
    yield from (Line(exchange, what) for what in (ONE, OTHER, MORE))
    if exchange.misheard:
        yield Line(exchange, HEARD)


def _label(exchange: Exchange, what: str) -> str:
    """``A turn 3``."""
    if what == MORE:
        return what
    number = exchange.left if what == ONE else exchange.right
    return f"{what} {'–' if number is None else number}"


def _note(exchange: Exchange, what: str) -> str:
    """What was asked, whether the answer was heard, what the waits are measured from."""
    if what == MORE:
        return f"since {safe(exchange.anchor)}" if exchange.anchor else ""
    asked = [each.text for each in exchange.heard if each.sign != RIGHT] if what == ONE else []
    unheard = ["(not heard)"] if _unheard(exchange, what) else []
    return safe(" ".join(unheard + asked))


def _unheard(exchange: Exchange, what: str) -> bool:
    """Whether there is an answer, and none of its sound was played."""
    answered, sounded = (
        next(each for each in exchange.figures if each.name == name)
        for name in (side_by_side.FIRST_ANSWER, side_by_side.SOUND)
    )
    if what == ONE:
        return answered.left is not None and sounded.left is None
    return answered.right is not None and sounded.right is None
