"""What each verb of a script does on a stage."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tui.core.picture_header import header
from tui.core.query import parse
from tui.core.script.step import INPUTS, MOMENTS, Step
from tui.core.search import Search
from tui.headless.expectation import unmet
from tui.headless.stage import Stage, StepFailed
from tui.outcome import Outcome

LARGEST_PICTURE_BYTES = 10 << 20
TOOL_REPLY = ("scheduling", "willContinue", "parts")


def perform(stage: Stage, step: Step) -> None:
    """Do a step to its end; raises `StepFailed`."""
    if step.verb in INPUTS:
        stage.until(lambda: stage.session.connected, "a connection", None)
        stage.mark()
    VERBS[step.verb](stage, step)


def _say(stage: Stage, step: Step) -> None:
    stage.engine.say(step.value)


def _audio(stage: Stage, step: Step) -> None:
    """The whole file is spoken when this ends; silence follows, as from a microphone."""
    path = Path(step.value)
    if not path.is_file():
        raise StepFailed(Outcome.FAILED, f"there is no file {step.value}: name a WAV file")
    before = stage.engine.capture.blocks
    stage.engine.hear(str(path))

    def spoken() -> bool:
        capture = stage.engine.capture
        if capture.problem:
            raise StepFailed(Outcome.FAILED, capture.problem)
        return capture.blocks > before and capture.device == path.name and capture.over

    stage.until(spoken, f"the end of {path.name}", 86_400.0)


def _image(stage: Stage, step: Step) -> None:
    try:
        with Path(step.value).open("rb") as file:
            data = file.read(LARGEST_PICTURE_BYTES + 1)
    except OSError as error:
        raise StepFailed(Outcome.FAILED, f"{step.value} cannot be read: {error.strerror}") from None
    known = header(data)
    if known is None or len(data) > LARGEST_PICTURE_BYTES:
        raise StepFailed(Outcome.FAILED, f"{step.value} is no JPEG or PNG of 10 MiB at most")
    mime_type = f"image/{known.format.lower()}"
    blob = {"data": base64.b64encode(data).decode(), "mimeType": mime_type}
    _send_message(stage, {"realtimeInput": {"video": blob}})


def _tool_reply(stage: Stage, step: Step) -> None:
    name = step.value.get("name", "")
    pending = [call for call in stage.session.board.pending if call.name == name]
    if not pending:
        raise StepFailed(Outcome.FAILED, f"no call of {name} waits for an answer")
    extras = {key: step.value[key] for key in TOOL_REPLY if key in step.value}
    reply = {"id": pending[0].id, "name": name, "response": step.value["response"], **extras}
    _send_message(stage, {"toolResponse": {"functionResponses": [reply]}})


def _send(stage: Stage, step: Step) -> None:
    _send_message(stage, step.value)


def _interrupt(stage: Stage, step: Step) -> None:
    stage.engine.interrupt()


def _modality(stage: Stage, step: Step) -> None:
    view = step.value.replace("-", " ")
    stage.engine.view(view)
    stage.until(lambda: stage.session.view == view and stage.session.connected, step.words, None)


def _model(stage: Stage, step: Step) -> None:
    stage.mark()
    stage.engine.model(step.value)
    _connected_anew(stage, step)


def _connect(stage: Stage, step: Step) -> None:
    stage.mark()
    stage.engine.connect()
    _connected_anew(stage, step)


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
            stage.until(lambda: _turn_is_over(stage), MOMENTS["turn"], timeout_s)
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
    return last is not None and last.started_s >= stage.since_s and last.completed_s is not None


def _send_message(stage: Stage, message: Mapping[str, Any]) -> None:
    stage.engine.send(json.dumps(message))


VERBS: Mapping[str, Callable[[Stage, Step], None]] = {
    "say": _say,
    "audio": _audio,
    "image": _image,
    "tool-reply": _tool_reply,
    "send": _send,
    "interrupt": _interrupt,
    "modality": _modality,
    "model": _model,
    "connect": _connect,
    "disconnect": _disconnect,
    "sleep": _sleep,
    "wait": _wait,
    "expect": _expect,
}
