"""Messages that a person writes: what the editor is lent, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from textual.app import App

from tui.core.configuration.draft import Draft
from tui.core.frame import Direction, Frame
from tui.core.handwritten import Handwritten, Unwritten, Verdict, verdict
from tui.core.journal import JournalError
from tui.core.lint import preflight
from tui.core.lint.finding import Finding
from tui.core.log import SessionLog
from tui.core.row_text import short_kind
from tui.core.templates import templates
from tui.rig import Rig
from tui.screens.message_editor import MessageEditor

NEW = "a new message"


class Handwriting:
    """Between the editor and the rig; drafts are kept for the run.

    Args:
        app: shows the editor, and what went wrong.
        rig: gives the session to send into.
        log: gives its records.
    """

    def __init__(
        self, app: App[None], rig: Callable[[], Rig], log: Callable[[], SessionLog]
    ) -> None:
        self._app, self._rig, self._log = app, rig, log
        self._drafts: dict[str, str] = {}
        """By what they were begun with."""

    def edit(self, log: SessionLog, rows: Sequence[int], path: Path | None) -> None:
        """Edit the first of these records of a log, a client's message, and send it again."""
        if not rows:
            self._tell("No message is chosen: go to one in the list of messages (F3).")
            return
        try:
            record = log.record(rows[0])
            if not isinstance(record, Frame) or record.direction is not Direction.SEND:
                self._tell("Only what a client has sent can be sent again: choose a ▲ message.")
                return
            written = Handwritten.of(record.payload)
        except (JournalError, Unwritten) as error:
            self._tell(f"It cannot be edited: {error}")
            return
        kinds = " + ".join(short_kind(fact.kind) for fact in record.facts[:3])
        where = f"#{record.seq} {kinds}"
        where += "" if log is self._log() else f" of {path.name if path else 'a recording'}"
        run = f", the first of {len(rows)} alike: this one is sent" if len(rows) > 1 else ""
        masked = "; a credential in it was masked, and is not sent" if record.masked else ""
        self._open(written, where, where + run + masked)

    def write(self) -> None:
        """Write a new message."""
        self._open(Handwritten(""), NEW, "A new message, sent as it is")

    def _open(self, written: Handwritten, source: str, about: str) -> None:
        outlook = preflight.Outlook(self._log())

        def judge(text: str, begun: Handwritten) -> Verdict:
            return verdict(text, begun, partial(self._check, outlook))

        def send(message: str, anew: bool) -> str:
            return self._connect(message) if anew else self._send(message, source)

        def keep(text: str) -> None:
            self._drafts.pop(source, None)
            if text.strip() and text != written.text:
                self._drafts[source] = text

        rig, session = self._rig(), self._log().session
        begun = [*templates(session, rig.engine.wish.setup)]
        text = self._drafts.get(source, written.text)
        self._app.push_screen(MessageEditor(written, about, text, judge, send, keep, begun))

    def _check(
        self, outlook: preflight.Outlook, message: dict[str, Any], payload: bytes
    ) -> list[Finding]:
        setup, rig = message.get("setup"), self._rig()
        if message.keys() == {"setup"} and isinstance(setup, dict):
            return preflight.check(setup, rig.origin, time.time())
        return outlook.check(payload, rig.engine.clock.mono_s, time.time())

    def _send(self, message: str, source: str) -> str:
        if not self._log().session.connected:
            return "Not sent: there is no connection. The text is kept; c connects."
        self._rig().engine.send(message, source)
        return ""

    def _connect(self, message: str) -> str:
        """By the configuration, as an edited set-up of the settings."""
        rig = self._rig()
        draft = Draft(rig.engine.wish.asked, {}, rig.origin)
        text = orjson.dumps(orjson.loads(message)["setup"]).decode()
        if problem := draft.raw_problem(text):
            return problem
        draft.write_raw(text)
        if not draft.changed:
            rig.engine.connect()
            return ""
        rig.configure(draft.configuration)
        return ""

    def _tell(self, words: str) -> None:
        self._app.notify(words, severity="warning", markup=False)
