"""One script, or lines as they are typed, played to its end."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tui import fact_lines
from tui.core.script.reading import line_step
from tui.core.script.step import ScriptError, Step
from tui.core.text import safe
from tui.credentials import stored_key
from tui.headless.report import Done, Report
from tui.headless.stage import POLL_S, Stage, StepFailed
from tui.headless.verbs import perform
from tui.media.microphone import Microphone
from tui.media.speaker import Speaker
from tui.options import Options
from tui.outcome import Outcome
from tui.rig import Rig

TYPED = "-"
"""The script that is typed, or piped, line by line."""


def run(
    name: str, steps: Sequence[Step] | None, options: Options, timeout_s: float, *, facts: bool
) -> Report:
    """Play the steps; None reads them from standard input while it plays.

    What goes wrong ends a script, but for an expectation, which only decides how it ends; typed
    lines go on after everything but the end of the input.
    """
    report, begun_s = Report(name), time.monotonic()
    key, keyless = stored_key()
    rig = Rig(options, lambda: (Speaker(sound=False), _microphone), key=key)
    report.recording = str(rig.recording or "")
    report.notes = [*filter(None, [keyless]), *rig.trouble()]
    for note in report.notes:
        print(f"bidiscope headless: {safe(note)}", file=sys.stderr, flush=True)
    try:
        stage = Stage(rig, timeout_s, facts=facts)
        given = iter(steps) if steps is not None else _typed(stage, sys.stdin.buffer, report)
        for step in given:
            ended = _played(stage, step, report)
            if ended and steps is not None:
                break
    finally:
        rig.stop()
    stage.take()
    for complaint in rig.complaints:
        report.failed(complaint.outcome, complaint.sentence)
    report.seconds = round(time.monotonic() - begun_s, 3)
    return report


def _microphone(on_block: object) -> Microphone:
    return Microphone("off", on_block=on_block)  # type: ignore[arg-type]


def _played(stage: Stage, step: Step, report: Report) -> bool:
    """Play one step; whether the script cannot go on."""
    begun_s, problem, ends = time.monotonic(), "", False
    at_s = round(stage.engine.clock.mono_s, 6)
    try:
        perform(stage, step)
    except StepFailed as failure:
        problem = str(failure)
        report.failed(failure.outcome, f"{step.place}: {step.words}: {problem}")
        ends = failure.outcome is not Outcome.UNMET
    done = Done(step.words, round(time.monotonic() - begun_s, 3), problem, at_s)
    report.steps.append(done)
    fact = {"step": done.step, "ok": not problem, "problem": problem, "seconds": done.seconds}
    fact_lines.line({"direction": "script", "kind": step.verb, "value": fact})
    sys.stdout.flush()
    return ends


def _typed(stage: Stage, stream: BinaryIO, report: Report) -> Iterator[Step]:
    """Steps as their lines come; the session goes on in between."""
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(stream, lines), name="lines", daemon=True).start()
    number = 0
    while True:
        try:
            line = lines.get_nowait()
        except queue.Empty:
            stage.pause(POLL_S)
            continue
        if line is None:
            return
        number += 1
        try:
            step = line_step(line.decode("utf-8", "replace"), f"line {number}")
        except ScriptError as error:
            print(f"bidiscope headless: {safe(str(error))}", file=sys.stderr, flush=True)
            report.failed(Outcome.USAGE, str(error))
            continue
        if step is not None:
            yield step


def _read(stream: BinaryIO, lines: queue.SimpleQueue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
