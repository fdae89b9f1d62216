"""A long conversation with the emulator in which the server keeps going away, at real speed.

    uv run python -m tests.bench.soak --minutes 12 --every 60

Each connection is told goodbye ``--every`` seconds after it began. Questions are typed and spoken;
answers are played by a speaker without a device, in real time. The figures come at the end, and
the exit status is 1 where anything was lost, grew, or was found wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from tui.core.lint.linter import Linter
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.turn import Turn
from tui.media.microphone import Microphone
from tui.options import Options
from tui.rig import Rig

VOICE = Path(__file__).parents[1] / "data" / "voices" / "weather.wav"
PATIENCE_S = 45.0
PAUSE_S = 1.5
"""Between an answer and the next question."""
SPOKEN_EACH = 3
GROWTH = 1.15
"""Of memory between the second sample and the last; the journal and its state grow by nature."""


class Speaker:
    """Plays nothing, and takes as long for it as a device would."""

    def __init__(self) -> None:
        self._answer, self._received_s, self._began_s = 0, 0.0, 0.0

    def open(self) -> None:
        """There is nothing to open."""

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """More of an answer has come."""
        if answer != self._answer:
            self._answer, self._received_s, self._began_s = answer, 0.0, time.monotonic()
        self._received_s += len(pcm) / 2 / rate_hz

    def finish(self, answer: int) -> None:
        """All of it has come."""

    def flush(self, *, abort: bool = False) -> Playback:
        """Play no more."""
        before = self.snapshot()
        self._received_s = 0.0
        return before

    def switch(self, device: str | int | None) -> None:
        """There is no other one."""

    def snapshot(self) -> Playback:
        """What it would be playing."""
        heard_s = min(time.monotonic() - self._began_s, self._received_s)
        playing = heard_s < self._received_s
        state = Playback(device="paced", answer=self._answer, playing=playing, idle=not playing)
        return replace(state, heard_s=heard_s, received_s=self._received_s)

    def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Soak:
    """One conversation, and what was seen of it."""

    rig: Rig
    log: SessionLog
    linter: Linter = field(default_factory=Linter)
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    samples: list[dict[str, float]] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """As the app sees it."""
        return self.log.session

    def take(self) -> None:
        """Take in what has come."""
        while self.rig.engine.inbox:
            record, place = self.rig.engine.inbox.popleft()
            self.linter.take(record, len(self.log))
            self.log.ingest(record, place)

    def wait(self, seconds: float, until: str = "") -> bool:
        """Let the time pass, or until there is a turn more that is whole."""
        end_s = time.monotonic() + seconds
        before = len(self.session.turns)
        while time.monotonic() < end_s:
            self.take()
            turns = self.session.turns
            if until and len(turns) > before and turns[-1].completed_s is not None:
                return True
            time.sleep(0.02)
        return False

    def ask(self, number: int) -> None:
        """One question, typed or spoken, and its answer."""
        while not self.session.connected:
            self.wait(0.05)
        self.asked += 1
        engine = self.rig.engine
        spoken = number % SPOKEN_EACH == 1
        if not spoken:
            engine.say(f"What is {number} * 7?")
        elif number > 1:  # the microphone begins with one
            engine.hear(str(VOICE))
        done = self.wait(PATIENCE_S, "turn")
        last = self.session.turns[-1] if done else Turn(0, 0.0, cut=True)
        right = bool(last.answer) if spoken else f"{number * 7}." in last.answer
        if last.cut or not right:
            self.lost.append(f"{number} ({'spoken' if spoken else 'typed'}): {last.answer!r}")
        self.wait(PAUSE_S)

    def sample(self) -> None:
        """What must not grow."""

        async def tasks() -> int:
            return len(asyncio.all_tasks())

        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        loop = self.rig.engine._orders.loop
        self.samples.append(
            {
                "memory, MB": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
                "tasks": asyncio.run_coroutine_threadsafe(tasks(), loop).result(10),
                "threads": threading.active_count(),
                "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
            }
        )


def held(minutes: float, every_s: float, folder: Path) -> Soak:
    """The conversation."""
    options = Options(
        model="gemini-3.8-live",
        emulator=True,
        emulator_flags=("--fault", f"goaway:at={every_s:g},left=50"),
        stays=True,
        record=folder,
        mic=str(VOICE),
    )
    speaker = Speaker()
    rig = Rig(options, lambda: (speaker, lambda take: Microphone(str(VOICE), on_block=take)))
    soak = Soak(rig, SessionLog(rig.storage.read))
    rig.engine.start()
    rig.engine.connect()
    end_s = time.monotonic() + minutes * 60
    due_s = 0.0
    for number in count(1):
        if time.monotonic() >= end_s:
            break
        soak.ask(number)
        if time.monotonic() >= due_s:
            due_s = time.monotonic() + 60
            soak.sample()
    soak.sample()
    rig.stop()
    soak.take()
    return soak


def main() -> int:
    """Hold it, and print what came of it."""
    parser = argparse.ArgumentParser(prog="tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds to each goAway")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = held(flags.minutes, flags.every, Path(folder))
        assert soak.rig.recording is not None
        whole = SessionLog.open(soak.rig.recording)
        whole.close()
        same = whole.session == soak.session
        size = soak.rig.recording.stat().st_size
    return report(soak, f"{len(soak.log):,}, {size / 1e6:.1f} MB", same=same)


def report(soak: Soak, records: str, *, same: bool) -> int:
    """Print the figures; 1 where anything is wrong."""
    session = soak.session
    made = session.opened[1:]
    by_handle = sum(each.carry == "handle" for each in made)
    gaps = [each.gap_s * 1000 for each in made if each.gap_s is not None]
    kept_s = sum(each.kept_s for each in session.opened)
    dropped_s = sum(each.dropped_s for each in session.opened)
    found = {each.rule.id for each in soak.linter.findings if each.severity > Severity.CHAT}
    print(f"renewals        {len(made)}, {by_handle} by handle")
    if gaps:
        print(f"no session for  {statistics.median(gaps):.0f} ms (median), {max(gaps):.0f} (most)")
    print(f"questions       {soak.asked}, lost: {soak.lost or 'none'}")
    print(f"turns           {len(session.turns)}, cut: {sum(turn.cut for turn in session.turns)}")
    print(f"sound           {kept_s:.1f} s kept and sent, {dropped_s:.1f} s dropped")
    print(f"records         {records}; the file tells the same: {same}")
    print(f"findings        {sorted(found) or 'none'}")
    for name in soak.samples[0]:
        print(f"{name:15} {', '.join(f'{each[name]:.0f}' for each in soak.samples)}")
    first, last = soak.samples[1 if len(soak.samples) > 2 else 0], soak.samples[-1]
    grown = [name for name in ("tasks", "threads", "files") if last[name] > first[name]]
    grown += ["memory"] if last["memory, MB"] > GROWTH * first["memory, MB"] else []
    print(f"grown           {grown or 'nothing'}")
    return int(bool(soak.lost or found or grown or not same))


if __name__ == "__main__":
    sys.exit(main())
