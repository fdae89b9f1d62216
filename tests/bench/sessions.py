"""How many sessions at once the emulator serves with every chunk of sound on time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.table import Aim, Row
from tests.bench.terminal import CHECKOUT

SESSIONS = 200
CHUNK_MS = 20
WINDOW_S = 15
EMULATOR = ("tui", "emulate", "--port", "0", "--tls-port", "0", "--quiet")
FLOOR = ("tests.bench.crowd_floor",)


@dataclass(frozen=True)
class Served:
    """What a server gave a crowd, and what it took for that."""

    late_ms: list[float]
    """p50, p99 and the most, of the chunks of sound."""
    cores: float
    resident_mb: float
    chunks: int
    client_cores: float
    sent_late_ms: list[float]

    @property
    def sessions_a_core(self) -> float:
        """By the processor time that the server took."""
        return SESSIONS / self.cores


def rows() -> list[Row]:
    """With a microphone each, and listening only."""
    if not Path("/proc/self/stat").exists():
        return [Row("emulator: sessions a core", None, note="needs Linux's /proc")]
    return [*_rows(CHUNK_MS), *_rows(0)]


def _rows(chunk_ms: int) -> Iterator[Row]:
    ours, floor = served(EMULATOR, chunk_ms), served(FLOOR, chunk_ms)
    what = f"a microphone of {chunk_ms} ms chunks each" if chunk_ms else "listening only"
    yield Row(
        f"emulator: {SESSIONS} sessions, lateness of sound, p99",
        ours.late_ms[1],
        "ms",
        f"{what}, {ours.chunks:,} chunks in {WINDOW_S} s, p50 {ours.late_ms[0]:.1f} ms, most "
        f"{ours.late_ms[2]:.0f} ms, {ours.resident_mb:.0f} MB; floor: websockets, the same sound",
        floor.late_ms[1],
        Aim(50),
    )
    yield Row(
        "emulator: sessions a core",
        ours.sessions_a_core,
        "",
        f"{what}, by the processor time taken: {ours.cores:.2f} cores for {SESSIONS}, the clients "
        f"{ours.client_cores:.2f}; floor: websockets",
        floor.sessions_a_core,
        Aim(SESSIONS / 2, at_least=True),
    )


def served(server: tuple[str, ...], chunk_ms: int, *options: str) -> Served:
    """A crowd at this server, measured when all of it is there."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environ = {**os.environ, "BIDISCOPE_DATA": folder}
        with _process(server, environ) as process:
            port = _line(process)["ws"].rpartition(":")[2]
            counts = map(str, (SESSIONS, chunk_ms, WINDOW_S))
            with _process(("tests.bench.crowd", port, *counts, *options), environ) as crowd:
                _line(crowd)
                start_s = _processor_s(process.pid)
                found = _line(crowd)
                cores = (_processor_s(process.pid) - start_s) / WINDOW_S
                resident_mb = _resident_mb(process.pid)
    return Served(
        found["late_ms"],
        cores,
        resident_mb,
        found["chunks"],
        found["processor_s"] / WINDOW_S,
        found["sent_late_ms"],
    )


@contextlib.contextmanager
def _process(module: tuple[str, ...], environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", *module]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def _processor_s(pid: int) -> float:
    """Processor time of all threads, the voice's process among them."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2] for each in _family(pid)]
    ticks = (int(tick) for line in fields for tick in line.split()[11:13])
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    pages = (int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in _family(pid))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> list[int]:
    children = (
        task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()
    )
    return [pid, *(int(child) for line in children for child in line.split())]
