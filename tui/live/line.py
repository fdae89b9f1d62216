"""The line to the service: connections made, carried over, lost, and made again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from tui.core import closing, models
from tui.core.connection import Handle
from tui.live.close import Close, ConnectError
from tui.live.endpoint import Endpoint, EndpointError
from tui.live.recorder import Clock, JournalRecorder
from tui.live.renewal import Renewal
from tui.live.setup import Wish, history, live_config, modality

if TYPE_CHECKING:
    from tui.core.attachment import Prefilled
    from tui.core.models import Model
    from tui.core.turn import Turn
    from tui.live.link import Link


class Line:
    """At most one connection at a time. Lives on the engine's loop.

    Args:
        find_endpoint: finds the service; may block, may raise `EndpointError`.
        recorder: knows the session, and is told.
        loop: the engine's.
        begun: a connection is there.
        ending: it is about to be closed from this side.
        ended: there is none any more; the session tells whether another will follow.
    """

    def __init__(
        self,
        find_endpoint: Callable[[], Endpoint],
        recorder: JournalRecorder,
        loop: asyncio.AbstractEventLoop,
        begun: Callable[[Link], None],
        ending: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self.link: Link | None = None
        self.renewal: Renewal | None = None
        """Makes lost connections again; None leaves that to the person."""
        self._find_endpoint, self._recorder, self._loop = find_endpoint, recorder, loop
        self._begun, self._ending, self._ended = begun, ending, ended
        self._endpoint: asyncio.Future[Endpoint]

    def keep(
        self, clock: Clock, connect: Callable[[bool], None], quiet: Callable[[], bool]
    ) -> None:
        """From now on, connect again by itself (see `Renewal`)."""
        self.renewal = Renewal(self._recorder, clock, connect, quiet)

    def locate(self, find_endpoint: Callable[[], Endpoint] | None = None) -> None:
        """Begin to look for the service, or for another one than before."""
        self._find_endpoint = find_endpoint or self._find_endpoint
        self._endpoint = self._loop.run_in_executor(None, self._find_endpoint)

    def decide(self) -> None:
        """A person has decided what becomes of the connection: nothing happens by itself."""
        if self.renewal is not None:
            self.renewal.stop()

    async def connect(
        self, wish: Wish, handle: Handle | None = None, *, fresh: bool = False
    ) -> None:
        """Close the connection that there is, and make one as wished.

        Args:
            wish: what the person has chosen.
            handle: resume by this one, and say nothing of what came after it; None takes the
                newest that fits.
            fresh: resume by none, and replay what was said.
        """
        await self.disconnect()
        model = models.model(wish.model)
        chosen = handle or (None if fresh else self._handle(model))
        tells = handle is None and wish.configuration.get("history")
        past = history(*self._untold(model, chosen)) if tells else []
        try:
            endpoint = await self._ready_endpoint()
        except EndpointError as error:
            self._over(Close(None, str(error), "client"))
            return
        self._recorder.last_sent = None
        self._recorder.event(
            "connection.opening",
            model=model.name,
            modality=modality(wish.view),
            origin=endpoint.origin,
            host=endpoint.host,
            carry="handle" if chosen else "history" if past else "new",
            turns=(len(past) + 1) // 2,
        )
        self._recorder.event("view", view=wish.view)
        link = await self._opened(
            endpoint, wish, chosen.handle if chosen else None, seeds=bool(past)
        )
        if link is None:
            return
        if past:
            history_ends = model.client_content == "history"
            await link.send(
                link.session.send_client_content(turns=list(past), turn_complete=history_ends)
            )
        self._begun(link)

    async def disconnect(self) -> None:
        """Close the connection, if there is one."""
        link = self.link
        if link is not None:
            self._ending()
            close = await link.close()
            if self.link is link:
                self.link = None
                self._closed(close)
                self._ended()

    async def _opened(
        self, endpoint: Endpoint, wish: Wish, handle: str | None, *, seeds: bool
    ) -> Link | None:
        from tui.live.link import Link, complaint

        link = Link(self._recorder, self._over, self._sdk_failed)
        try:
            await link.open(endpoint, wish.model, live_config(wish, handle, seeds=seeds))
        except ConnectError as error:
            self._over(error.close)
            return None
        except EndpointError as error:
            self._over(Close(None, str(error), "client"))
            return None
        except ValueError as error:
            self._over(Close(None, f"the set-up cannot be sent: {complaint(error)}", "client"))
            return None
        except asyncio.CancelledError:
            self._over(Close(None, "given up", "client"))
            raise
        self.link = link
        return link

    async def _ready_endpoint(self) -> Endpoint:
        """Looked for until it is found; a command that gives up does not end the search.

        A local service takes as long to get ready as the SDK to load, so both go on at once.
        """
        if self._endpoint.done() and self._endpoint.exception() is not None:
            self.locate()
        if not self._endpoint.done():
            await asyncio.to_thread(import_module, "google.genai")
        return await asyncio.shield(self._endpoint)

    def _handle(self, model: Model) -> Handle | None:
        """What the last connection that was accepted may be resumed by; only its model can."""
        session = self._recorder.session
        opened = enumerate(session.opened, 1)
        last = max((number for number, each in opened if each.open_s is not None), default=0)
        handle = session.handles[-1] if session.handles else None
        if handle is None or handle.model != model.name or handle.connection != last:
            return None
        return handle

    def _untold(
        self, model: Model, handle: Handle | None
    ) -> tuple[Sequence[Turn], Sequence[Prefilled]]:
        """What the server must be told again: all, or what the handle came too early for."""
        session = self._recorder.session
        turns, waiting = session.turns, session.conversation.prefilled
        if model.client_content == "none" or (handle and model.client_content != "any"):
            return (), ()
        if handle is None:
            return turns, waiting
        return (
            [turn for turn in turns if (turn.completed_s or handle.at_s) > handle.at_s],
            [each for each in waiting if each.at_s > handle.at_s],
        )

    def _over(self, close: Close) -> None:
        """The connection, or the attempt at one, has ended, and not at our wish."""
        self.link = None
        self._closed(close)
        if self.renewal is not None:
            self.renewal.lost(close)
        self._ended()

    def _closed(self, close: Close) -> None:
        last = self._recorder.last_sent
        kinds = "+".join(fact.kind for fact in last.facts) if last is not None else ""
        self._recorder.event(
            "connection.closed",
            code=close.code,
            reason=close.reason,
            by=close.by,
            last_sent=last.seq if last is not None else None,
            message=closing.describe(close.code, close.reason, close.by, kinds),
        )

    def _sdk_failed(self, problem: str) -> None:
        self._recorder.event("sdk.error", message=f"The SDK failed on a message: {problem}")
