"""Many sessions at once, each in a process of its own, so that none can harm another."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tui.headless.report import Report
from tui.outcome import Outcome


def run(commands: Sequence[tuple[str, Sequence[str]]], jobs: int) -> Iterator[tuple[int, Report]]:
    """Run commands that write a report, ``jobs`` at a time.

    Args:
        commands: what each is called, and its words; ``--report FILE`` is added to them.
        jobs: so many at once.

    Yields:
        The command's number and its report, as they are finished.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bidiscope-") as folder,
        ThreadPoolExecutor(jobs) as pool,
    ):
        running = {
            pool.submit(_run, name, words, Path(folder) / f"{number}.json"): number
            for number, (name, words) in enumerate(commands)
        }
        for ended in as_completed(running):
            yield running[ended], ended.result()


def _run(name: str, words: Sequence[str], place: Path) -> Report:
    done = subprocess.run(
        [sys.executable, "-m", "tui", *words, "--report", str(place)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        return Report.of_row(json.loads(place.read_bytes()))
    except (OSError, ValueError, KeyError):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        try:
            outcome = Outcome(done.returncode)
        except ValueError:
            outcome = Outcome.FAILED
        report = Report(name)
        report.failed(outcome or Outcome.FAILED, said[-1] if said else "it wrote no report")
        return report
