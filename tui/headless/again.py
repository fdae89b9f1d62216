"""Sources sent into one session, one after the other, each until its answers are complete."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui.core.tool_call import ToolCall
from tui.credentials import stored_key
from tui.headless.report import Done, Report
from tui.headless.source import Answer, Source
from tui.headless.stage import Stage, StepFailed
from tui.headless.tape import Tape
from tui.media.speaker import Speaker
from tui.options import Options
from tui.outcome import Outcome
from tui.rig import Rig

SETTLE_S = 1.0
"""So long after an answer nothing more of one may come."""
UNANSWERED_S = 5.0
"""So long is waited for an answer where none has to come."""
CONNECTED_S = 60.0
LATE_S = 0.1
LONGEST_S = 86_400.0
_UNKNOWN: Mapping[str, Any] = {"error": "The recording has no answer to this call."}


def run(sources: Sequence[Source], options: Options, timeout_s: float) -> Report:
    """Hold the session; the report has a step a source, and what could not be sent.

    An answer is waited for ``timeout_s``; where none comes, the next source follows.
    """
    report = Report(", ".join(each.name for each in sources))
    if not any([each.inputs for each in sources]):  # listens to all, before the clock runs
        report.notes.append("No speech was heard in it here, and nothing was typed.")
    begun_s, tape = time.monotonic(), Tape()
    key, keyless = stored_key()
    rig = Rig(options, lambda: (Speaker(sound=False), tape.listener), key=key)
    tape.engine = rig.engine
    report.recording = str(rig.recording or "")
    report.notes += [*filter(None, [keyless]), *rig.trouble()]
    try:
        stage = Stage(rig, timeout_s, facts=False)
        stage.until(lambda: stage.session.connected, "a connection", CONNECTED_S)
        for source in sources:
            report.steps.append(_sent(stage, tape, source))
    except StepFailed as failure:
        report.failed(failure.outcome, str(failure))
    finally:
        rig.stop()
    stage.take()
    report.notes += [*_notes(tape), *(each.sentence for each in rig.complaints)]
    if not any(turn.answered for turn in stage.session.turns):
        report.failed(Outcome.SILENT, "nothing was answered")
    report.seconds = round(time.monotonic() - begun_s, 3)
    return report


def _sent(stage: Stage, tape: Tape, source: Source) -> Done:
    """Send one source; raises `StepFailed` where the session is over."""
    begun_s, before = time.monotonic(), len(stage.session.turns)
    answers = Answers(stage, source.answers)
    tape.play(source)

    def spoken() -> bool:
        answers.give()
        return tape.over_s is not None

    def answered() -> bool:
        answers.give()
        return _answered(stage, tape, source)

    problem = ""
    stage.until(spoken, f"the end of {source.name}", LONGEST_S)
    try:
        stage.until(answered, "the answer", None if source.answered else UNANSWERED_S)
    except StepFailed as failure:
        if failure.outcome is not Outcome.SILENT:
            raise
        if not any(turn.answered for turn in stage.session.turns[before:]):
            problem = str(failure)
    seconds = round(time.monotonic() - begun_s, 3)
    return Done(source.name, seconds, problem, round(tape.begun_s, 6))


def _answered(stage: Stage, tape: Tape, source: Source) -> bool:
    """Whether what was said last has its answer, and nothing more comes."""
    session = stage.session
    if session.conversation.current is not None or not session.turns or not source.inputs:
        return False
    end_s = tape.begun_s + source.inputs[-1].end_s
    last = session.turns[-1]
    quiet_s = max(tape.over_s or 0.0, last.completed_s or 0.0)
    late = any((turn.first_content_s or 0.0) >= end_s for turn in session.turns)
    return late and stage.engine.clock.mono_s - quiet_s >= SETTLE_S


def _notes(tape: Tape) -> Iterator[str]:
    for what, count in tape.unsent.items():
        yield f"The session does not take {what}, so it was not sent: {count:,} messages."
    if tape.late_s >= LATE_S:
        yield f"This machine was busy: what was sent came up to {tape.late_s:.1f} s late."


class Answers:
    """Answers calls as the recording did: of the same name and arguments, else of the name."""

    def __init__(self, stage: Stage, recorded: Sequence[Answer]) -> None:
        self._stage, self._recorded, self._left = stage, recorded, [*recorded]
        self._due: dict[int, tuple[float, Mapping[str, Any]]] = {}

    def give(self) -> None:
        """Answer what is due, as long after the call as it took in the recording."""
        own = {tool.name for tool in self._stage.engine.wish.tools}
        for call in self._stage.session.board.pending:
            if call.name not in own:
                self._tend(call)

    def _tend(self, call: ToolCall) -> None:
        if call.number not in self._due:
            delay_s, response = self._fitting(call)
            self._due[call.number] = (call.asked_s + delay_s, response)
        due_s, response = self._due[call.number]
        if self._stage.engine.clock.mono_s >= due_s:
            reply = {**response, "name": call.name, **({"id": call.id} if call.id else {})}
            message = {"toolResponse": {"functionResponses": [reply]}}
            self._stage.engine.send(json.dumps(message))
            self._due[call.number] = (float("inf"), response)

    def _fitting(self, call: ToolCall) -> tuple[float, Mapping[str, Any]]:
        alike = (each for each in self._left if each.call.args == call.args)
        fitting = (*alike, *self._left, *self._recorded)
        found = next((each for each in fitting if each.call.name == call.name), None)
        if found is None:
            return 0.0, {"response": _UNKNOWN}
        if found in self._left:
            self._left.remove(found)
        return (found.call.answered_s or 0.0) - found.call.asked_s, found.response
