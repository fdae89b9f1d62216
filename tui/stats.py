"""`bidiscope stats`: the figures of one session as a page, of many as one table."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from tui.core import fleet, latency
from tui.core.cost import Prices
from tui.core.journal import JournalError
from tui.core.latency import Measure
from tui.core.lint.linter import all_findings
from tui.core.row_text import duration, size_text
from tui.core.statistics import Statistics, Traffic, is_timed, statistics
from tui.core.text import safe
from tui.importers.opening import open_log
from tui.outcome import Outcome
from tui.prices import prices


@dataclass(frozen=True, slots=True)
class Read:
    """A session that was read: its figures, and the rows of its turns."""

    figures: Statistics
    turns: list[fleet.Row]


def run(files: Sequence[Path], form: str, parquet: Path | None) -> int:
    """Print the figures of the files; returns the exit code.

    A file that cannot be read is told of on stderr, and the others go on.
    """
    if parquet is not None:
        from tui.exporters import parquet as writer

        writer.check()
    table, code, read = prices(), Outcome.OK, []
    for path in files:
        try:
            read.append(_read(path, table))
        except JournalError as error:
            print(f"bidiscope: {safe(str(error))}", file=sys.stderr)
            code = Outcome.FAILED
    if not read:
        return code
    if form == "json":
        rows = [{**fleet.session_row(each.figures), "turn_rows": each.turns} for each in read]
        sys.stdout.buffer.write(orjson.dumps(rows, option=_JSON))
        sys.stdout.buffer.flush()
    elif len(files) == 1:
        print("\n".join(page(read[0].figures)))
    else:
        print("\n".join(table_of([each.figures for each in read], _width())))
    if parquet is not None:
        sessions = (fleet.session_row(each.figures) for each in read)
        writer.write(parquet, sessions, (row for each in read for row in each.turns))
        print(f"Wrote {parquet} and {writer.turns_path(parquet).name}.", file=sys.stderr)
    return code


_JSON = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def print_columns() -> int:
    """The columns of both tables: name, type, meaning."""
    for title, columns in (("sessions", fleet.SESSIONS), ("turns", fleet.TURNS)):
        print(f"{title}\n")
        for column in columns:
            print(f"  {column.name:<24} {column.type:<12} {column.meaning}".rstrip())
        print()
    return Outcome.OK


def _read(path: Path, table: Prices) -> Read:
    with closing(open_log(path)) as log:
        found = Counter(finding.severity.word for finding in all_findings(log))
        figures = statistics(log, str(path), table, found)
        turns = fleet.turn_rows(str(path), log.session, table, timed=is_timed(log))
        return Read(figures, list(turns))


# ---- one session: a page


def page(figures: Statistics) -> Iterator[str]:
    """The figures of one session, a line each."""
    for label, value in _lines(figures):
        yield f"{label:<14}{safe(value)}" if value else label


def _lines(figures: Statistics) -> Iterator[tuple[str, str]]:
    turns, talk = figures.turns, figures.talk
    yield "session", figures.name
    yield "model", ", ".join(filter(None, (*figures.models, figures.origin))) or "n/a"
    yield "started", str(fleet.session_row(figures)["started"] or "n/a").replace("T", " ")[:19]
    yield "length", f"{_s(figures.lasted_s)}, connected {_s(figures.connected_s)}"
    yield "connections", f"{figures.connections}, last close {_or_na(figures.close_code)}"
    yield "sent", _traffic(figures.sent)
    yield "received", f"{_traffic(figures.received)}, unknown to the SDK {figures.unknown}"
    if figures.passages:
        yield "passages", f"{figures.passages} of what was heard: such a session has no turns"
    yield (
        "turns",
        f"{turns.total}, answered {turns.answered}, interrupted {turns.interrupted}"
        f" ({_percent(turns.interruption_rate)}), cut {turns.cut}",
    )
    yield "tool calls", f"{turns.calls}, answered {turns.calls_answered}"
    yield "user spoke", f"{_s(talk.user_s)} ({talk.user_by or 'nobody told'})"
    yield (
        "model spoke",
        f"{_s(talk.model_s)} (heard, else received) of {_s(talk.received_s)}; user's share"
        f" {_percent(talk.user_share)}",
    )
    yield "tokens", _tokens(figures)
    dated = f", prices of {figures.prices_dated}" if figures.cost.dollars is not None else ""
    yield "cost", f"{figures.cost.text}{dated}"
    yield "sound", f"gaps {turns.gaps} ({_s(turns.gap_s)}), underruns {_or_na(turns.underruns)}"
    if figures.findings is not None:
        yield "findings", _counted(figures.findings) or "none"
    yield "", ""
    yield f"{'latency':<46}{'n':>5}{'p50':>11}{'p95':>11}   ({latency.METHOD})", ""
    for key, measure in figures.measures.items():
        if measure.values_s or key not in latency.CONTINUOUS:
            yield _measure(measure), ""
    if figures.anchors:
        yield "measured from", _counted(figures.anchors)


def _measure(measure: Measure) -> str:
    p50, p95 = (latency.text(measure.percentile_s(percent)) for percent in fleet.PERCENTS)
    return f"  {measure.name:<44}{len(measure.values_s):>5}{p50:>11}{p95:>11}"


def _tokens(figures: Statistics) -> str:
    usage = figures.usage
    sides = (
        ("prompt", usage.prompt, usage.prompt_by),
        ("answer", usage.response, usage.response_by),
    )
    said = [f"{side} {count:,}" + (f" ({_counted(by)})" if by else "") for side, count, by in sides]
    return ", ".join((f"{usage.total:,}", *said, f"thoughts {usage.thoughts:,}"))


def _traffic(traffic: Traffic) -> str:
    return f"{traffic.messages:,} messages, {size_text(traffic.size)}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} {count:,}" for what, count in counts.items())


def _s(seconds: float | None) -> str:
    return latency.NOT_KNOWN if seconds is None else duration(seconds)


def _percent(share: float | None) -> str:
    return latency.NOT_KNOWN if share is None else f"{share:.0%}"


def _or_na(value: int | None) -> str:
    return latency.NOT_KNOWN if value is None else str(value)


# ---- many sessions: a table

_COLUMNS = (
    *("session", "model", "length", "turns", "intr.", "byte p50", "byte p95"),
    *("sound p50", "sound p95", "tokens", "cost est.", "talk", "err/warn/note"),
)
_DISPENSABLE = (
    *("talk", "model", "err/warn/note", "tokens", "byte p95", "sound p95", "intr."),
    *("length", "cost est.", "sound p50"),
)
"""What a narrow terminal does without, the first one first."""

_MEASURES = ("first_byte", "sound")


def table_of(all_figures: Sequence[Statistics], width: int | None) -> Iterator[str]:
    """One row a session, and one of them all; ``width`` None has room for everything."""
    rows = [dict(zip(_COLUMNS, _cells(each), strict=True)) for each in all_figures]
    rows.append(dict(zip(_COLUMNS, _together(all_figures), strict=True)))
    shown = list(_COLUMNS)
    if all(row["err/warn/note"] == "" for row in rows):
        shown.remove("err/warn/note")
    dispensable = [name for name in _DISPENSABLE if name in shown]
    while width is not None and dispensable and _needed(shown, rows) > width:
        shown.remove(dispensable.pop(0))
    spare = None if width is None else width - _needed(shown[1:], rows) - 2
    for row in ({name: name for name in _COLUMNS}, *rows):
        yield _line(row, shown, rows, spare)


def _needed(shown: Sequence[str], rows: Sequence[Mapping[str, str]]) -> int:
    """Cells of the columns; the session's name can be cut to 12."""
    widths = (_room(name, rows) if name != "session" else 12 for name in shown)
    return sum(widths) + 2 * (len(shown) - 1)


