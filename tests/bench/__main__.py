"""``python -m tests.bench [NAME…]``: all benchmarks, or those named, in one table."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.table import Row, machine, table

MODULES = (
    *("first_paint", "message_list", "ingest", "idle", "levels", "preview"),
    *("recording", "search", "timeline", "replay", "lint"),
    *("speaker", "barge_in", "microphone", "echo", "spoken_question", "spoken_session"),
    *("tap", "sessions"),
)


def main(names: list[str]) -> None:
    """Run them one after the other; nothing else should run on the machine."""
    if unknown := set(names).difference(MODULES):
        sys.exit(f"There is no benchmark {', '.join(unknown)}: choose of {', '.join(MODULES)}.")
    print(machine())
    rows: list[Row] = []
    for name in names or MODULES:
        print(f"{name} …", file=sys.stderr)
        found = import_module(f"tests.bench.{name}").rows()
        rows += (row if isinstance(row, Row) else Row(*row) for row in found)
    print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
