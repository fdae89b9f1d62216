"""The timeline of a workbench, built on a thread once it is wanted."""

from __future__ import annotations

import sys
import time

from textual.screen import Screen
from textual.worker import get_current_worker

from tui.core.lint.finding import Findings
from tui.core.log import SessionLog
from tui.core.timeline import Timeline
from tui.widgets.timeline import TimelineView

MARKS_AT_ONCE = 500
"""Findings that are put on the timeline between two pictures."""
SWITCH_INTERVAL_S = 0.0005
"""How soon the screen gets the interpreter back from a thread that computes. It gives it away at
each line of a journal that it reads: at Python's 5 ms keys wait while a recording is played."""
WORK_S, REST_S = 0.01, 0.001
"""So long a thread works without a rest: others want the interpreter, too."""
LOOK_AGAIN_S = 0.05
"""How often a finished one is brought up to date."""


class Lanes:
    """Connects a log, what was found in it, and the timeline's pane of one screen."""

    def __init__(
        self, screen: Screen[None], log: SessionLog, findings: Findings, view: TimelineView
    ) -> None:
        self.timeline = Timeline()
        self._screen = screen
        self._log = log
        self._findings = findings
        self._view = view
        self._building = False
        self._marked = 0
        """How many of the findings' rows are on their lane."""

    def show(self, length_s: float, head_s: float | None = None) -> None:
        """The lanes up to now, where they are in view."""
        if self._view.display:
            self.build()
            self._mark_findings()
            self._view.show(length_s, head_s)

    def build(self) -> None:
        """Begin to, if that has not begun."""
        if not self._building:
            self._building = True
            sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))
            self._screen.run_worker(self._build, thread=True, group="timeline")

    def _mark_findings(self) -> None:
        """Put what was found since on its lane."""
        marked = self._findings.marked[self._marked : self._marked + MARKS_AT_ONCE]
        for row in marked:
            found = self._findings.at(row)[0]
            look = found.severity.name.lower()
            self.timeline.find(self._log.mono_s[row], look, row, found.sentence)
        self._marked += len(marked)

    def _build(self) -> None:
        worker = get_current_worker()
        while not worker.is_cancelled:
            rested_s = time.perf_counter()
            for _ in self.timeline.catch_up(self._log):
                if worker.is_cancelled:
                    return
                if time.perf_counter() - rested_s > WORK_S:
                    time.sleep(REST_S)
                    rested_s = time.perf_counter()
            time.sleep(LOOK_AGAIN_S)
