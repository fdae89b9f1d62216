"""A word in an hour's recording: our search beside grep's and lnav's.

toolong 1.5.0 searches only on its screen, on the thread that draws, and cannot be installed beside
this Textual; it is no row here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import hour
from tests.bench.table import Aim, Row
from tui.core.log import SessionLog
from tui.core.query import parse
from tui.core.search import Search
from tui.importers.opening import open_log

ROUNDS = 3
QUERIES = {
    "a substring, once in 133,504 messages": hour.NEEDLE,
    "a substring with capital letters": hour.NEEDLE.title(),
    "columns alone": "kind:toolCall dir:recv size<64k",
    "a pattern": f"re:/{hour.NEEDLE[:4]}[a-z]+/",
    "a path": f"path:serverContent.outputTranscription.text~{hour.NEEDLE}",
}


def rows() -> Iterator[Row]:
    """The figures of one recording."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "hour.jsonl"
        hour.write(path)
        log = open_log(path)
        yield from _searches(log, path)
        log.close()
        yield from _commands(path)


def _searches(log: SessionLog, path: Path) -> Iterator[Row]:
    """In a recording that is open."""
    floor_s = _best(lambda: _run("grep", "-ci", hour.NEEDLE, str(path)))
    for number, (name, query) in enumerate(QUERIES.items()):
        took_s = _best(lambda query=query: Search(log, parse(query)).run())  # type: ignore[misc]
        aim = Aim(1.5) if number < 2 else None
        note = f"{query}; the floor is grep -ci" if number == 0 else query
        yield Row(f"search: {name}", took_s, "s", note, floor_s if number == 0 else None, aim)
    first_ms = 1000 * _best(lambda: _first_hit(log, "the"))
    yield Row("search: first hit of a word that is often there", first_ms, "ms", aim=Aim(100))


def _commands(path: Path) -> Iterator[Row]:
    """From the start of a program to its end, the recording not read before."""
    program = [sys.executable, "-m", "tui", "search"]
    took_s = _best(lambda: _run(*program, hour.NEEDLE, str(path)))
    name = "bidiscope search, a substring"
    lnav = shutil.which("lnav")
    if lnav is None:
        yield Row(name, took_s, "s", "lnav is not installed here (apt install lnav)")
        return
    filter_in = f":filter-in {hour.NEEDLE}"
    peer_s = _best(lambda: _run(lnav, "-n", "-N", "-c", filter_in, str(path)))
    note = f"the peer is lnav -n -c '{filter_in}'"
    yield Row(name, took_s, "s", note, peer_s, Aim(1.0, of_ratio=True))


def _first_hit(log: SessionLog, query: str) -> None:
    search = Search(log, parse(query))
    for _ in search.steps():
        if search.hits:
            return


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some rounds."""
    took_s: list[float] = []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        work()
        took_s.append(time.perf_counter() - start_s)
    return min(took_s)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=True)
    assert hour.NEEDLE.encode() in done.stdout or done.stdout.strip() == b"1", done.stdout[:200]
