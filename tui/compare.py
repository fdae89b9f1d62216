"""`bidiscope compare`: two sessions as a report, or as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import orjson

from tui.core import comparison_text as words_of
from tui.core.comparison import LEFT, RIGHT, SAME, Comparison, Figure, Pair, Side, Words
from tui.core.comparison import compare as compared
from tui.core.comparison import side as side_of
from tui.core.cost import Prices
from tui.core.lint.linter import all_findings
from tui.core.text import safe
from tui.importers.opening import open_log
from tui.outcome import Outcome
from tui.prices import prices


def run(left: Path, right: Path, form: str) -> int:
    """Print how the two differ; returns the exit code."""
    comparison = of_files(left, right)
    if form == "json":
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        sys.stdout.buffer.write(
            orjson.dumps(words_of.document(comparison), option=options, default=str)
        )
        sys.stdout.buffer.flush()
    else:
        for line in report(comparison):
            print(safe(line))
    return Outcome.OK


def of_files(left: Path, right: Path) -> Comparison:
    """The sessions in two files beside each other; takes as long as reading them.

    Raises:
        JournalError: One of them cannot be read, or the user's prices cannot.
    """
    table = prices()
    return compared(_side(left, table), _side(right, table), table)


def _side(path: Path, table: Prices) -> Side:
    with closing(open_log(path)) as log:
        rules = Counter(finding.rule.id for finding in all_findings(log))
        return side_of(log, str(path), table, rules)


def report(comparison: Comparison) -> Iterator[str]:
    """The comparison in lines: a sign, what it is about, both values."""
    yield f"A  {comparison.left.figures.name}"
    yield f"B  {comparison.right.figures.name}"
    yield ""
    yield f"set-up, paths that differ: {len(comparison.setup)}"
    for change in comparison.setup:
        yield f"{change.sign} {change.path}"
        yield from _labelled("A", words_of.setting(change.left))
        yield from _labelled("B", words_of.setting(change.right))
    yield ""
    yield f"  {'figures':<22}{'A':>12}{'B':>12}{'B − A':>13}"
    yield from _figures(comparison.figures)
    if comparison.findings:
        yield ""
        yield f"  {'findings':<22}{'A':>12}{'B':>12}{'B − A':>13}"
        yield from _figures(comparison.findings)
    for pair in comparison.pairs:
        yield ""
        yield from _pair(pair)


def _labelled(label: str, value: str) -> Iterator[str]:
    if value:
        yield f"    {label} {value}"


def _figures(figures: Sequence[Figure]) -> Iterator[str]:
    for figure in figures:
        left, right, more = words_of.values(figure)
        yield f"{words_of.sign(figure)} {figure.name:<22}{left:>12}{right:>12}{more:>13}".rstrip()


def _pair(pair: Pair) -> Iterator[str]:
    left, right = words_of.numbers(pair)
    sign = SAME if pair.left and pair.right else LEFT if pair.left else RIGHT
    yield f"{sign} turn {left} | {right}  {_marked(pair.question) or words_of.question(pair)}"
    yield from _figures([each for each in pair.figures if each.left is not None or each.right])
    yield f"  {_marked(pair.answer)}"


def _marked(words: Sequence[Words]) -> str:
    """Words of one side alone in the brackets of wdiff."""
    marks = {SAME: "{}", LEFT: "[-{}-]", RIGHT: "{{+{}+}}"}
    return " ".join(marks[each.sign].format(each.text) for each in words)
