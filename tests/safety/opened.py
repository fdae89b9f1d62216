"""``python -m tests.safety.opened FILE``: all that panes read of a recording, and what that took.

Prints one JSON object: the rows or the sentence of the error, seconds, peak memory.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.core import wire
from tui.core.dump import HexDump, TextDump
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.json_tree import JsonTree
from tui.core.lint.linter import Linter, lint
from tui.core.log import SessionLog
from tui.core.query import parse
from tui.core.row_text import row_text
from tui.core.rows import Rows
from tui.core.search import Search
from tui.importers.opening import open_log

QUERIES = [
    parse(text)
    for text in (
        "hello",
        "-kind:audio size>1k dt>800ms turn:1",
        "re:/h.llo/ unknown:yes",
        "path:serverContent.modelTurn.parts[0].text~hello or t<1:20",
    )
]


def outcome(path: Path) -> dict[str, Any]:
    """Open it, and look at each record."""
    start_s = time.perf_counter()
    try:
        log = open_log(path)
    except JournalError as error:
        return {"error": str(error), "opened_s": time.perf_counter() - start_s}
    opened_s = time.perf_counter() - start_s
    try:
        return {"rows": looked_at(log), "turns": len(log.session.turns), "opened_s": opened_s}
    finally:
        log.close()


def looked_at(log: SessionLog) -> list[str]:
    """The rows in words; what is behind each is read as list and inspector do."""
    rows = Rows(log)
    rows.fold_all(False)
    for row in range(len(log)):
        record = log.record(row)
        glanced = log.glance(row)
        if isinstance(record, Frame):
            assert isinstance(glanced, Frame)
            assert [fact.kind for fact in glanced.facts] == [fact.kind for fact in record.facts]
            for lines in (TextDump(record.payload, 80), HexDump(record.payload, 80)):
                assert len(lines.line(0)) + len(lines.line(len(lines) - 1))
            with suppress(wire.Undecodable):
                JsonTree(wire.parse(record.payload), rate_hz=24000, wrap=80).line(0)
    if len(log):
        log.state_at(len(log) - 1)
    for query in QUERIES:
        Search(log, query).run()
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    assert all(finding.sentence and finding.rows for finding in linter.findings)
    texts = (row_text(rows, line) for line in range(len(rows)))
    return [f"{' '.join(kind for kind, _ in text.kinds)}: {text.gist}" for text in texts]


def peak_mb() -> float:
    """The most memory that this process has had, proc(5); what it was forked of does not count."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    seen = outcome(Path(sys.argv[1]))
    print(json.dumps({**seen, "peak_mb": peak_mb()}))
