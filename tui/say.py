"""`bidiscope say`: one question, the answer as it streams; the workbench's engine and journal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tui import fact_lines
from tui.core import models
from tui.core.attachment import Attachment, Medium
from tui.core.frame import Event
from tui.core.session import Area, Session
from tui.core.text import safe
from tui.core.turn import Turn
from tui.credentials import stored_key
from tui.live.engine import Engine
from tui.media.attachment import AttachmentError, read
from tui.media.speaker import Speaker
from tui.options import Options
from tui.outcome import Outcome
from tui.rig import Rig

POLL_S = 0.02
UNANSWERED = "Nothing here carries this call out."
"""What the model is told of a call that would wait for a person."""
_UNANSWERED = "Nothing carries {function} out, and the model is told so: bidiscope or headless can."
UNASKED = (
    "answers no questions: it takes no text, and has no turns. bidiscope headless speaks to it: "
    "audio FILE.wav, then wait passage."
)
TROUBLES = ("tool.failed", "tools.news")
"""Events that are told while the answer goes on."""
MORE_S = 10.0
"""After a sound that was answered before its end, so long is waited for a further answer."""


def run(
    options: Options,
    text: str,
    files: Sequence[tuple[Medium, Path]],
    out: Path | None,
    facts: bool,
    timeout_s: float,
) -> int:
    """Ask and print; returns the exit code.

    ``files`` go with the question, or are it. With ``facts`` every fact is a JSON line on stdout,
    else the answer's words are. What went wrong is a sentence on stderr. It is given up when
    nothing is said for ``timeout_s``.
    """
    if not models.model(options.model).converses:
        print(f"bidiscope: {safe(options.model)} {UNASKED}", file=sys.stderr)
        return Outcome.FAILED
    resolution = options.configuration.get("media_resolution")
    try:
        attached = [read(path, options.video_size_px, resolution, wanted) for wanted, path in files]
    except AttachmentError as error:
        print(f"bidiscope: {safe(str(error))}", file=sys.stderr)
        return Outcome.FAILED
    sound = out is None and options.view == "audio"
    key, keyless = stored_key()
    rig = Rig(options, lambda: (Speaker(sound=sound, wav_file=out), None), key=key)
    for trouble in (*filter(None, [keyless]), *rig.trouble()):
        print(f"bidiscope: {trouble}", file=sys.stderr)
    try:
        code, problem = _converse(rig, text, attached, facts, timeout_s)
    except OSError as error:
        code, problem = Outcome.FAILED, _unprinted(error)
    finally:
        rig.stop()
    unheard = rig.engine.playback.problem
    if unheard and out is not None and code is Outcome.OK:
        code = Outcome.FAILED
    if rig.complaints and code is Outcome.OK:
        code = rig.complaints[0].outcome
    complaints = (each.sentence for each in rig.complaints)
    for sentence in filter(None, (problem, unheard, *complaints)):
        print(f"bidiscope: {safe(sentence)}", file=sys.stderr)
    return code


def _converse(
    rig: Rig, text: str, attached: Sequence[Attachment], facts: bool, timeout_s: float
) -> tuple[Outcome, str]:
    """The exit code, and what went wrong in words."""
    engine, session, printed = rig.engine, Session(), _Printed()
    engine.start()
    rig.load_tools()
    engine.connect()
    engine.say(text, attached)
    code, end_s = None, time.monotonic() + timeout_s
    while code is None:
        while engine.inbox:
            record, _ = engine.inbox.popleft()
            if session.apply(record) & Area.TRANSCRIPT or session.broadcast is not None:
                end_s = time.monotonic() + timeout_s
            if facts:
                fact_lines.write(record)
            elif session.turns:
                printed.follow(session.turns[-1])
            if isinstance(record, Event):
                _tell(record, engine)
            if isinstance(record, Event) and record.name == "unsent":
                return Outcome.FAILED, str(record.detail["message"])
            if isinstance(record, Event) and record.name == "connection.closed":
                break  # before later problems hide why
        late = time.monotonic() > end_s
        called = not late and bool(engine.wish.tools) and _called(session)
        code = (
            None
            if called or _speaks(session, engine.clock.mono_s)
            else _outcome(session, engine.playback.idle, late=late)
        )
        time.sleep(POLL_S)
    if printed.chars:
        print(*_sources(session), sep="\n", flush=True)
    if code is Outcome.SILENT and not session.problem:
        return code, f"No answer for {timeout_s:g} s; --timeout waits longer."
    return code, session.problem if code is not Outcome.OK else ""


def _tell(event: Event, engine: Engine) -> None:
    """What is told while the answer goes on; a call that nothing answers is answered here."""
    if event.name in TROUBLES:
        print(f"bidiscope: {safe(event.detail['message'])}", file=sys.stderr)
    elif event.name == "tool.held":
        print(f"bidiscope: {safe(_UNANSWERED.format(**event.detail))}", file=sys.stderr)
        engine.refuse(int(event.detail["call"]), UNANSWERED)


def _sources(session: Session) -> list[str]:
    """The end of the answer's line, and under it what the answer rests on."""
    found = dict.fromkeys(source for turn in session.turns for source in turn.grounding.sources)
    lines = [
        safe(f"[{number}] " + "  ".join(filter(None, (source.title, source.uri, source.note))))
        for number, source in enumerate(found, 1)
    ]
    return ["", "", *lines] if lines else [""]


