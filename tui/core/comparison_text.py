"""A comparison in words: its figures with their units, and the whole of it as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from tui.core import fleet
from tui.core.comparison import BOTH, SAME, Change, Comparison, Figure, Pair, Side, Words
from tui.core.latency import NOT_KNOWN
from tui.core.row_text import duration
from tui.core.turn import Turn


def values(figure: Figure) -> tuple[str, str, str]:
    """Left, right, and by how much the right one is more; empty where that is nothing."""
    more = figure.difference
    return (
        _value(figure.left, figure.unit),
        _value(figure.right, figure.unit),
        f"{'+' if more > 0 else '−'}{_value(abs(more), figure.unit)}" if more else "",
    )


def sign(figure: Figure) -> str:
    """Whether they are the same."""
    return SAME if figure.left == figure.right else BOTH


def setting(value: Any) -> str:
    """A value of the set-up as JSON; empty where there is none."""
    return "" if value is None else orjson.dumps(value, default=str).decode()


def question(pair: Pair) -> str:
    """What was asked, as far as it is known."""
    turn = pair.left or pair.right
    asked = " ".join(turn.user.split()) if turn else ""
    return asked or "(question not known)"


def numbers(pair: Pair) -> tuple[str, str]:
    """The numbers of the turns; a dash where there is none."""
    return _number(pair.left), _number(pair.right)


def document(comparison: Comparison) -> dict[str, Any]:
    """All of it for JSON."""
    return {
        "a": _side(comparison.left),
        "b": _side(comparison.right),
        "setup": [_change(each) for each in comparison.setup],
        "figures": [_figure(each) for each in comparison.figures],
        "findings": [_figure(each) for each in comparison.findings],
        "turns": [
            {
                "a": pair.left and pair.left.number,
                "b": pair.right and pair.right.number,
                "question": _words(pair.question),
                "answer": _words(pair.answer),
                "figures": [_figure(each) for each in pair.figures],
            }
            for pair in comparison.pairs
        ],
    }


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return NOT_KNOWN
    if unit == "s":
        return duration(value)
    return f"${value:.4f}" if unit == "$" else f"{value:,.0f}"


def _number(turn: Turn | None) -> str:
    return str(turn.number) if turn else "–"


def _side(of: Side) -> dict[str, Any]:
    return {**fleet.session_row(of.figures), "rules": of.rules}


def _change(change: Change) -> dict[str, Any]:
    return {"path": change.path, "sign": change.sign, "a": change.left, "b": change.right}


def _figure(figure: Figure) -> dict[str, Any]:
    return {"name": figure.name, "unit": figure.unit, "a": figure.left, "b": figure.right}


def _words(words: Sequence[Words]) -> list[dict[str, str]]:
    return [{"sign": each.sign, "text": each.text} for each in words]
