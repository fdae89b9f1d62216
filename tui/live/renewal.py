"""Keeps a conversation connected: goes in time when the server goes, comes back after a loss."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from tui.core import renewal
from tui.core.connection import GoAway
from tui.core.renewal import Loss
from tui.core.session import Session
from tui.live.close import Close
from tui.live.recorder import Clock, JournalRecorder

QUIET_POLL_S = 0.1


class Renewal:
    """Decides when to connect again, and says so. Lives on the engine's loop.

    Args:
        recorder: knows the session, and is told.
        clock: the journal's.
        connect: begins a connection; True means without the handle that was used last.
        quiet: whether nobody speaks or waits and nothing plays, so that a change goes unnoticed.
    """

    def __init__(
        self,
        recorder: JournalRecorder,
        clock: Clock,
        connect: Callable[[bool], None],
        quiet: Callable[[], bool],
    ) -> None:
        self._recorder, self._clock = recorder, clock
        self._connect, self._quiet = connect, quiet
        self._dice = random.Random()
        self._attempts = 0
        self._left: GoAway | None = None
        """The notice that is being followed, or has been."""
        self._waiting: asyncio.Task[None] | None = None

    def lost(self, close: Close) -> None:
        """A connection, or an attempt at one, is over; the journal says so already."""
        self._cancel()
        plan = renewal.plan(_loss(self._recorder.session, close), self._attempts, self._dice)
        if isinstance(plan, str):
            self._attempts = 0
            self._recorder.event("connection.given_up", why="" if close.by == "client" else plan)
            return
        self._attempts = plan.attempt
        cause = close.reason or f"closed {close.code}"
        detail = {"attempt": plan.attempt, "delay_s": round(plan.delay_s, 3), "fresh": plan.fresh}
        self._recorder.event("connection.renewing", **detail, cause=cause)
        self._waiting = asyncio.create_task(self._come_back(plan.delay_s, plan.fresh))

    def going_away(self, go_away: GoAway) -> None:
        """The server will close: go before that, when it is quiet or at the last moment."""
        if go_away is not self._left:
            self._cancel()
            self._left, self._waiting = go_away, asyncio.create_task(self._leave(go_away))

    def stop(self) -> None:
        """A person decides: nothing is done by itself any more until the next connection."""
        if self._cancel() and self._recorder.session.renewal is not None:
            self._recorder.event("connection.given_up", why="")

    def _cancel(self) -> bool:
        task, self._waiting = self._waiting, None
        if task is None or task is asyncio.current_task():
            return False
        return task.cancel()

    async def _come_back(self, delay_s: float, fresh: bool) -> None:
        await asyncio.sleep(delay_s)
        self._begin(fresh)

    async def _leave(self, go_away: GoAway) -> None:
        plan = renewal.follow(self._open_s(), self._attempts, self._dice)
        if isinstance(plan, str):
            self._recorder.event("connection.given_up", why=plan)
            return
        self._attempts = plan.attempt
        await asyncio.sleep(plan.delay_s)
        await self._wait(go_away)

    async def _wait(self, go_away: GoAway) -> None:
        while not self._due(go_away):  # noqa: ASYNC110 - devices do not tell
            await asyncio.sleep(QUIET_POLL_S)
        self._begin(False)

    def _due(self, go_away: GoAway) -> bool:
        last_s = go_away.at_s + renewal.leave_s(go_away.left_s)
        return self._clock.mono_s >= last_s or self._quiet()

    def leaves(self) -> bool:
        """The order to connect has its turn, and the old connection stands: shall it go now?

        Where somebody has spoken since the order was given, it goes when that is answered.
        """
        go_away = self._recorder.session.go_away
        if go_away is None:  # a person has connected meanwhile
            return False
        if not self._due(go_away):
            self._waiting = asyncio.create_task(self._wait(go_away))
            return False
        cause = "the server is going away"
        self._recorder.event(
            "connection.renewing", attempt=self._attempts, delay_s=0.0, cause=cause
        )
        return True

    def _open_s(self) -> float:
        connection = self._recorder.session.connection
        opened_s = connection.open_s if connection is not None else None
        return self._clock.mono_s - opened_s if opened_s is not None else 0.0

    def _begin(self, fresh: bool) -> None:
        self._waiting = None
        self._connect(fresh)


def _loss(session: Session, close: Close) -> Loss:
    connection = session.connection
    if connection is None:
        return Loss(close.code, close.reason, close.by, None, resumed=False)
    open_s = None if connection.open_s is None else session.now_s - connection.open_s
    return Loss(close.code, close.reason, close.by, open_s, connection.resumed)