def _room(name: str, rows: Sequence[Mapping[str, str]]) -> int:
    return max(len(name), *(len(row[name]) for row in rows))


def _line(
    row: Mapping[str, str],
    shown: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    spare: int | None,
) -> str:
    room = _room("session", rows)
    name, width = row["session"], room if spare is None else min(room, max(12, spare))
    if len(name) > width:
        name = f"…{name[len(name) - width + 1 :]}"
    cells = [f"{name:<{width}}"]
    for column in shown[1:]:
        align = "<" if column == "model" else ">"
        cells.append(f"{row[column]:{align}{_room(column, rows)}}")
    return "  ".join(cells).rstrip()


def _cells(figures: Statistics) -> tuple[str, ...]:
    measured = [figures.measures[key].values_s for key in _MEASURES]
    dollars, found = figures.cost.dollars, figures.findings
    return (
        safe(figures.name),
        safe(figures.model) or latency.NOT_KNOWN,
        _s(figures.lasted_s),
        str(figures.turns.total),
        _percent(figures.turns.interruption_rate),
        *_percentiles(measured),
        f"{figures.usage.total:,}",
        latency.NOT_KNOWN if dollars is None else _dollars(dollars, bool(figures.cost.unpriced)),
        _percent(figures.talk.user_share),
        "" if found is None else "/".join(str(found.get(k, 0)) for k in ("error", "warn", "note")),
    )


def _together(all_figures: Sequence[Statistics]) -> tuple[str, ...]:
    """Sums; the percentiles are those of all turns, not of the sessions'."""
    measured = [
        [value for each in all_figures for value in each.measures[key].values_s]
        for key in _MEASURES
    ]
    answered = sum(each.turns.answered for each in all_figures)
    interrupted = sum(each.turns.interrupted for each in all_figures)
    dollars = [each.cost.dollars for each in all_figures if each.cost.dollars is not None]
    part = len(dollars) < len(all_figures) or any(each.cost.unpriced for each in all_figures)
    return (
        f"all {len(all_figures)}",
        "",
        _s(sum(each.lasted_s or 0.0 for each in all_figures)),
        str(sum(each.turns.total for each in all_figures)),
        _percent(interrupted / answered if answered else None),
        *_percentiles(measured),
        f"{sum(each.usage.total for each in all_figures):,}",
        _dollars(sum(dollars), part) if dollars else latency.NOT_KNOWN,
        "",
        "",
    )


def _percentiles(measured: Sequence[Sequence[float]]) -> Iterator[str]:
    for values in measured:
        for percent in fleet.PERCENTS:
            yield latency.text(latency.percentile(values, percent))


def _dollars(dollars: float, part: bool) -> str:
    return f"{'≥' * part}${dollars:.4f}"


def _width() -> int | None:
    """Of the terminal; a pipe has room for everything."""
    return os.get_terminal_size().columns if sys.stdout.isatty() else None
