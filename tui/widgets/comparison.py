"""Two sessions beside each other, drawn line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, Final

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from tui.core import comparison_text as words_of
from tui.core.comparison import (
    LEFT,
    RIGHT,
    SAME,
    Change,
    Comparison,
    Figure,
    Pair,
    Words,
)
from tui.core.text import safe
from tui.line_view import LineView, fit

LABEL: Final = 24
"""Cells for what a row is about, on terminals that have them; narrow ones give a quarter."""
MOST_CHARS: Final = 4000
"""How much of a value, or an answer, is laid out."""

_Piece = tuple[str, str]
"""Text, and the name of its style."""


@dataclass(frozen=True, slots=True)
class Row:
    """A sign, what it is about, and both values; a heading has the first alone."""

    sign: str
    label: str
    left: tuple[_Piece, ...] = ()
    right: tuple[_Piece, ...] = ()
    heading: bool = False


class ComparisonView(LineView):
    """The set-up, the figures, the findings, and pair by pair the turns."""

    DEFAULT_CSS = """
    ComparisonView {
        & > .comparison-view--heading { color: $bd-family-server-content; text-style: bold; }
        & > .comparison-view--dim { color: $bd-family-metadata; }
        & > .comparison-view--text { color: $foreground; }
        & > .comparison-view--left { color: $bd-sent; text-style: bold; }
        & > .comparison-view--right { color: $bd-received; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"comparison-view--{name}" for name in ("heading", "dim", "text", "left", "right")
    }

    def __init__(self) -> None:
        super().__init__()
        self._comparison: Comparison | None = None
        self._rows: list[Row] = []

    @property
    def line_count(self) -> int:
        """How many lines all of it takes."""
        return len(self._rows)

    def show(self, comparison: Comparison) -> None:
        """Show it from the first line."""
        self._comparison = comparison
        self._lay_out()
        self.move_cursor(0)

    def on_resize(self, event: events.Resize) -> None:
        """Words are wrapped for a width."""
        self._lay_out()

    def to_difference(self, step: int) -> None:
        """Go to the next line that differs, or with -1 the one before."""
        line = self.cursor + step
        while 0 <= line < len(self._rows):
            if self._rows[line].sign not in ("", SAME):
                self.move_cursor(line)
                return
            line += step

    def draw(self, line: int, width: int) -> Strip:
        """Sign, label, left, right."""
        row = self._rows[line]
        if row.heading:
            return Strip(fit([Segment(f"{row.sign:<2}{row.label}", self._style("heading"))], width))
        if not (row.label or row.left or row.right):
            return Strip.blank(width)
        label, column = _widths(width)
        differs = row.sign not in ("", SAME)
        sign = self._style("right" if row.sign == RIGHT else "left" if differs else "dim")
        name = self._style("text" if differs else "dim")
        return Strip(
            [
                Segment(f"{row.sign:<2}", sign),
                *fit([Segment(row.label, name)], label - 1),
                Segment(" "),
                *fit(self._pieces(row.left), column),
                Segment(" │ ", self._style("dim")),
                *fit(self._pieces(row.right), column),
            ]
        )

    def _pieces(self, pieces: Iterable[_Piece]) -> list[Segment]:
        return [Segment(text, self._style(name)) for text, name in pieces]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"comparison-view--{name}", partial=True)

    def _lay_out(self) -> None:
        if self._comparison is not None:
            self._rows = list(_rows(self._comparison, _widths(self.text_width or 80)[1]))
            self.redraw()


def _widths(width: int) -> tuple[int, int]:
    """Cells of the label, and of each of the two columns."""
    label = min(LABEL, width // 4)
    return label, max(8, (width - label - 5) // 2)


def _rows(comparison: Comparison, column: int) -> Iterator[Row]:
    left, right = comparison.left.figures, comparison.right.figures
    yield from _text("", "session", _whole(left.name, "left"), _whole(right.name, "right"), column)
    yield Row("", "")
    yield Row("", f"Set-up: paths that differ {len(comparison.setup)}", heading=True)
    for change in comparison.setup:
        yield from _change(change, column)
    yield Row("", "")
    yield Row("", "Figures", heading=True)
    yield from map(_figure, comparison.figures)
    if comparison.findings:
        yield Row("", "")
        yield Row("", "Findings", heading=True)
        yield from map(_figure, comparison.findings)
    for pair in comparison.pairs:
        yield Row("", "")
        yield from _pair(pair, column)


def _change(change: Change, column: int) -> Iterator[Row]:
    values = (words_of.setting(each)[:MOST_CHARS] for each in (change.left, change.right))
    left, right = (_whole(value, side) for value, side in zip(values, _SIDES, strict=True))
    yield from _text(change.sign, safe(change.path), left, right, column)


def _figure(figure: Figure) -> Row:
    sign = words_of.sign(figure)
    left, right, more = words_of.values(figure)
    styles = ("text", "text") if sign == SAME else _SIDES
    tail = ((f"  {more}", "dim"),) if more else ()
    return Row(sign, safe(figure.name), ((left, styles[0]),), ((right, styles[1]), *tail))


def _pair(pair: Pair, column: int) -> Iterator[Row]:
    left, right = words_of.numbers(pair)
    sign = SAME if pair.left and pair.right else LEFT if pair.left else RIGHT
    yield Row(
        "" if sign == SAME else sign,
        f"Turn {left} │ {right}  {safe(words_of.question(pair))}",
        heading=True,
    )
    for figure in pair.figures:
        if figure.left is not None or figure.right is not None:
            yield _figure(figure)
    for label, words in (("asked", pair.question), ("answered", pair.answer)):
        if words:
            same = all(each.sign == SAME for each in words)
            sides = (_side(words, LEFT, "left"), _side(words, RIGHT, "right"))
            yield from _text(SAME if same else "≠", label, *sides, column)


_SIDES: Final = ("left", "right")


def _side(words: Sequence[Words], sign: str, style: str) -> list[_Piece]:
    """One side's words; those that the other one has not are in its colour and in brackets."""
    mine = [each for each in words if each.sign in (SAME, sign)]
    return [
        (safe(each.text), "text") if each.sign == SAME else (f"[{safe(each.text)}]", style)
        for each in mine
    ]


def _whole(value: str, style: str) -> list[_Piece]:
    return [(safe(value), style)] if value else []


def _text(
    sign: str, label: str, left: Sequence[_Piece], right: Sequence[_Piece], column: int
) -> Iterator[Row]:
    """Text wrapped in both columns; sign and label at the first line."""
    lines = zip_longest(_wrapped(left, column), _wrapped(right, column), fillvalue=())
    for number, (one, other) in enumerate(lines):
        yield Row(sign if number == 0 else "", label if number == 0 else "", one, other)


def _wrapped(pieces: Sequence[_Piece], width: int) -> Iterator[tuple[_Piece, ...]]:
    """Lines of pieces, broken between words, and in words that are longer than a line."""
    line: list[_Piece] = []
    room, left = width, MOST_CHARS
    for text, style in pieces:
        for word in text[: max(0, left)].split():
            for part in chop_cells(word, width) if cell_len(word) > width else (word,):
                need = cell_len(part) + bool(line)
                if line and need > room:
                    yield tuple(line)
                    line, room, need = [], width, cell_len(part)
                line.append((f" {part}" if line else part, style))
                room -= need
        left -= len(text)
    if left < 0:
        line.append((" …", "dim"))
    if line:
        yield tuple(line)
