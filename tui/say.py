"""`bidiscope say`: one question, the answer as it streams; the workbench's engine and journal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tui.core import media
from tui.core.frame import Event, Frame, Record
from tui.core.session import Session
from tui.core.text import safe
from tui.core.turn import Turn
from tui.media.speaker import Speaker
from tui.options import Options
from tui.outcome import Outcome
from tui.rig import Rig

POLL_S = 0.02


def run(options: Options, text: str, out: Path | None, facts: bool, timeout_s: float) -> int:
    """Ask and print; returns the exit code.

    With ``facts`` every fact is a JSON line on stdout, else the answer's words are. What went
    wrong is a sentence on stderr.
    """
    rig = Rig(options, lambda: Speaker(sound=out is None and options.view == "audio", wav_file=out))
    try:
        return _converse(rig, text, facts, timeout_s)
    finally:
        rig.stop()


def _converse(rig: Rig, text: str, facts: bool, timeout_s: float) -> Outcome:
    engine, session, shown = rig.engine, Session(), 0
    engine.start()
    engine.connect()
    engine.say(text)
    outcome = Outcome.SILENT
    for record in _records(rig, timeout_s):
        session.apply(record)
        if facts:
            _print_facts(record)
        turn = session.turns[-1] if session.turns else None
        if turn is not None and not facts:
            shown = _print_delta(turn, shown)
        ended = _outcome(session, turn, rig)
        if ended is not None:
            outcome = ended
            break
    if shown:
        print()
    if outcome is Outcome.SILENT:
        print(
            f"bidiscope: no answer within {timeout_s:g} s; --timeout waits longer.", file=sys.stderr
        )
    elif outcome is not Outcome.OK:
        print(f"bidiscope: {safe(session.problem)}", file=sys.stderr)
    return outcome


def _records(rig: Rig, timeout_s: float) -> Iterator[Record]:
    """Records as they come, for so long."""
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        while rig.engine.inbox:
            yield rig.engine.inbox.popleft()[0]
        time.sleep(POLL_S)


def _outcome(session: Session, turn: Turn | None, rig: Rig) -> Outcome | None:
    connection = session.connection
    if connection is None or connection.closed_s is not None:
        if not session.problem:
            return None
        return Outcome.LOST if turn is not None and turn.answered else Outcome.REFUSED
    if turn is None or turn.completed_s is None:
        return None
    return Outcome.OK if rig.engine.playback.idle else None


def _print_delta(turn: Turn, shown: int) -> int:
    """Print what the answer has grown by; returns how much of it is printed."""
    answer = turn.answer.lstrip()
    print(safe(answer[shown:], lines=True), end="", flush=True)
    return len(answer)


def _print_facts(record: Record) -> None:
    for row in _rows(record):
        sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _rows(record: Record) -> Iterator[dict[str, Any]]:
    base = {"seq": record.seq, "mono": record.mono_s}
    if isinstance(record, Event):
        yield {**base, "direction": "event", "kind": record.name, "value": record.detail}
        return
    assert isinstance(record, Frame)
    for fact in record.facts:
        value = fact.value
        if isinstance(value, dict) and "data" in value:
            value = {**value, "data": f"({media.size_bytes(value)} bytes)"}
        yield {
            **base,
            "direction": record.direction.value,
            "kind": fact.kind,
            "family": fact.family.value,
            "path": fact.path,
            "value": value,
        }
