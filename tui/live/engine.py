"""The engine: a session on a thread and loop of its own, so that no view can harm its sound."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui.core import models, playback
from tui.core.attachment import Attachment
from tui.core.bench import Bench
from tui.core.budget import Budget, Mark, Verdict
from tui.core.capture import Capture
from tui.core.configuration.change import context_update
from tui.core.continuous_text import ROUTE
from tui.core.devices import Source
from tui.core.frame import Direction, Frame
from tui.core.instant import Instant
from tui.core.journal import Journal
from tui.core.playback import Playback
from tui.core.reply import Reply
from tui.core.video import Video
from tui.live.calls import REFUSAL, Calls, Toolkit
from tui.live.endpoint import Endpoint
from tui.live.equipment import Equipment, MakeDevices
from tui.live.interruption import explained, interrupts
from tui.live.line import Line
from tui.live.orders import Orders
from tui.live.outgoing import Outgoing
from tui.live.recorder import Clock, Inbox, JournalRecorder
from tui.live.setup import Wish, modality, views
from tui.live.video import MakeEye

if TYPE_CHECKING:
    from tui.core.connection import Handle
    from tui.live.link import Link


class Engine:
    """Holds one conversation over as many connections as it takes.

    Commands may come from any thread and return at once; their effects come back as records in
    ``inbox``. Each returns a future for callers that want to wait.
    """

    def __init__(
        self,
        endpoint: Callable[[], Endpoint],
        wish: Wish,
        journal: Journal,
        clock: Clock,
        devices: MakeDevices,
        eyes: MakeEye | None = None,
        picture_period_s: float = 1.0,
        *,
        stays: bool = False,
        budget: Budget | None = None,
        toolkit: Toolkit | None = None,
        bench: Bench | None = None,
    ) -> None:
        """``stays`` connects again by itself, before the server goes and after a loss.

        Who has spent the ``budget`` is disconnected. ``toolkit`` has the functions that the model
        may call, and ``bench`` says how they are answered at the start.
        """
        self.clock = clock
        self._wish = wish
        self._recorder = JournalRecorder(journal, clock, self._frame_passed)
        self._equipment = Equipment(self._recorder, devices, eyes, picture_period_s)
        self._budget = budget
        self._calls = Calls(toolkit, self._recorder, bench, self._tools_changed)
        self._explaining: asyncio.Task[None] | None = None
        self._orders = Orders(self._open, self._equipment.close, self._failed)
        self._loop = self._orders.loop
        self._line = Line(
            endpoint, self._recorder, self._loop, self._begun, self._ending, self._ended
        )
        self._outgoing = Outgoing(self._line, self._equipment, self._recorder, self._loop)
        if stays:
            self._line.keep(clock, self._renew, self._quiet)

    @property
    def inbox(self) -> Inbox:
        """Records that nobody has drained yet, oldest first."""
        return self._recorder.inbox

    @property
    def playback(self) -> Playback:
        """What the speaker is doing."""
        return self._equipment.playback

    @property
    def capture(self) -> Capture:
        """What the microphone is doing."""
        return self._equipment.capture

    @property
    def video(self) -> Video:
        """What the camera or the screen is doing."""
        return self._equipment.video

    @property
    def wish(self) -> Wish:
        """What is asked of the session."""
        return self._wish

    @property
    def tools_trouble(self) -> str:
        """Why the tools cannot be used, in a sentence; empty while nothing is known to be wrong."""
        return self._recorder.session.board.trouble

    @property
    def now(self) -> Instant:
        """What the clock and the devices say now."""
        return Instant(self.clock.mono_s, self.playback, self.capture, self.video)

    # ---- commands, from any thread

    def start(self) -> None:
        """Begin; imports and devices load on the engine's thread."""
        self._orders.start()

    def stop(self) -> None:
        """Close everything and wait for the end, two seconds at most for the connection."""
        if self._orders.running:
            self.disconnect().result()
            self._orders.at_once(self._calls.close).result()
            self._orders.stop()

    def connect(self) -> Future[None]:
        """Connect, carrying over what was said."""
        return self._orders.in_turn(self._connect)

    def resume(self, handle: Handle) -> Future[None]:
        """Connect anew from where that handle was given, with its model."""
        return self._orders.in_turn(lambda: self._resume(handle))

    def disconnect(self) -> Future[None]:
        """Close the connection, or give up connecting; the conversation stays.

        Waits for no server: what is under way is dropped before the connection is closed.
        """
        return self._orders.at_once(lambda: self._orders.drop_then(self._disconnect))

    def say(self, text: str, files: Sequence[Attachment] = ()) -> Future[None]:
        """Send a question and what is attached to it; what is still playing is flushed.

        Done when it is on its way, and the sound of files has begun to be.
        """
        return self._orders.in_turn(lambda: self._outgoing.say(text, files, self._wish))

    def show(self, picture: Attachment) -> Future[None]:
        """Let a picture be seen as one of the camera's, without a question."""
        return self._orders.in_turn(lambda: self._outgoing.show(picture))

    def prefill(self, text: str, role: str, files: Sequence[Attachment] = ()) -> Future[None]:
        """Lay a turn of the "user" or the "model" into the context; nothing answers it."""
        return self._orders.in_turn(lambda: self._outgoing.prefill(text, role, files, self._wish))

    def send(self, message: str, source: str = "") -> Future[None]:
        """Send a message of the protocol as it is, past the SDK's checks.

        ``source`` says what a person has written it after, where one has.
        """
        return self._orders.in_turn(lambda: self._outgoing.send(message, source))

    def go_on(self) -> Future[None]:
        """Ask the model to go on with the answer that was interrupted, from where it was heard."""
        return self._orders.in_turn(lambda: self._outgoing.go_on(self._wish))

    def interrupt(self) -> Future[None]:
        """Stop the answer: the speaker at once, then the model. Waits for nothing before it."""
        return self._orders.at_once(self._interrupt)

    def mute(self, muted: bool) -> Future[None]:
        """Hear nothing, or everything again. The connection stays."""
        return self._orders.in_turn(lambda: self._equipment.mute(muted))

    def hear(self, source: Source) -> Future[None]:
        """Hear another microphone, or a file, or nothing ("off"). The connection stays."""
        return self._orders.in_turn(lambda: self._equipment.hear(source))

    def play_on(self, device: Source) -> Future[None]:
        """Play on another speaker; what is playing goes on there."""
        return self._orders.in_turn(lambda: self._equipment.play_on(device))

    def talk(self) -> Future[None]:
        """Begin or end what is said, where the server does not find out by itself."""
        return self._orders.in_turn(self._talk)

    def push_to_talk(self, manual: bool) -> Future[None]:
        """Let `talk` tell when somebody speaks, or the server find out; connects anew."""
        return self._orders.in_turn(lambda: self._detect(manual))

    def replay(self) -> Future[None]:
        """Play again what was thrown away last."""
        return self._orders.in_turn(self._equipment.replay)

    def audition(self, pcm: bytes, rate_hz: int) -> Future[None]:
        """Play captured sound (s16le, mono) that a person wants to hear; not over an answer."""
        return self._orders.in_turn(lambda: self._equipment.audition(pcm, rate_hz))

    def hush(self) -> Future[None]:
        """End the audition."""
        return self._orders.in_turn(self._equipment.hush)

    def watch(self, kind: str, source: str | None = None) -> Future[None]:
        """Show the session a "camera", a "screen", or "" nothing any more; one at a time.

        ``source`` None is the configured one. Needs no connection and waits for none.
        """
        return self._orders.at_once(lambda: self._watch(kind, source))

    def configure(self, wish: Wish, endpoint: Callable[[], Endpoint] | None = None) -> Future[None]:
        """Go on as wished, and with another service where ``endpoint`` finds one.

        Connects anew unless the session can be told of the change, or nothing has changed.
        """
        return self._orders.in_turn(lambda: self._configure(wish, endpoint))

    def view(self, view: str) -> Future[None]:
        """Change how answers are received; connects anew when the setup must change."""
        return self._orders.in_turn(lambda: self._change_view(view))

    def model(self, name: str) -> Future[None]:
        """Go on with another model."""
        return self._orders.in_turn(lambda: self._change_model(name))

    def load_tools(self) -> Future[None]:
        """Learn which functions there are; the first connection does so by itself."""
        return self._orders.in_turn(self._offer)

    def reload_tools(self) -> Future[None]:
        """Learn again which functions there are; the server is told, or connected to anew."""
        return self._orders.in_turn(self._reload)

    def answer_calls(self, bench: Bench) -> Future[None]:
        """Answer function calls in another way from now on."""
        return self._orders.at_once(lambda: self._calls.change(bench))

    def approve(self, call: int) -> Future[None]:
        """Let the call of that number run that waits for approval."""
        return self._orders.at_once(lambda: self._calls.approve(call))

    def refuse(self, call: int, words: str = REFUSAL) -> Future[None]:
        """Answer the call of that number with an error."""
        return self._orders.at_once(lambda: self._calls.refuse(call, words))

    def reply(self, call: int, reply: Reply) -> Future[None]:
        """Answer the call of that number so."""
        return self._orders.at_once(lambda: self._calls.reply(call, reply))

    def told(self, row: Mapping[str, Any]) -> None:
        """The emulator says what became of a fault, or complains; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._told, row)

    # ---- the thread

    def _open(self) -> None:
        self._line.locate()
        self._equipment.open(self._loop)

    def _failed(self, error: Exception) -> None:
        self._recorder.event("error", message=f"{type(error).__name__}: {error}")

    def _told(self, row: Mapping[str, Any]) -> None:
        if "message" in row:
            self._recorder.event("emulator.complaint", of=row["of"], message=row["message"])
        elif problem := row.get("problem"):
            self._refuse(problem)
        else:
            self._recorder.event("fault", fault=row["fault"], state=row["state"])

    def _frame_passed(self, frame: Frame) -> None:
        self._calls.take(frame, self._link)
        if frame.direction is Direction.SEND:
            return
        if self._budget is not None and any(fact.kind == "usageMetadata" for fact in frame.facts):
            self._weigh(self._budget)
        go_away, renewal = self._recorder.session.go_away, self._line.renewal
        if go_away is not None and renewal is not None:
            renewal.going_away(go_away)
        self._equipment.take(frame)
        if interrupts(frame):
            self._explaining = self._loop.create_task(self._explain(frame))

    def _weigh(self, budget: Budget) -> None:
        verdict = budget.weigh(self._recorder.session)
        if verdict is not None:
            self._orders.at_once(lambda: self._heed(verdict))

    async def _heed(self, verdict: Verdict) -> None:
        """The words come after the close, which is no news of its own."""
        if verdict.mark is Mark.SPENT:
            await self._orders.drop_then(self._disconnect)
        self._recorder.event("budget", mark=verdict.mark, message=verdict.words)

    # ---- the connection

    async def _connect(self, handle: Handle | None = None) -> None:
        self._line.decide()
        await self._offer()
        await self._line.connect(self._wish, handle)

    async def _offer(self) -> None:
        """The tools, once they are known, are a part of what is wished."""
        warm = asyncio.to_thread(import_module, "google.genai")  # takes as long as the tools
        tools, _ = await asyncio.gather(self._calls.load(), warm)
        if tools is not None:
            self._wish = replace(self._wish, tools=tools)

    async def _reload(self) -> None:
        self._calls.forget()
        before = self._wish
        await self._offer()
        wish, self._wish = self._wish, before
        await self._configure(wish, None)

    def _tools_changed(self) -> None:
        self._orders.in_turn(self._offer_anew)

    async def _offer_anew(self) -> None:
        """Tell the session of other tools, if its model can be told."""
        before = self._wish
        await self._offer()
        update = context_update(before.setup, self._wish.setup, models.model(before.model))
        if self._link is None or update == {}:
            return
        if update is None:
            self._refuse("The model learns of other functions when you reconnect (c).")
        else:
            await self._link.send_update(update)

    async def _disconnect(self) -> None:
        self._line.decide()
        await self._line.disconnect()

    def _renew(self, fresh: bool) -> None:
        self._orders.in_turn(lambda: self._renewed(fresh))

    async def _renewed(self, fresh: bool) -> None:
        renewal = self._line.renewal
        assert renewal is not None
        if self._link is None or renewal.leaves():
            await self._line.connect(self._wish, fresh=fresh)

    def _quiet(self) -> bool:
        """Whether a new connection would cut nobody off."""
        session = self._recorder.session
        speaking = session.talking or session.speech or self.capture.speech
        waited_for = session.board.pending or session.awaited(self.clock.mono_s)
        busy = waited_for or session.broadcast or session.conversation.current
        return not (busy or speaking) and self.playback.idle

    @property
    def _link(self) -> Link | None:
        return self._line.link

    def _begun(self, link: Link) -> None:
        sees = models.model(self._wish.model).converses
        self._equipment.begin(link, manual=self._wish.configuration.manual, sees=sees)

    def _ending(self) -> None:
        if not self._recorder.session.renewal:
            self._equipment.silence("disconnect")
        self._let_go()

    def _ended(self) -> None:
        self._let_go()
        self._equipment.end_answer()

    def _let_go(self) -> None:
        """Send nothing more; what is heard is kept if a connection will follow."""
        self._calls.end()
        self._outgoing.stop()
        self._equipment.end(held=self._recorder.session.renewal is not None)

    # ---- the conversation

    async def _talk(self) -> None:
        """Who begins to talk is heard at once: what still plays is flushed, as the server will."""
        if reason := self._cannot_talk():
            self._refuse(reason)
            return
        microphone = self._equipment.input
        assert microphone is not None
        if not microphone.talking and self._wish.configuration.interrupts:
            self._equipment.silence("talk")
        microphone.talk(not microphone.talking)

    def _cannot_talk(self) -> str:
        if self._link is None:
            return "Not heard: there is no connection. Reconnect (c)."
        if not self._wish.configuration.manual:
            return "The server detects by itself when you speak; p changes to push-to-talk."
        if not self.capture.device:
            return "There is no microphone to talk into: d chooses one."
        return "The microphone is muted: m lets it hear again." if self.capture.muted else ""

    async def _detect(self, manual: bool) -> None:
        self._wish = self._wish.with_values(push_to_talk=manual or None)
        await self._connect()

    def _refuse(self, reason: str) -> None:
        self._recorder.event("refused", message=reason)

    async def _explain(self, frame: Frame) -> None:
        explanation = await explained(frame, self._recorder.session, self._equipment.input)
        if explanation is not None:
            self._recorder.event("interrupted", **explanation)

    async def _watch(self, kind: str, source: str | None) -> None:
        if kind and not models.model(self._wish.model).converses:
            self._refuse(f"{self._wish.model} takes no pictures: it only hears.")
            return
        await self._equipment.watch(kind, source)

    async def _interrupt(self) -> None:
        self._outgoing.stop()
        session, link = self._recorder.session, self._link
        turn = session.conversation.current
        route = models.model(self._wish.model).interrupt if link and turn else "speaker"
        route = ROUTE if session.continuous else route
        was_idle = self.playback.idle
        if session.continuous and was_idle:
            self._refuse("Nothing plays now, and this model has no turns that could be stopped.")
            return
        flushed = self._equipment.silence("interrupt")
        if turn is None and was_idle:
            return
        number = turn.number if turn else flushed.answer
        self._recorder.event("interrupt", route=route, **playback.key(number))
        if route == "clientContent" and link is not None:
            await link.send(link.session.send_client_content(turn_complete=False))

    async def _change_view(self, view: str) -> None:
        model, before = models.model(self._wish.model), self._wish.view
        if view not in views(model):
            offered = ", ".join(views(model))
            self._recorder.event(
                "error", message=f"{model.name} has no {view}: it offers {offered}."
            )
            return
        self._wish = replace(self._wish, view=view)
        if modality(view) == modality(before):
            if view != "audio":
                self._equipment.silence("text view")
            self._recorder.event("view", view=view)
        else:
            await self._connect()

    async def _configure(self, wish: Wish, endpoint: Callable[[], Endpoint] | None) -> None:
        before, self._wish = self._wish, wish
        if endpoint is not None:
            self._line.locate(endpoint)
        update = context_update(before.setup, wish.setup, models.model(wish.model))
        if endpoint is not None or update is None or self._link is None:
            await self._connect()
            return
        if wish.view != before.view:
            self._equipment.silence("text view")
            self._recorder.event("view", view=wish.view)
        if update:
            await self._link.send_update(update)

    async def _resume(self, handle: Handle) -> None:
        self._choose(handle.model)
        await self._connect(handle)

    async def _change_model(self, name: str) -> None:
        self._choose(name)
        await self._connect()

    def _choose(self, name: str) -> None:
        allowed = views(models.model(name))
        view = self._wish.view if self._wish.view in allowed else allowed[0]
        self._wish = replace(self._wish, model=name, view=view)
