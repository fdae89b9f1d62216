"""What became of the same input in several sessions, in lines, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tui.core import comparison, comparison_text, trial
from tui.core.comparison import LEFT, RIGHT, SAME, Comparison
from tui.core.cost import Prices
from tui.core.latency import NOT_KNOWN
from tui.core.row_text import duration
from tui.core.trial import Cell, Column, Input, Row, Total
from tui.core.word_errors import WordErrors

MARKS: Final = {SAME: "{}", LEFT: "[-{}-]", RIGHT: "{{+{}+}}"}
"""wdiff's."""
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAME_CHARS, CELL_CHARS = 20, 11


@dataclass(frozen=True)
class Trial:
    """All of it."""

    sources: Sequence[str]
    inputs: Sequence[Input]
    columns: Sequence[Column]
    """The first one is what the others are compared with."""
    prices: Prices
    notes: Sequence[str]

    @property
    def rows(self) -> list[Row]:
        """What became of each input."""
        return trial.rows(self.inputs, self.columns, self.prices)

    def totals(self, rows: Sequence[Row]) -> list[Total]:
        """What that comes to, a column each."""
        return [
            trial.total([row.cells[n] for row in rows], column.side)
            for n, column in enumerate(self.columns)
        ]

    @property
    def comparisons(self) -> list[Comparison]:
        """Each column beside the first."""
        first = self.columns[0].side
        return [comparison.compare(first, each.side, self.prices) for each in self.columns]


def lines(of: Trial) -> Iterator[str]:
    """A report: who was asked, each input, all together, findings."""
    rows, compared = of.rows, of.comparisons
    for letter, column in zip(LETTERS, of.columns, strict=False):
        figures = column.side.figures
        model, origin = figures.model or NOT_KNOWN, figures.origin or NOT_KNOWN
        yield f"{letter}  {column.label}: {model}, {origin}"
        yield f"   {figures.name}"
        if column.problem:
            yield f"   {column.problem}"
    yield from _setups(compared)
    if not all(each.typed for each in of.inputs):
        yield "   times of speech: + is later than this machine hears it in what was sent"
    for number, row in enumerate(rows, 1):
        yield ""
        yield from _row(number, row, of)
    yield ""
    yield from _totals(of.totals(rows))
    yield from _figures(compared)
    yield from _findings(compared)
    for note in of.notes:
        yield f"note: {note}"
    origins = {column.side.figures.origin for column in of.columns}
    if len(origins) > 1 and "emulator" in origins:
        yield "note: the emulator is not Gemini: its answers and latencies tell of no model."


def document(of: Trial) -> dict[str, Any]:
    """All of it for JSON; seconds, and null is not known."""
    rows = of.rows
    pairs = zip(of.columns, of.totals(rows), of.comparisons, strict=True)
    return {
        "sources": list(of.sources),
        "columns": [
            {
                "label": column.label,
                "problem": column.problem,
                "total": _total(total),
                "comparison": comparison_text.document(compared),
            }
            for column, total, compared in pairs
        ],
        "inputs": [
            {
                "source": of.sources[row.input.source],
                "begin_s": row.input.begin_s,
                "end_s": row.input.end_s,
                "typed": row.input.typed,
                "noise": row.input.noise,
                "text": row.input.text or None,
                "columns": [_cell(cell) for cell in row.cells],
            }
            for row in rows
        ],
        "notes": list(of.notes),
    }


# ---- the parts of the report


def _setups(compared: Sequence[Comparison]) -> Iterator[str]:
    for letter, each in zip(LETTERS, compared, strict=False):
        for change in each.setup:
            left, right = (comparison_text.setting(side) for side in (change.left, change.right))
            yield f"   {letter} {change.path}: {left or 'none'} → {right or 'none'}"


def _row(number: int, row: Row, of: Trial) -> Iterator[str]:
    each, cells = row.input, row.cells
    where = f"{of.sources[each.source]}  " if len(of.sources) > 1 else ""
    when = clock(each.begin_s) if each.typed else f"{clock(each.begin_s)} – {clock(each.end_s)}"
    said = f"  {each.text}" if each.text else ""
    kind = "typed" if each.typed else "no speech" if each.noise else "spoken"
    yield f"{number}  {where}{when}  {kind}{said}"
    if not each.typed:
        yield from _said("heard", [cell.heard for cell in cells], each.text)
    yield from _said("answer", [cell.answer for cell in cells], "")
    yield f"   {'':<{NAME_CHARS}}{_cells(LETTERS[: len(cells)])}"
    for name, read in _CELLS.items():
        words = [read(cell) for cell in cells]
        if any(word not in ("", NOT_KNOWN) for word in words):
            yield f"   {name:<{NAME_CHARS}}{_cells(words)}"


def _said(what: str, texts: Sequence[str], reference: str) -> Iterator[str]:
    """The words of each column; those that differ from the first, or what is known, are marked."""
    first = reference or texts[0]
    for n, (letter, text) in enumerate(zip(LETTERS, texts, strict=False)):
        if n and text == texts[0]:
            shown = f"= {LETTERS[0]}" if text else ""
        else:
            shown = marked(first, text) if n or reference else text
        yield f"   {what if not n else '':<7} {letter} {shown or '–'}"


