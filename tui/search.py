"""`bidiscope search`: the messages of recordings that a query matches, as they are found."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from rich.cells import cell_len

from tui import saved_filters
from tui.core.fields import QueryError
from tui.core.frame import Record
from tui.core.journal import JournalError, Place
from tui.core.lint.linter import Linter, lint
from tui.core.log import SessionLog
from tui.core.query import Node, asks_for_findings, asks_for_turns, parse
from tui.core.recording import Recording
from tui.core.row_text import ARROWS, RowText, row_text
from tui.core.rows import Rows
from tui.core.search import Search
from tui.core.text import safe
from tui.importers.opening import open_recording

FOUND, NOTHING, WRONG = 0, 1, 2
"""grep's exit codes."""

BATCH_ROWS = 2048
"""So many records are read before they are searched."""


def run(text: str, files: Sequence[Path], count: bool, as_json: bool, most: int) -> int:
    """Search the files; returns the exit code."""
    saved = saved_filters.load()
    if saved.problem:
        _complain(saved.problem)
    try:
        query = parse(text, saved.queries)
        found, wrong = False, False
        for path in files:
            try:
                found |= _search(query, path, len(files) > 1, count, as_json, most)
            except JournalError as error:
                _complain(str(error))
                wrong = True
    except QueryError as error:
        _point(text, error)
        return WRONG
    if wrong:
        return WRONG
    return FOUND if found else NOTHING


def _search(query: Node, path: Path, named: bool, count: bool, as_json: bool, most: int) -> bool:
    """Search one file and print; returns whether anything was found."""
    recording = open_recording(path)
    with closing(recording):
        log = SessionLog(recording.read)
        linter = Linter.of(log)
        search, rows = Search(log, query, linter.findings.has), Rows(log, folding=False)
        records = _records(recording, search, whole=as_json or asks_for_turns(query))
        if asks_for_findings(query):  # what is found may stand on a record long before
            for record, place in records:
                log.ingest(record, place)
            deque(lint(log, linter), maxlen=0)
        hits, number = _hits(search, records), 0
        for row in islice(hits, most or None):
            number += 1
            if count:
                continue
            rows.extend()
            _print(_json(path, log, rows, row) if as_json else _line(path, named, rows, row))
    if search.too_slow:
        _complain(f"The pattern was given up on {search.too_slow} messages: it takes too long.")
    if count:
        _print({"file": str(path), "count": number} if as_json else f"{_name(path, named)}{number}")
    return number > 0


def _records(recording: Recording, search: Search, whole: bool) -> Iterator[tuple[Record, Place]]:
    """All records, or of a journal those that may match and for their dt the ones before."""
    if whole or not search.needs_words or type(recording) is not Recording:
        return recording.records()
    may_match = search.line_test()
    return recording.chosen(lambda line: may_match(line, 0, len(line)))


def _hits(search: Search, records: Iterator[tuple[Record, Place]]) -> Iterator[int]:
    """The rows that match, while the recording is read."""
    told, more = 0, True
    while more:
        batch = 0
        for record, place in islice(records, BATCH_ROWS):
            search.log.ingest(record, place)
            batch += 1
        more = batch == BATCH_ROWS
        for _ in search.steps():
            yield from search.hits[told:]
            told = len(search.hits)


def _line(path: Path, named: bool, rows: Rows, row: int) -> str:
    text = row_text(rows, row)
    cells = (
        f"{text.seq:>5} {text.time:>9} {text.delta:>10} {ARROWS[text.direction]}",
        _padded(_kinds(text), 24),
        f"{text.size:>8}",
        f"⚑ unknown {text.gist}" if text.unknown else text.gist,
    )
    return (_name(path, named) + " ".join(cells)).rstrip()


def _kinds(text: RowText) -> str:
    return " + ".join(kind for kind, _ in text.kinds)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def _name(path: Path, named: bool) -> str:
    return f"{safe(str(path))}:" if named else ""


def _json(path: Path, log: SessionLog, rows: Rows, row: int) -> dict[str, Any]:
    return {
        "file": str(path),
        "seq": log.seqs[row],
        "t": log.mono_s[row],
        "dt": rows.delta_s(row),
        "dir": {"s": "send", "r": "recv", "e": "event"}[chr(log.directions[row])],
        "kinds": log.kinds(row),
        "size": log.sizes[row],
        "turn": log.turns[row],
        "unknown": bool(log.unknown[row]),
        "gist": row_text(rows, row).gist,
    }


def _print(what: str | dict[str, Any]) -> None:
    line = what.encode() if isinstance(what, str) else orjson.dumps(what)
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _point(text: str, error: QueryError) -> None:
    """The query, and below it what is wrong where."""
    query = safe(text)
    before = " " * cell_len(query[: error.column])
    print(f"{query}\n{before}^\nbidiscope: {safe(str(error))}", file=sys.stderr)


def _complain(sentence: str) -> None:
    print(f"bidiscope: {safe(sentence)}", file=sys.stderr)
