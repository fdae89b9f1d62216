"""The message list with 100,000 rows, against Textual's own list of lines."""

from __future__ import annotations

import re
import statistics
import time

from tests.bench.long_list import PREPARED, ROWS, TAIL_HZ, words
from tests.bench.table import Aim, Row
from tests.bench.terminal import Terminal, terminal

PAGES = 40
KEY_REPEAT_HZ = 30
TAIL_S = 8
END, PAGE_UP = b"\x1b[F", b"\x1b[5~"
ROW = re.compile(rb"row (\d{6})")


def rows() -> list[Row]:
    """Load, page, and what following costs."""
    ours, peer = _figures("ours"), _figures("peer")
    load, page, tail = zip(ours, peer, strict=True)
    return [
        Row(
            f"message list, load {ROWS:,} rows",
            load[0],
            "ms",
            "key to the last row on the screen; peer, here and below: Textual's Log",
            load[1],
            Aim(300),
        ),
        Row(
            "message list, a page",
            page[0],
            "ms",
            f"key to the first new row, median of {PAGES}; aim: it keeps up with a key held down",
            page[1],
            Aim(1000 / KEY_REPEAT_HZ),
        ),
        Row(
            f"message list, following {TAIL_HZ} rows/s",
            tail[0],
            "% of a core",
            f"over {TAIL_S} s; both at the workbench's pace; ours decodes and journals, too",
            tail[1],
            Aim(25),
        ),
    ]


def _figures(which: str) -> tuple[float, float, float]:
    with terminal("tests.bench.long_list", which, TEXTUAL_ANIMATIONS="none") as program:
        program.wait_for(PREPARED, timeout_s=60)
        program.watch(2.5)
        load_s = _load(program)
        program.watch(1)
        program.type(PAGE_UP)
        pages_s = [_page_up(program) for _ in range(PAGES)]
        program.type(END)
        program.watch(1)
        program.type(b"T")
        program.watch(1)
        return 1000 * load_s, 1000 * statistics.median(pages_s), program.processor_share(TAIL_S)


def _load(program: Terminal) -> float:
    start_s = time.perf_counter()
    program.type(b"L")
    program.wait_for(words(ROWS - 1))
    return time.perf_counter() - start_s


def _page_up(program: Terminal) -> float:
    """Seconds from the key to the first row that was not in view before."""
    program.watch(0.1)
    top = min(map(int, ROW.findall(program.output)), default=ROWS)
    start_s = time.perf_counter()
    program.type(PAGE_UP)
    while min(map(int, ROW.findall(program.output)), default=ROWS) >= top:
        program.wait_for_more()
    return time.perf_counter() - start_s
