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
SETTLE_S, QUIET_S = 4.0, 8.0
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
    watches = {"the app": _Watch(program.pid), "its emulator": _Watch(*_children(program.pid))}
    program.watch(QUIET_S)
    for watch in watches.values():
        watch.begin()
    over = threading.Event()
    person = threading.Thread(target=_speak, args=(over,))
    person.start()
    before, end_s = program.prints, time.perf_counter() + SPOKEN_S
    while time.perf_counter() < end_s:
        program.watch(SAMPLE_S)
        for watch in watches.values():
            watch.look()
    over.set()
    person.join()
    for name, watch in watches.items():
        yield from watch.rows(name)
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
        self._start_s, self._processor_s = time.perf_counter(), _processor_s(pid)
        self._quiet = 0.0
        self._memory: list[tuple[float, float]] = []

    def begin(self) -> None:
        """The person begins to speak; what was taken until now is the peer's."""
        self._quiet = self._share()
        self._start_s, self._processor_s = time.perf_counter(), _processor_s(self._pid)
        self.look()

    def look(self) -> None:
        """Note how much memory it has."""
        minute = (time.perf_counter() - self._start_s) / 60
        self._memory.append((minute, _memory_mb(self._pid)))

    def rows(self, name: str) -> Iterator[Row]:
        """Its processor, its memory, and how that grows."""
        quiet = f"peer: connected, heard and silent, for {QUIET_S:.0f} s"
        title = f"spoken conversation: {{}} of {name}"
        yield Row(title.format("processor"), self._share(), "% of a core", quiet, self._quiet)
        second_half = self._memory[len(self._memory) // 2 :]
        marks = [mb for _, mb in (self._memory[0], second_half[0], second_half[-1])]
        told = "start {:.0f}, middle {:.0f}, end {:.0f} MB".format(*marks)
        yield Row(title.format("memory"), marks[-1], "MB", told, marks[0])
        slope = statistics.linear_regression(*zip(*second_half, strict=True)).slope
        told = f"in the second half of {SPOKEN_S:.0f} s of talk, every other answer interrupted"
        yield Row(title.format("growth"), slope, "MB/min", told)

    def _share(self) -> float:
        taken_s = _processor_s(self._pid) - self._processor_s
        return 100 * taken_s / (time.perf_counter() - self._start_s)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sorted(int(child) for task in tasks for child in (task / "children").read_text().split())


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
