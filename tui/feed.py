"""What the app has taken in of a session: its log, what was found in it, what has changed since."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tui.core.frame import Event
from tui.core.lint.linter import Linter
from tui.core.log import SessionLog
from tui.core.session import Area
from tui.options import Options
from tui.rig import Rig


class Feed:
    """Takes the records of a session's engine in, for the screens that show it."""

    def __init__(self, rig: Rig, options: Options) -> None:
        self.rig, self.options = rig, options
        self.log = SessionLog(rig.storage.read)
        self.linter = Linter()
        self.area = ~Area.NOTHING
        """What has changed since it was shown."""
        self.news = True
        """Whether there is something that is not on the screen."""

    def drain(self, budget_s: float) -> Iterator[Event]:
        """Take in what has been recorded since, for so long at most; yields the events."""
        inbox, end_s = self.rig.engine.inbox, time.perf_counter() + budget_s
        self.news = self.news or bool(inbox)
        while inbox and time.perf_counter() < end_s:
            record, place = inbox.popleft()
            self.area |= self.log.ingest(record, place)
            self.linter.take(record, len(self.log) - 1)
            if isinstance(record, Event):
                yield record
        if not inbox:
            self.linter.tick(self.rig.engine.now.now_s)

    def shown(self) -> None:
        """All of it is on the screen."""
        self.area, self.news = Area.NOTHING, False
