"""What each verb of a script does on a stage."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tui.core.attachment import Attachment, Medium, refusal
from tui.core.captions import PAUSE_S
from tui.core.going_on import Nothing, rest
from tui.core.query import parse
from tui.core.script.step import INPUTS, MOMENTS, Step
from tui.core.search import Search
from tui.headless.expectation import unmet
from tui.headless.stage import Stage, StepFailed
from tui.media.attachment import AttachmentError, read
from tui.outcome import Outcome

TOOL_REPLY = ("scheduling", "willContinue", "parts")
_OPTIONS = {"scheduling": "scheduling", "continues": "willContinue"}


def perform(stage: Stage, step: Step) -> None:
    """Do a step to its end; raises `StepFailed`."""
    if step.verb in INPUTS:
        stage.until(lambda: stage.session.connected, "a connection", None)
        stage.mark(asks=step.verb != "tool-reply")
    VERBS[step.verb](stage, step)


def _say(stage: Stage, step: Step) -> None:
    stage.engine.say(step.value)


def _audio(stage: Stage, step: Step) -> None:
    """The whole file is spoken when this ends."""
    sound = _attachment(stage, step, Medium.AUDIO)
    if refused := refusal(stage.engine.wish.model, "", [sound]):
        raise StepFailed(Outcome.FAILED, refused)
    stage.engine.say("", [sound]).result()
    stage.until(lambda: stage.session.broadcast is None, f"the end of {step.value}", 86_400.0)


def _image(stage: Stage, step: Step) -> None:
    stage.engine.show(_attachment(stage, step, Medium.IMAGE))


def _attachment(stage: Stage, step: Step, wanted: Medium) -> Attachment:
    resolution = stage.engine.wish.configuration.get("media_resolution")
    try:
        return read(step.path, stage.rig.side_px, resolution, wanted)
    except AttachmentError as error:
        raise StepFailed(Outcome.FAILED, str(error)) from None


def _tool_reply(stage: Stage, step: Step) -> None:
    name = step.value.get("name", "")
    pending = [call for call in stage.session.board.pending if call.name == name]
    if not pending:
        raise StepFailed(Outcome.FAILED, f"no call of {name} waits for an answer")
    extras = {key: step.value[key] for key in TOOL_REPLY if key in step.value}
    options = {_OPTIONS[key]: each for key, each in step.options.items()}
    key = {"id": pending[0].id} if pending[0].id else {}
    reply = {**key, "name": name, "response": step.value["response"], **extras, **options}
    _send_message(stage, {"toolResponse": {"functionResponses": [reply]}})


def _send(stage: Stage, step: Step) -> None:
    _send_message(stage, step.value)


def _interrupt(stage: Stage, step: Step) -> None:
    stage.engine.interrupt()


def _go_on(stage: Stage, step: Step) -> None:
    stage.until(lambda: _was_cut(stage), "an answer that was interrupted", None)
    stage.mark()
    stage.engine.go_on()


def _was_cut(stage: Stage) -> bool:
    with contextlib.suppress(Nothing):
        return bool(rest(stage.session).turn)
    return False


def _modality(stage: Stage, step: Step) -> None:
    _settled(stage)
    view = step.value.replace("-", " ")
    stage.engine.view(view)
    stage.until(lambda: stage.session.view == view and stage.session.connected, step.words, None)


def _model(stage: Stage, step: Step) -> None:
    _settled(stage)
    stage.mark()
    stage.engine.model(step.value)
    _connected_anew(stage, step)


def _connect(stage: Stage, step: Step) -> None:
    _settled(stage)
    stage.mark()
    stage.engine.connect()
    _connected_anew(stage, step)


def _settled(stage: Stage) -> None:
    """The connection that is on its way has come about, or not."""
    session = stage.session
    stage.until(lambda: session.connections and not session.connecting, "a connection", None)


def _connected_anew(stage: Stage, step: Step) -> None:
    before = stage.session.connections

    def again() -> bool:
        return stage.session.connections > before and not stage.session.connecting

    stage.until(again, step.words, None, open_=False)
    stage.until(lambda: stage.session.connected, step.words, None)


def _disconnect(stage: Stage, step: Step) -> None:
    stage.engine.disconnect()
    stage.until(lambda: not stage.session.connected, step.words, None, open_=False)


def _sleep(stage: Stage, step: Step) -> None:
    stage.pause(step.value)


def _wait(stage: Stage, step: Step) -> None:
    timeout_s = step.options.get("timeout")
    match step.value:
        case "connected":
            stage.until(lambda: stage.session.connected, "a connection", timeout_s)
        case "turn":
            if stage.session.continuous:
                raise StepFailed(Outcome.FAILED, "this model has no turns: wait for a passage")
            stage.until(lambda: _turn_is_over(stage), MOMENTS["turn"], timeout_s)
        case "passage":
            stage.until(lambda: _passage_is_over(stage), MOMENTS["passage"], timeout_s)
        case "call":
            stage.until(lambda: stage.session.board.pending, "a call", timeout_s)
        case "closed":
            stage.until(
                lambda: not (stage.session.connected or stage.session.connecting),
                "the end of the connection",
                timeout_s,
                open_=False,
            )
        case text:
            stage.until(_Hits(stage, text).any, text, timeout_s)


class _Hits:
    """Looks for a query's hits among what has come since the last input."""

    def __init__(self, stage: Stage, text: str) -> None:
        self._row = stage.row
        self._search = Search(stage.log, parse(text), stage.linter.findings.has)

    def any(self) -> bool:
        """Whether there is one by now."""
        return self._search.run().following(self._row - 1, forwards=True) is not None


def _expect(stage: Stage, step: Step) -> None:
    stage.take()
    for what, wanted in step.value.items():
        if what == "match":
            problem = "" if _Hits(stage, wanted).any() else f"nothing matches {wanted}"
        else:
            problem = unmet(what, wanted, stage.session, stage.since_s, stage.linter.findings)
        if problem:
            raise StepFailed(Outcome.UNMET, problem)


def _turn_is_over(stage: Stage) -> bool:
    turns = stage.session.turns
    last = turns[-1] if turns else None
    if last is None or last.started_s < stage.since_s or last.completed_s is None:
        return False
    return last.completed_s >= stage.sent_s and stage.told > stage.told_before


def _passage_is_over(stage: Stage) -> bool:
    """Its words are final, and nothing more has come for a while: no message ends it."""
    session = stage.session
    passage = session.captions.passages[-1] if session.captions.passages else None
    if passage is None or passage.source is None or passage.started_s < stage.since_s:
        return False
    parts = (passage.source, *passage.targets)
    quiet = session.now_s - max(each.last_s for each in parts) >= PAUSE_S
    connection = passage.connection
    made = bool(passage.targets) or connection is None or connection.modality == "TEXT"
    return made and quiet and passage.source.final_s is not None and not passage.source.interim


def _send_message(stage: Stage, message: Mapping[str, Any]) -> None:
    stage.engine.send(json.dumps(message))


VERBS: Mapping[str, Callable[[Stage, Step], None]] = {
    "say": _say,
    "audio": _audio,
    "image": _image,
    "tool-reply": _tool_reply,
    "send": _send,
    "interrupt": _interrupt,
    "go-on": _go_on,
    "modality": _modality,
    "model": _model,
    "connect": _connect,
    "disconnect": _disconnect,
    "sleep": _sleep,
    "wait": _wait,
    "expect": _expect,
}
