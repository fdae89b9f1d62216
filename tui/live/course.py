"""The course of a session: what is wished of it, and how that comes about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from tui.core import models, playback
from tui.core.attachment import Attachment
from tui.core.bench import Bench
from tui.core.budget import Budget, Mark, Verdict
from tui.core.configuration.change import context_update
from tui.core.continuous_text import ROUTE
from tui.core.frame import Direction, Frame
from tui.live.calls import Calls, Toolkit
from tui.live.endpoint import Endpoint
from tui.live.equipment import Equipment
from tui.live.interruption import explained, interrupts
from tui.live.line import Line
from tui.live.orders import Orders
from tui.live.outgoing import Outgoing
from tui.live.recorder import Clock, JournalRecorder
from tui.live.setup import Wish, modality, views

if TYPE_CHECKING:
    from tui.core.connection import Handle
    from tui.live.link import Link


class Course:
    """Carries out what the engine is told to. Lives on its loop."""

    def __init__(
        self,
        endpoint: Callable[[], Endpoint],
        wish: Wish,
        recorder: JournalRecorder,
        clock: Clock,
        equipment: Equipment,
        orders: Orders,
        *,
        stays: bool,
        budget: Budget | None,
        toolkit: Toolkit | None,
        bench: Bench | None,
    ) -> None:
        """See `Engine`."""
        self.wish = wish
        self._recorder, self._clock, self._orders = recorder, clock, orders
        self._equipment = equipment
        self._budget = budget
        if budget is not None:
            budget.spent = self._have_spent
        self.calls = Calls(toolkit, recorder, bench, self._tools_changed)
        self._explaining: asyncio.Task[None] | None = None
        self._line = Line(endpoint, recorder, orders.loop, self._begun, self._ending, self._ended)
        self.outgoing = Outgoing(self._line, equipment, recorder, orders.loop)
        if stays:
            self._line.keep(clock, self._renew, self._quiet)

    def open(self) -> None:
        """The thread has begun: look for the service, and make the devices."""
        self._line.locate()
        self._equipment.open(self._orders.loop)

    def take(self, frame: Frame) -> None:
        """A message has passed, in either direction."""
        self.calls.take(frame, self._link)
        if frame.direction is Direction.SEND:
            return
        if self._budget is not None and any(fact.kind == "usageMetadata" for fact in frame.facts):
            self._weigh(self._budget)
        go_away, renewal = self._recorder.session.go_away, self._line.renewal
        if go_away is not None and renewal is not None:
            renewal.going_away(go_away)
        self._equipment.take(frame)
        if interrupts(frame):
            self._explaining = self._orders.loop.create_task(self._explain(frame))

    def _weigh(self, budget: Budget) -> None:
        verdict = budget.weigh(self._recorder.session)
        if verdict is not None:
            self._have_spent(verdict)

    def _have_spent(self, verdict: Verdict) -> None:
        """On any thread: two sessions may share a budget."""
        with contextlib.suppress(RuntimeError):  # this one has ended
            self._orders.at_once(lambda: self._heed(verdict))

    async def _heed(self, verdict: Verdict) -> None:
        """The words come after the close, which is no news of its own."""
        if verdict.mark is Mark.SPENT:
            await self._orders.drop_then(self.disconnect)
        self._recorder.event("budget", mark=verdict.mark, message=verdict.words)

    # ---- the connection

    async def connect(self, handle: Handle | None = None) -> None:
        """Connect, carrying over what was said; or resume by a handle."""
        self._line.decide()
        await self.offer()
        await self._line.connect(self.wish, handle)

    async def offer(self) -> None:
        """The tools, once they are known, are a part of what is wished."""
        warm = asyncio.to_thread(import_module, "google.genai")  # takes as long as the tools
        tools, _ = await asyncio.gather(self.calls.load(), warm)
        if tools is not None:
            self.wish = replace(self.wish, tools=tools)

    async def reload(self) -> None:
        """Learn again which functions there are."""
        self.calls.forget()
        before = self.wish
        await self.offer()
        wish, self.wish = self.wish, before
        await self.configure(wish, None)

    def _tools_changed(self) -> None:
        self._orders.in_turn(self._offer_anew)

    async def _offer_anew(self) -> None:
        """Tell the session of other tools, if its model can be told."""
        before = self.wish
        await self.offer()
        update = context_update(before.setup, self.wish.setup, models.model(before.model))
        if self._link is None or update == {}:
            return
        if update is None:
            self.refuse("The model learns of other functions when you reconnect (c).")
        else:
            await self._link.send_update(update)

    async def disconnect(self) -> None:
        """Close the connection, or give up connecting."""
        self._line.decide()
        await self._line.disconnect()

    def _renew(self, fresh: bool) -> None:
        self._orders.in_turn(lambda: self._renewed(fresh))

    async def _renewed(self, fresh: bool) -> None:
        renewal = self._line.renewal
        assert renewal is not None
        if self._link is None or renewal.leaves():
            await self._line.connect(self.wish, fresh=fresh)

    def _quiet(self) -> bool:
        """Whether a new connection would cut nobody off."""
        session = self._recorder.session
        speaking = session.talking or session.speech or self._equipment.capture.speech
        waited_for = session.board.pending or session.awaited(self._clock.mono_s)
        busy = waited_for or session.broadcast or session.conversation.current
        return not (busy or speaking) and self._equipment.playback.idle

    @property
    def _link(self) -> Link | None:
        return self._line.link

    def _begun(self, link: Link) -> None:
        sees = models.model(self.wish.model).converses
        self._equipment.begin(link, manual=self.wish.configuration.manual, sees=sees)

    def _ending(self) -> None:
        if not self._recorder.session.renewal:
            self._equipment.silence("disconnect")
        self._let_go()

    def _ended(self) -> None:
        self._let_go()
        self._equipment.end_answer()

    def _let_go(self) -> None:
        """Send nothing more; what is heard is kept if a connection will follow."""
        self.calls.end()
        self.outgoing.stop()
        self._equipment.end(held=self._recorder.session.renewal is not None)

    # ---- the conversation

    async def say(self, text: str, files: Sequence[Attachment]) -> None:
        """Send a question and what is attached to it."""
        await self.outgoing.say(text, files, self.wish)

    async def prefill(self, text: str, role: str, files: Sequence[Attachment]) -> None:
        """Lay a turn into the context."""
        await self.outgoing.prefill(text, role, files, self.wish)

    async def go_on(self) -> None:
        """Ask the model to go on with the answer that was interrupted."""
        await self.outgoing.go_on(self.wish)

    async def talk(self) -> None:
        """Who begins to talk is heard at once: what still plays is flushed, as the server will."""
        if reason := self._cannot_talk():
            self.refuse(reason)
            return
        microphone = self._equipment.input
        assert microphone is not None
        if not microphone.talking and self.wish.configuration.interrupts:
            self._equipment.silence("talk")
        microphone.talk(not microphone.talking)

    def _cannot_talk(self) -> str:
        if self._link is None:
            return "Not heard: there is no connection. Reconnect (c)."
        if not self.wish.configuration.manual:
            return "The server detects by itself when you speak; p changes to push-to-talk."
        if not self._equipment.capture.device:
            return "There is no microphone to talk into: d chooses one."
        muted = self._equipment.capture.muted
        return "The microphone is muted: m lets it hear again." if muted else ""

    async def detect(self, manual: bool) -> None:
        """Let `talk` tell when somebody speaks, or the server find out."""
        self.wish = self.wish.with_values(push_to_talk=manual or None)
        await self.connect()

    def refuse(self, reason: str) -> None:
        """Say why a command came to nothing."""
        self._recorder.event("refused", message=reason)

    async def _explain(self, frame: Frame) -> None:
        explanation = await explained(frame, self._recorder.session, self._equipment.input)
        if explanation is not None:
            self._recorder.event("interrupted", **explanation)

    async def watch(self, kind: str, source: str | None) -> None:
        """Show a camera, a screen, or nothing."""
        if kind and not models.model(self.wish.model).converses:
            self.refuse(f"{self.wish.model} takes no pictures: it only hears.")
            return
        await self._equipment.watch(kind, source)

    async def interrupt(self) -> None:
        """Stop the answer: the speaker at once, then the model."""
        self.outgoing.stop()
        session, link = self._recorder.session, self._link
        turn = session.conversation.current
        route = models.model(self.wish.model).interrupt if link and turn else "speaker"
        route = ROUTE if session.continuous else route
        was_idle = self._equipment.playback.idle
        if session.continuous and was_idle:
            self.refuse("Nothing plays now, and this model has no turns that could be stopped.")
            return
        flushed = self._equipment.silence("interrupt")
        if turn is None and was_idle:
            return
        number = turn.number if turn else flushed.answer
        self._recorder.event("interrupt", route=route, **playback.key(number))
        if route == "clientContent" and link is not None:
            await link.send(link.session.send_client_content(turn_complete=False))

    async def change_view(self, view: str) -> None:
        """Change how answers are received; connects anew when the setup must change."""
        model, before = models.model(self.wish.model), self.wish.view
        if view not in views(model):
            offered = ", ".join(views(model))
            self._recorder.event(
                "error", message=f"{model.name} has no {view}: it offers {offered}."
            )
            return
        self.wish = replace(self.wish, view=view)
        if modality(view) == modality(before):
            if view != "audio":
                self._equipment.silence("text view")
            self._recorder.event("view", view=view)
        else:
            await self.connect()

    async def configure(self, wish: Wish, endpoint: Callable[[], Endpoint] | None) -> None:
        """Go on as wished, and with another service where ``endpoint`` finds one."""
        before, self.wish = self.wish, wish
        if endpoint is not None:
            self._line.locate(endpoint)
        update = context_update(before.setup, wish.setup, models.model(wish.model))
        if endpoint is not None or update is None or self._link is None:
            await self.connect()
            return
        if wish.view != before.view:
            self._equipment.silence("text view")
            self._recorder.event("view", view=wish.view)
        if update:
            await self._link.send_update(update)

    async def resume(self, handle: Handle) -> None:
        """Connect anew from where that handle was given, with its model."""
        self._choose(handle.model)
        await self.connect(handle)

    async def change_model(self, name: str) -> None:
        """Go on with another model."""
        self._choose(name)
        await self.connect()

    def _choose(self, name: str) -> None:
        allowed = views(models.model(name))
        view = self.wish.view if self.wish.view in allowed else allowed[0]
        self.wish = replace(self.wish, model=name, view=view)