def _called(session: Session) -> bool:
    """Whether more comes of a call: its answer, or what the model makes of one after its turn."""
    connection = session.connection
    if connection is None or connection.closed_s is not None or not session.turns:
        return False
    turn = session.turns[-1]
    calls = [call for call in turn.calls if call.cancelled_s is None]
    after_s = float("inf") if turn.completed_s is None else turn.completed_s
    return any(call.answered_s is None or call.answered_s > after_s for call in calls)


def _speaks(session: Session, now_s: float) -> bool:
    """Whether a sound is still being sent, or its last words may still be answered."""
    sound, turn = session.conversation.sounding, session.turns[-1] if session.turns else None
    if sound is None or not session.connected:
        return False
    if session.broadcast is not None or turn is None or turn.completed_s is None:
        return session.broadcast is not None
    ended_s = session.conversation.sounded_s
    return turn.completed_s < ended_s and now_s < ended_s + MORE_S


def _outcome(session: Session, idle: bool, late: bool) -> Outcome | None:
    """The exit code, once there is one; ``idle`` says that nothing is left to be played."""
    connection, turn = session.connection, session.turns[-1] if session.turns else None
    if turn is not None and turn.completed_s is not None and not turn.cut:
        return Outcome.OK if idle else None
    if session.problem and (connection is None or connection.closed_s is not None):
        return (
            Outcome.LOST
            if connection is not None and connection.open_s is not None
            else Outcome.REFUSED
        )
    if late and idle:
        return Outcome.OK if turn is not None and turn.generated_s is not None else Outcome.SILENT
    return None


def _unprinted(error: OSError) -> str:
    """Why the answer cannot be printed; a reader who has seen enough is no problem."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
    if isinstance(error, BrokenPipeError):
        return ""
    return f"The answer cannot be printed: {error.strerror}."


class _Printed:
    """What is printed of the answer, which may go over several turns where functions are called."""

    def __init__(self) -> None:
        self.chars = 0
        self._turn = self._shown = 0

    def follow(self, turn: Turn) -> None:
        """Print what the answer has grown by."""
        answer = turn.answer.lstrip()
        if turn.number != self._turn and answer:
            if self.chars:
                print()
            self._turn, self._shown = turn.number, 0
        more = answer[self._shown :]
        print(safe(more, lines=True), end="", flush=True)
        self._shown, self.chars = len(answer), self.chars + len(more)
