"""The query language's help, read from the tables that the parser reads."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from tui.core.fields import FIELDS
from tui.core.query import SYNTAX

Row = tuple[str, str, str]
"""How it is written, what it means, an example."""

UNITS = (
    ("900  64k  1.5m", "Bytes: k, m, g are powers of 1000; ki, mi of 1024."),
    ("800ms  1.5s  2m  1:20  1:02:03", "Times: a number without a unit is seconds."),
    ("turn:3-5  dt:1s-2s", "A range, both ends counted. turn:3|5 is one or the other."),
)


def sections() -> Iterator[tuple[str, list[Row]]]:
    """The titles of the help, and what stands under each."""
    yield "Words and terms", list(SYNTAX)
    yield (
        "Fields",
        [
            (
                field.usage,
                field.meaning
                if len(field.operators) < 2
                else f"{field.meaning} {_takes(*field.operators)}",
                field.example,
            )
            for field in FIELDS
        ],
    )
    yield "Numbers", [(usage, meaning, "") for usage, meaning in UNITS]


def page(width: int) -> str:
    """The help as plain text."""
    lines: list[str] = []
    for title, rows in sections():
        lines += [f"{title.lower()}:"]
        for usage, meaning, example in rows:
            said = f"{meaning} E.g. {example}" if example else meaning
            first, *rest = wrap(said, width - 20, break_long_words=False, break_on_hyphens=False)
            fits = len(usage) <= 16
            lines += [f"  {usage:<18}{first}"] if fits else [f"  {usage}", f"{'':20}{first}"]
            lines += [f"{'':20}{line}" for line in rest]
        lines += [""]
    return "\n".join(lines).rstrip()


def _takes(*operators: str) -> str:
    return f"({' '.join(operators)})"
