"""Frames a second from the socket to journal and screen, against the SDK's bare receive loop."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.gateway import Gateway, gateway
from tests.bench.stream import FRAMES_A_TURN, LAST_WORD
from tests.bench.table import Aim, Row
from tests.bench.terminal import CHECKOUT, terminal

TURNS = 50
RUNS = 5
TAIL_HZ = 100
TAIL_S = 10
SETTLE_S = 1.5


def rows() -> list[Row]:
    """The rate, alternating with the peer's, and what a calmer stream costs."""
    with gateway(TURNS) as server:
        runs = [(_workbench(server), _bare(server)) for _ in range(RUNS)]
    frames = TURNS * FRAMES_A_TURN
    ours_s, bare_s = (statistics.median(times) for times in zip(*runs, strict=True))
    return [
        Row(
            "ingest, whole workbench",
            frames / ours_s,
            "frames/s",
            f"TLS socket to the last word on the screen and {frames} frames in the file, half of"
            f" them 13 kB of audio; medians of {RUNS}; peer: the SDK's receive loop alone",
            frames / bare_s,
            Aim(0.7, of_ratio=True, at_least=True),
        ),
        _tailing(),
    ]


def _workbench(server: Gateway) -> float:
    """Seconds from the first frame sent to the last word seen."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        flags = ("--no-sound", "--record", folder)
        with terminal("tui", *flags, **server.environ) as program:
            program.wait_for("Ready")
            program.watch(SETTLE_S)
            program.type(b"go\r")
            program.wait_for(LAST_WORD, timeout_s=60)
            end_s = time.perf_counter()
        _check_complete(Path(folder))
    return end_s - server.start_s()


def _check_complete(folder: Path) -> None:
    (file,) = folder.glob("*.jsonl")
    received = file.read_bytes().count(b'"type":"receive"')
    if received < TURNS * FRAMES_A_TURN:
        raise RuntimeError(f"{received} frames were recorded, not {TURNS * FRAMES_A_TURN}")


def _bare(server: Gateway) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare", str(TURNS)],
        cwd=CHECKOUT,
        env={**os.environ, **server.environ},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout) - server.start_s()


def _tailing() -> Row:
    with (
        gateway(TURNS, TAIL_HZ) as server,
        terminal("tui", "--no-sound", **server.environ) as program,
    ):
        program.wait_for("Ready")
        program.watch(SETTLE_S)
        program.type(b"go\r")
        program.watch(SETTLE_S)
        share = program.processor_share(TAIL_S)
    return Row(
        f"processor, whole workbench at {TAIL_HZ} frames/s",
        share,
        "% of a core",
        f"both threads, the SDK's parsing included, over {TAIL_S} s",
        aim=Aim(25),
    )
