"""A recording of an hour, opened, paged and searched, beside lnav and toolong.

All run on a terminal of 120x40 whose screen is kept, on the same file (133,504 messages, 556 MB),
which is in the page cache. Where a peer is not installed its rows say so: lnav is a Debian
package, toolong comes by ``uvx``. What is timed ends when the screen shows it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import pyte

from tests.bench import hour
from tests.bench.table import Aim, Row
from tests.bench.terminal import COLUMNS, ROWS, Terminal

RUNS = 3
PAGES = 40
LONG_HOURS = 3.6
PATIENCE_S = 120.0
SETTLE_S = 0.7
SPACIOUS = Path(os.environ.get("TMPDIR", "/var/tmp"))
"""2 GB do not belong in a /tmp that is memory."""
PAGE_DOWN, HOME, DOWN, FIND = b"\x1b[6~", b"\x1b[H", b"\x1b[B", b"\x06"
FRAME_MS = 1000 / 30


class Screen(Terminal):
    """A terminal that knows what is on its screen."""

    def __init__(self, *command: str, **environ: str) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__(*command, **environ)

    def show(self, block: bytes) -> None:
        """Draw what was printed."""
        super().show(block)
        self._stream.feed(block)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._screen.display)

    def until(self, pattern: str) -> float:
        """Read until that is on the screen; the time then, by `time.perf_counter`."""
        end_s = time.perf_counter() + PATIENCE_S
        while not re.search(pattern, self.text):
            if not self._read(0.05) or time.perf_counter() > end_s:
                raise RuntimeError(f"No {pattern} came; on the screen:\n{self.text}")
        return time.perf_counter()

    @property
    def peak_mb(self) -> float:
        """The most memory that the process has had, proc(5)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@dataclass(frozen=True)
class Viewer:
    """A program that shows a recording, and how it is handled."""

    name: str
    command: tuple[str, ...]
    first: str
    """On the screen when the first page is."""
    whole: str
    """On the screen when all of the file is known."""
    to_search: tuple[bytes, ...]
    """Pressed before a search from the file's beginning."""
    search: bytes
    """Begins it: the time counts from here."""
    found: str
    """On the screen when the hit is; ``SEQ`` stands for its number."""


@dataclass(frozen=True)
class Figures:
    """What was measured of a viewer."""

    first_ms: float
    whole_ms: float
    search_ms: float
    page_ms: float
    peak_mb: float


NEEDLE = hour.NEEDLE.encode()
OURS = Viewer(
    name="ours",
    command=(sys.executable, "-m", "tui", "open"),
    first="setupComplete",
    whole=hour.NEEDLE,  # the transcript is shown then, and follows its end
    to_search=(b"/", NEEDLE),
    search=b"\r",
    found="All 1  ",  # the message is shown, and it is the only one
)


def _lnav() -> Viewer | None:
    """It shows the end of the file when it has read all of it."""
    path = shutil.which("lnav")
    if path is None:
        return None
    return Viewer(
        name="lnav",
        command=(path,),
        first=r'"seq":\d',
        whole='"seq":133868,',
        to_search=(b"g", b"/" + NEEDLE),
        search=b"\r",
        found="1 hits for",
    )