def marked(left: str, right: str) -> str:
    """The right text, words of one side alone in wdiff's brackets."""
    return " ".join(MARKS[each.sign].format(each.text) for each in comparison.words(left, right))


def _totals(totals: Sequence[Total]) -> Iterator[str]:
    yield f"   {'all inputs':<{NAME_CHARS}}{_cells(LETTERS[: len(totals)])}"
    for name, read in _TOTALS.items():
        words = [read(each) for each in totals]
        if any(word != NOT_KNOWN for word in words):
            yield f"   {name:<{NAME_CHARS}}{_cells(words)}"


def _figures(compared: Sequence[Comparison]) -> Iterator[str]:
    for number, figure in enumerate(compared[0].figures):
        values = [each.figures[number] for each in compared]
        if figure.name in _SHOWN and any(each.right is not None for each in values):
            words = [comparison_text.values(each)[1] for each in values]
            yield f"   {figure.name:<{NAME_CHARS}}{_cells(words)}"


def _findings(compared: Sequence[Comparison]) -> Iterator[str]:
    sides = [each.right.rules or {} for each in compared]
    found = sorted({rule for rules in sides for rule in rules})
    if found:
        yield ""
        yield f"   {'findings':<{NAME_CHARS}}{_cells(LETTERS[: len(sides)])}"
    for rule in found:
        yield f"   {rule:<{NAME_CHARS}}{_cells([str(rules.get(rule, 0)) for rules in sides])}"


_SHOWN = ("length", "connections", "turns", "tool calls", "tokens", "cost (estimate)")


def _cells(words: Sequence[str]) -> str:
    return "".join(f"{word:>{CELL_CHARS}}" for word in words).rstrip()


# ---- values in words


def clock(seconds: float) -> str:
    """``1:02.3``."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:04.1f}"


def signed(seconds: float | None) -> str:
    """``+120 ms``: later than it was."""
    if seconds is None:
        return NOT_KNOWN
    amount = duration(abs(seconds))
    return amount if amount == duration(0) else f"{'−' if seconds < 0 else '+'}{amount}"


def _rate(errors: WordErrors | None) -> str:
    if errors is None or errors.rate is None:
        return NOT_KNOWN
    return f"{errors.rate:.0%}"


def _seconds(seconds: float | None) -> str:
    return NOT_KNOWN if seconds is None else duration(seconds)


_CELLS: Final[dict[str, Callable[[Cell], str]]] = {
    "speech begins": lambda cell: signed(cell.begin_s),
    "speech ends": lambda cell: signed(cell.end_s),
    "end decided": lambda cell: signed(cell.decided_s),
    "first byte": lambda cell: signed(cell.first_byte_s),
    "heard in pieces": lambda cell: str(cell.pieces) if cell.pieces > 1 else "",
    "answers": lambda cell: "" if len(cell.answers) == 1 else str(len(cell.answers)),
    "began too early": lambda cell: "yes" if cell.early else "",
    "interrupted": lambda cell: "yes" if cell.interrupted else "",
    "word errors": lambda cell: _rate(cell.errors),
    "tokens": lambda cell: NOT_KNOWN if cell.tokens is None else f"{cell.tokens:,}",
    "cost (estimate)": lambda cell: NOT_KNOWN if cell.dollars is None else f"${cell.dollars:.4f}",
}

_TOTALS: Final[dict[str, Callable[[Total], str]]] = {
    "answered": lambda total: str(total.answered),
    "began too early": lambda total: str(total.early),
    "split": lambda total: str(total.split),
    "not answered": lambda total: str(total.unanswered),
    "interrupted": lambda total: str(total.interrupted),
    "end decided p50": lambda total: _seconds(total.decided_p50_s),
    "first byte p50": lambda total: _seconds(total.first_byte_p50_s),
    "first byte p95": lambda total: _seconds(total.first_byte_p95_s),
    "word errors": lambda total: _rate(total.errors),
}


def _total(total: Total) -> dict[str, Any]:
    return {
        "answered": total.answered,
        "early": total.early,
        "split": total.split,
        "unanswered": total.unanswered,
        "interrupted": total.interrupted,
        "decided_p50_s": total.decided_p50_s,
        "first_byte_p50_s": total.first_byte_p50_s,
        "first_byte_p95_s": total.first_byte_p95_s,
        "word_error_rate": total.errors and total.errors.rate,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "sent": cell.sent,
        "turns": [turn.number for turn in cell.turns],
        "heard": cell.heard,
        "answer": cell.answer,
        "pieces": cell.pieces,
        "speech_begin_s": cell.begin_s,
        "speech_end_s": cell.end_s,
        "decided_s": cell.decided_s,
        "first_byte_s": cell.first_byte_s,
        "early": cell.early,
        "interrupted": cell.interrupted,
        "tokens": cell.tokens,
        "cost_usd": cell.dollars,
        "word_error_rate": cell.errors and cell.errors.rate,
    }
