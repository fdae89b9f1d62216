"""What the linter costs for each message of a spoken session, against reading it from the log."""

from __future__ import annotations

import statistics
import time

from tests.bench.table import Aim, Row
from tests.core.lint.wire import Step, asked, complete, logged, mics, opened, voice
from tui.core.lint.linter import Linter

TURNS = 60
RUNS = 5


def rows() -> list[Row]:
    """Microseconds of the processor a message, the median of some runs over the same log."""
    log = logged(_session())
    read_s, take_s = [], []
    for _ in range(RUNS):
        start_s = time.process_time()
        records = [log.glance(row) for row in range(len(log))]
        read_s.append((time.process_time() - start_s) / len(log))
        linter, start_s = Linter.of(log), time.process_time()
        for row, record in enumerate(records):
            linter.take(record, row)
        take_s.append((time.process_time() - start_s) / len(log))
        assert not len(linter.findings)
    return [
        Row(
            "lint, a message",
            statistics.median(take_s) * 1e6,
            "us",
            f"{len(log):,} messages of a spoken session, medians of {RUNS}; peer: a glance at each",
            statistics.median(read_s) * 1e6,
            Aim(20),
        )
    ]


def _session() -> list[Step]:
    """A microphone that is always on, and an answer every 20 s."""
    steps = [*opened(), *mics(1, TURNS * 20)]
    for turn in range(TURNS):
        start_s = 2.0 + turn * 20
        steps.append(asked(start_s))
        steps += [voice(start_s + 0.5 + chunk * 0.1) for chunk in range(40)]
        steps += complete(start_s + 12)
    return sorted(steps, key=lambda step: step[0])