def _toolong() -> Viewer | None:
    """It shows the end of the file at once, and counts the lines; uvx would take time, too."""
    asked = ["uvx", "--from", "toolong", "python", "-c", "import sys; print(sys.executable)"]
    try:
        python = subprocess.run(asked, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return Viewer(
        name="toolong",
        command=(python, "-c", "from toolong.cli import run; run()"),
        first=r'"seq":\d',
        whole=r"• \d{6}",
        to_search=(HOME, FIND, NEEDLE),
        search=DOWN,
        found='"seq":SEQ,',
    )


def rows() -> Iterator[Row]:
    """The hour, beside the peers, and four times as much."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=SPACIOUS) as folder:
        path = Path(folder, "hour.jsonl")
        hour.write(path)
        yield from _hour_rows(path, _seq_of(path))
        path.unlink()
        hour.write(path, LONG_HOURS)
        yield from _long_rows(path)


def _hour_rows(path: Path, seq: int) -> Iterator[Row]:
    ours = _medians(OURS, path, seq)
    peers = {"lnav": _lnav(), "toolong": _toolong()}
    measured = {name: viewer and _medians(viewer, path, seq) for name, viewer in peers.items()}
    for title, value, unit, limit, ahead in (
        ("first page", "first_ms", "ms", 500, True),
        ("all of it known", "whole_ms", "ms", 2000, False),
        ("a word said once, at the end", "search_ms", "ms", 1500, True),
        ("a page further", "page_ms", "ms", FRAME_MS, False),
        ("memory, peak", "peak_mb", "MB", 150, False),
    ):
        name, mine = f"a recording of 1 h, {title}", getattr(ours, value)
        yield Row(name, mine, unit, NOTES[value], aim=Aim(limit))
        for peer, figures in measured.items():
            if figures is None:
                yield Row(f"    beside {peer}", None, note=f"{peer} is not installed here")
            else:
                aim = Aim(1, of_ratio=True) if ahead else None
                yield Row(f"    beside {peer}", mine, unit, "", getattr(figures, value), aim)


NOTES = {
    "first_ms": f"exec to the first messages on the screen; medians of {RUNS}, page cache warm",
    "whole_ms": "exec to the state at the end; peers: to the number of lines",
    "search_ms": "Enter to the hit or the number of hits, from the beginning",
    "page_ms": f"key to the first print, medians of {PAGES}; aim: 30 a second",
    "peak_mb": "of all of the above; toolong maps the file",
}


def _long_rows(path: Path) -> Iterator[Row]:
    name = f"a recording of {path.stat().st_size / 1e9:.1f} GB"
    with _watched(OURS, path) as screen:
        first_ms = _since_ms(screen, screen.until(OURS.first))
        whole_ms = _since_ms(screen, screen.until(OURS.whole))
        page_ms, peak_mb = _page_ms(screen), screen.peak_mb
    yield Row(f"{name}, first page", first_ms, "ms", aim=Aim(500))
    yield Row(f"{name}, all of it known", whole_ms, "ms")
    yield Row(f"{name}, a page further", page_ms, "ms", aim=Aim(FRAME_MS))
    yield Row(f"{name}, memory, peak", peak_mb, "MB", aim=Aim(150))


def _medians(viewer: Viewer, path: Path, seq: int) -> Figures:
    runs = [_figures(viewer, path, seq) for _ in range(RUNS)]
    return Figures(*(statistics.median(each) for each in zip(*map(astuple, runs), strict=True)))


def _figures(viewer: Viewer, path: Path, seq: int) -> Figures:
    with _watched(viewer, path) as screen:
        first_ms = _since_ms(screen, screen.until(viewer.first))
        whole_ms = _since_ms(screen, screen.until(viewer.whole))
        screen.watch(SETTLE_S)
        screen.type(HOME)
        screen.watch(SETTLE_S)
        page_ms = _page_ms(screen)
        for keys in viewer.to_search:
            screen.type(keys)
            screen.watch(SETTLE_S)
        start_s = time.perf_counter()
        screen.type(viewer.search)
        found_s = screen.until(viewer.found.replace("SEQ", str(seq)))
        return Figures(first_ms, whole_ms, 1000 * (found_s - start_s), page_ms, screen.peak_mb)


def _page_ms(screen: Screen) -> float:
    """Key to the first piece that is printed."""
    taken = []
    for _ in range(PAGES):
        start_s = time.perf_counter()
        screen.type(PAGE_DOWN)
        screen.wait_for_more()
        taken.append(time.perf_counter() - start_s)
        screen.watch(0.15)
    return 1000 * statistics.median(taken)


def _since_ms(screen: Screen, at_s: float) -> float:
    return 1000 * (at_s - screen.start_s)


@contextlib.contextmanager
def _watched(viewer: Viewer, path: Path) -> Iterator[Screen]:
    with path.open("rb") as file:  # the page cache has it then
        while file.read(1 << 24):
            pass
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environ = {key: folder for key in ("HOME", "BIDISCOPE_DATA", "BIDISCOPE_CONFIG")}
        screen = Screen(*viewer.command, str(path), TEXTUAL_ANIMATIONS="none", **environ)
        try:
            yield screen
        finally:
            screen.close()


def _seq_of(path: Path) -> int:
    """The number of the message that has the needle: it is near the end."""
    with path.open("rb") as file:
        file.seek(-(1 << 24), 2)
        (line,) = (line for line in file if NEEDLE in line)
    return int(re.findall(rb'"seq":(\d+)', line)[0])
