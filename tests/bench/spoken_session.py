"""What the whole program costs in a spoken conversation: processor, memory, pictures drawn.

``SPOKEN_S=600 python -m tests.bench spoken_session`` holds it for ten minutes.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Row
from tests.bench.terminal import Terminal, terminal
from tests.media.virtual_sound import SoundServer, missing, say, voice

SPOKEN_S = float(os.environ.get("SPOKEN_S", "60"))
QUESTIONS = ("weather", "wait", "sum", "long", "greeting", "count-en-GB")
"""What is said, over and over; one in two is said over the answer before it."""
PAUSES_S = (1.5, 9.0)
"""After which an answer is in full flow, or over."""
SETTLE_S = 4.0
SAMPLE_S = 0.5


def rows() -> Iterator[Row]:
    """Processor and memory of the app and of its emulator; needs Linux's /proc."""
    reason = missing() or ("" if Path("/proc/self/statm").exists() else "needs Linux's /proc")
    if reason:
        yield Row("spoken conversation", None, "", f"not measured: {reason}")
        return
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        server = SoundServer(Path(folder))
        before = dict(os.environ)
        try:
            server.start()
            os.environ.update(server.environment)
            with (
                server.echo(),
                terminal("tui", "--emulator", "--model", "gemini-3.8-live") as program,
            ):
                yield from _conversation(program)
        finally:
            server.stop()
            os.environ.clear()
            os.environ.update(before)


def _conversation(program: Terminal) -> Iterator[Row]:
    program.wait_for("Ready")
    program.watch(SETTLE_S)
    [emulator] = _children(program.pid)
    over = threading.Event()
    person = threading.Thread(target=_speak, args=(over,))
    person.start()
    apps, emulators = _Watch(program.pid), _Watch(emulator)
    before, end_s = program.prints, time.perf_counter() + SPOKEN_S
    while time.perf_counter() < end_s:
        program.watch(SAMPLE_S)
        apps.look()
        emulators.look()
    over.set()
    person.join()
    yield from apps.rows("the app")
    yield from emulators.rows("its emulator")
    prints = (program.prints - before) / SPOKEN_S
    yield Row("spoken conversation: writes to the terminal", prints, "/s", "one or two a picture")


def _speak(over: threading.Event) -> None:
    number = 0
    while not over.is_set():
        say(voice(QUESTIONS[number % len(QUESTIONS)]))
        over.wait(PAUSES_S[number % len(PAUSES_S)])
        number += 1


class _Watch:
    """One process: its processor time, and its memory now and then."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._times = [(time.perf_counter(), _processor_s(pid))]
        self._mb = [_memory_mb(pid)]

    def look(self) -> None:
        self._times.append((time.perf_counter(), _processor_s(self._pid)))
        self._mb.append(_memory_mb(self._pid))

    def rows(self, name: str) -> Iterator[Row]:
        (start_s, before_s), (end_s, after_s) = self._times[0], self._times[-1]
        share = 100 * (after_s - before_s) / (end_s - start_s)
        yield Row(f"spoken conversation: processor of {name}", share, "% of a core")
        middle = len(self._mb) // 2
        halves = self._times[middle:], self._mb[middle:]
        minutes = [(at_s - start_s) / 60 for at_s, _ in halves[0]]
        slope = statistics.linear_regression(minutes, halves[1]).slope
        told = f"start {self._mb[0]:.0f}, middle {self._mb[middle]:.0f}, end {self._mb[-1]:.0f} MB"
        yield Row(f"spoken conversation: memory of {name}", self._mb[-1], "MB", told)
        yield Row(
            f"spoken conversation: growth of {name}",
            slope,
            "MB/min",
            f"of the second half; {SPOKEN_S:.0f} s, a person who interrupts every other answer",
        )


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sorted(int(child) for task in tasks for child in (task / "children").read_text().split())


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
