"""The engine: a session on a thread and loop of its own, so that no view can harm its sound."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.core.attachment import Attachment
from tui.core.bench import Bench
from tui.core.budget import Budget
from tui.core.capture import Capture
from tui.core.devices import Source
from tui.core.instant import Instant
from tui.core.journal import Journal
from tui.core.playback import Playback
from tui.core.reply import Reply
from tui.core.video import Video
from tui.live.calls import REFUSAL, Toolkit
from tui.live.course import Course
from tui.live.endpoint import Endpoint
from tui.live.equipment import Equipment, MakeDevices
from tui.live.orders import Orders
from tui.live.recorder import Clock, Inbox, JournalRecorder
from tui.live.setup import Wish
from tui.live.video import MakeEye

if TYPE_CHECKING:
    from tui.core.connection import Handle


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
        self._recorder = JournalRecorder(journal, clock, lambda frame: self._course.take(frame))
        self._equipment = Equipment(self._recorder, devices, eyes, picture_period_s)
        self._orders = Orders(lambda: self._course.open(), self._equipment.close, self._failed)
        self._course = Course(
            endpoint,
            wish,
            self._recorder,
            clock,
            self._equipment,
            self._orders,
            stays=stays,
            budget=budget,
            toolkit=toolkit,
            bench=bench,
        )

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
        return self._course.wish

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
            self._orders.at_once(self._course.calls.close).result()
            self._orders.stop()

    def connect(self) -> Future[None]:
        """Connect, carrying over what was said."""
        return self._orders.in_turn(self._course.connect)

    def resume(self, handle: Handle) -> Future[None]:
        """Connect anew from where that handle was given, with its model."""
        return self._orders.in_turn(lambda: self._course.resume(handle))

    def disconnect(self) -> Future[None]:
        """Close the connection, or give up connecting; the conversation stays.

        Waits for no server: what is under way is dropped before the connection is closed.
        """
        return self._orders.at_once(lambda: self._orders.drop_then(self._course.disconnect))

    def say(self, text: str, files: Sequence[Attachment] = ()) -> Future[None]:
        """Send a question and what is attached to it; what is still playing is flushed.

        Done when it is on its way, and the sound of files has begun to be.
        """
        return self._orders.in_turn(
            lambda: self._course.outgoing.say(text, files, self._course.wish)
        )

    def show(self, picture: Attachment) -> Future[None]:
        """Let a picture be seen as one of the camera's, without a question."""
        return self._orders.in_turn(lambda: self._course.outgoing.show(picture))

    def prefill(self, text: str, role: str, files: Sequence[Attachment] = ()) -> Future[None]:
        """Lay a turn of the "user" or the "model" into the context; nothing answers it."""
        return self._orders.in_turn(
            lambda: self._course.outgoing.prefill(text, role, files, self._course.wish)
        )

    def send(self, message: str, source: str = "") -> Future[None]:
        """Send a message of the protocol as it is, past the SDK's checks.

        ``source`` says what a person has written it after, where one has.
        """
        return self._orders.in_turn(lambda: self._course.outgoing.send(message, source))

    def go_on(self) -> Future[None]:
        """Ask the model to go on with the answer that was interrupted, from where it was heard."""
        return self._orders.in_turn(lambda: self._course.go_on())

    def interrupt(self) -> Future[None]:
        """Stop the answer: the speaker at once, then the model. Waits for nothing before it."""
        return self._orders.at_once(self._course.interrupt)

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
        return self._orders.in_turn(self._course.talk)

    def push_to_talk(self, manual: bool) -> Future[None]:
        """Let `talk` tell when somebody speaks, or the server find out; connects anew."""
        return self._orders.in_turn(lambda: self._course.detect(manual))

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
        return self._orders.at_once(lambda: self._course.watch(kind, source))

    def configure(self, wish: Wish, endpoint: Callable[[], Endpoint] | None = None) -> Future[None]:
        """Go on as wished, and with another service where ``endpoint`` finds one.

        Connects anew unless the session can be told of the change, or nothing has changed.
        """
        return self._orders.in_turn(lambda: self._course.configure(wish, endpoint))

    def view(self, view: str) -> Future[None]:
        """Change how answers are received; connects anew when the setup must change."""
        return self._orders.in_turn(lambda: self._course.change_view(view))

    def model(self, name: str) -> Future[None]:
        """Go on with another model."""
        return self._orders.in_turn(lambda: self._course.change_model(name))

    def load_tools(self) -> Future[None]:
        """Learn which functions there are; the first connection does so by itself."""
        return self._orders.in_turn(self._course.offer)

    def reload_tools(self) -> Future[None]:
        """Learn again which functions there are; the server is told, or connected to anew."""
        return self._orders.in_turn(self._course.reload)

    def answer_calls(self, bench: Bench) -> Future[None]:
        """Answer function calls in another way from now on."""
        return self._orders.at_once(lambda: self._course.calls.change(bench))

    def approve(self, call: int) -> Future[None]:
        """Let the call of that number run that waits for approval."""
        return self._orders.at_once(lambda: self._course.calls.approve(call))

    def refuse(self, call: int, words: str = REFUSAL) -> Future[None]:
        """Answer the call of that number with an error."""
        return self._orders.at_once(lambda: self._course.calls.refuse(call, words))

    def reply(self, call: int, reply: Reply) -> Future[None]:
        """Answer the call of that number so."""
        return self._orders.at_once(lambda: self._course.calls.reply(call, reply))

    def told(self, row: Mapping[str, Any]) -> None:
        """The emulator says what became of a fault, or complains; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._orders.loop.call_soon_threadsafe(self._told, row)

    def note(self, name: str, **detail: Any) -> None:
        """Journal what happens around the session; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._orders.loop.call_soon_threadsafe(partial(self._recorder.event, name, **detail))

    # ---- the thread

    def _failed(self, error: Exception) -> None:
        self._recorder.event("error", message=f"{type(error).__name__}: {error}")

    def _told(self, row: Mapping[str, Any]) -> None:
        if "message" in row:
            self._recorder.event("emulator.complaint", of=row["of"], message=row["message"])
        elif problem := row.get("problem"):
            self._course.refuse(problem)
        else:
            self._recorder.event("fault", fault=row["fault"], state=row["state"])
