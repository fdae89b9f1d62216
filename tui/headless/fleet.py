"""Many scripts at once, each in a process of its own, so that none can harm another."""

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


def run(scripts: Sequence[str], flags: Sequence[str], jobs: int) -> Iterator[Report]:
    """Play them, ``jobs`` at a time; the reports come as they are finished.

    ``flags`` are passed on to each.
    """
    with tempfile.TemporaryDirectory(prefix="bidiscope-") as folder:
        places = [(script, Path(folder) / f"{n}.json") for n, script in enumerate(scripts)]
        with ThreadPoolExecutor(jobs) as pool:
            playing = [pool.submit(_play, script, place, flags) for script, place in places]
            for played in as_completed(playing):
                yield played.result()


def _play(script: str, place: Path, flags: Sequence[str]) -> Report:
    command = [sys.executable, "-m", "tui", "headless", *flags]
    done = subprocess.run(
        [*command, "--no-facts", "--report", str(place), "--script", script],
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
        report = Report(script)
        report.failed(outcome or Outcome.FAILED, said[-1] if said else "it wrote no report")
        return report
