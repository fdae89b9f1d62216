"""The live session's app: wiring, the drain timer, commands. It holds no session state."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import SystemCommand
from textual.screen import Screen

from tui import lent
from tui.audition import SessionAudition
from tui.core import models
from tui.core.fault import kinds
from tui.core.frame import Event
from tui.core.inspection import Audition
from tui.core.log import SessionLog
from tui.core.session import Area, Session
from tui.core.text import safe
from tui.desk import Desk
from tui.device_choice import DeviceChoice
from tui.feed import Feed
from tui.handwriting import Handwriting
from tui.live.setup import views
from tui.options import Options
from tui.outbox import Outbox
from tui.pace import Pace
from tui.pairing import Pairing
from tui.rig import Rig
from tui.screens.connections import Connections
from tui.screens.faults import Faults
from tui.screens.live import Live
from tui.screens.pair import PairScreen
from tui.screens.workbench import Workbench
from tui.session_settings import SessionSettings
from tui.tool_bench import ToolBench
from tui.widgets.board import CallList
from tui.widgets.composer import Composer
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tui.graphics import Image

DRAIN_HZ = 15
DRAIN_BUDGET_S = 0.03
"""A drain that has more to do leaves the rest for the next one, so that keys are answered."""
YOUNG_OBJECTS = 10_000
"""The garbage collector's first threshold; at Python's 700 it takes a tenth of a busy engine."""


class Bidiscope(Desk):
    """Moves records from the engine to the log, changes to the screen, commands to the engine."""

    def __init__(
        self,
        rig: Rig,
        options: Options,
        make_image: Callable[[], Image] | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        hear = partial(lent.sound, options.device) if options.sound else None
        super().__init__(None, options.theme, make_image, warnings, hear)
        self._sound = options.sound
        self._feed = Feed(rig, options)
        self.pairing = Pairing(self, self._feed)
        self._pace = Pace()
        self._watch = options.watch
        self._against = options.against
        self._on_screen: Live | PairScreen | None = None
        self._handwriting = Handwriting(self, lambda: self._rig, lambda: self._evidence)
        self._bench = ToolBench(self, lambda: self._rig.engine, lambda: self._evidence.session)
        self._outbox = Outbox(self, rig, options, lambda: self.pairing.engines)
        self._devices = DeviceChoice(
            self, options, lambda: self.pairing.engines, lambda: self._evidence.session
        )

    def get_default_screen(self) -> Screen[None]:
        """The workbench."""
        return self._live(self._feed)

    def _live(self, feed: Feed) -> Live:
        return Live(
            feed.log,
            self.preview(),
            feed.linter.findings,
            feed.rig.recording,
            self.instruments(),
            feed.rig.prices,
        )

    @property
    def _in_view(self) -> Feed:
        """The session whose messages are on the screen; the first one, where both are."""
        live = (screen for screen in reversed(self.screen_stack) if isinstance(screen, Live))
        log = next((screen.session_log for screen in live), None)
        return next((feed for feed in self.pairing.feeds if feed.log is log), self._feed)

    @property
    def _rig(self) -> Rig:
        return self._in_view.rig

    @property
    def _evidence(self) -> SessionLog:
        return self._in_view.log

    @property
    def _settings(self) -> SessionSettings:
        return SessionSettings(self, self._rig, self._in_view.options)

    @cached_property
    def audition(self) -> Audition:
        """On the session's speaker."""
        return SessionAudition(self._rig.engine, self._sound)

    def on_ready(self) -> None:
        """The screen is painted: now the SDK and the devices may load, on the engine's thread."""
        self.set_interval(1 / DRAIN_HZ, self._drain)
        engine = self._feed.rig.engine
        engine.start()
        if self._against is not None:
            self.pairing.begin(self._against)
        engine.connect().add_done_callback(_collect_only_what_comes)
        if self._watch:
            self.action_watch(self._watch)
        self._outbox.open()

    @property
    def own_recording(self) -> Path | None:
        """Where this session is recorded."""
        return self._rig.recording

    # ---- the drain

    @property
    def up_to_date(self) -> bool:
        """Whether all that was recorded is on the screen."""
        feeds = self.pairing.feeds
        return not any(feed.rig.engine.inbox or feed.news for feed in feeds)

    def _drain(self) -> None:
        """Take in what the engines have recorded since, and show it."""
        feeds = self.pairing.feeds
        for feed in feeds:
            for event in feed.drain(DRAIN_BUDGET_S / len(feeds)):
                self._tell(feed, event)
        screen = self.screen_stack[-1] if self.screen_stack else None  # none while it shuts down
        if isinstance(screen, (Live, PairScreen)):
            self._picture(screen)

    def _tell(self, feed: Feed, event: Event) -> None:
        """What a person must know of at once."""
        self.pairing.take(feed, event)
        match event.name:
            case "refused":
                self.notify(safe(str(event.detail["message"])), markup=False)
            case "unsent" if self.pairing.both:  # the other one may have got it
                self.notify(safe(str(event.detail["message"])), severity="warning", markup=False)
            case "unsent":
                self._outbox.unsent(str(event.detail["message"]))
            case _:
                self._bench.tell(event)

    def _picture(self, screen: Live | PairScreen) -> None:
        """Show what has changed, if it is time to."""
        feeds = self.pairing.feeds if isinstance(screen, PairScreen) else (self._in_view,)
        if screen is not self._on_screen:
            self._on_screen = screen
            for feed in feeds:
                feed.area = ~Area.NOTHING
        instants = [feed.rig.engine.now for feed in feeds]
        moves = any(now.playback.playing or now.capture.speech for now in instants)
        if self._pace.due(moves or any(feed.news for feed in feeds)):
            if isinstance(screen, PairScreen):
                self.pairing.picture(screen)
            else:
                screen.show(feeds[0].area, instants[0])
            for feed in feeds:
                feed.shown()

    # ---- actions: all of them end in a command to the engine, or stay on the screen

    @on(Composer.Sent)
    def _send(self, event: Composer.Sent) -> None:
        self._outbox.send(event.text)
        self._follow()

    @on(Composer.Prefilled)
    def _prefill(self, event: Composer.Prefilled) -> None:
        self._outbox.prefill(event.text, event.role)
        self._follow()

    def _follow(self) -> None:
        for transcript in self.screen.query(Transcript):
            transcript.action_follow()

    @on(Composer.Dropped)
    def _attach_dropped(self, event: Composer.Dropped) -> None:
        self._outbox.attach(event.paths)

    def action_attach(self) -> None:
        """Choose a file that goes with what is sent next."""
        self._outbox.choose()

    @on(Composer.Kept)
    def _keep(self, event: Composer.Kept) -> None:
        self.notify(event.reason, severity="warning", markup=False)

    def action_interrupt(self) -> None:
        """Silence the answer, then stop the model; first leave the line of a query."""
        screen, engines = self.screen, self.pairing.engines
        busy = self._evidence.session.conversation.current is not None or any(
            engine.playback.playing for engine in engines
        )
        if not (isinstance(screen, Live) and screen.back_out(busy=busy)):
            for engine in engines:
                engine.interrupt()

    def action_modality(self) -> None:
        """The next way of receiving answers that the model has."""
        session = self._evidence.session
        model = models.model(session.connection.model if session.connection else self._rig.model)
        allowed = views(model)
        at = allowed.index(session.view) if session.view in allowed else -1
        view = allowed[(at + 1) % len(allowed)]
        self._rig.engine.view(view)
        refused = "" if "text" in allowed else f" {safe(model.name)} has no TEXT."
        self.notify(_VIEWS[view] + refused, title=view.upper(), markup=False)

    def action_connect(self) -> None:
        """Close the connection, or connect again; of two sessions in view, those that are lost."""
        pair = isinstance(self.screen, PairScreen)
        feeds = self.pairing.going if pair else (self._in_view,)
        closed = [feed for feed in feeds if not _is_there(feed.log.session)]
        for feed in closed:
            feed.rig.engine.connect()
        for feed in () if closed else feeds:
            feed.rig.engine.disconnect()

    def action_connections(self) -> None:
        """List the connections, to resume from any of their handles."""
        engine = self._rig.engine
        self.push_screen(
            Connections(lambda: self._evidence.session, lambda: engine.clock.mono_s, engine.resume)
        )

    def action_talk(self) -> None:
        """Begin or end what is said, where the server does not detect it."""
        for engine in self.pairing.engines:
            engine.talk()

    def action_replay(self) -> None:
        """Play again what was thrown away last."""
        pair = isinstance(self.screen, PairScreen)
        (self.pairing.heard.rig if pair else self._rig).engine.replay()

    def action_go_on(self) -> None:
        """Ask the model to go on with the answer that was interrupted."""
        self._rig.engine.go_on()

    def action_edit_message(self) -> None:
        """Edit the chosen message, of this session or of a recording, and send it."""
        if isinstance(self.screen, Workbench):
            screen = self.screen
            self._handwriting.edit(screen.session_log, screen.chosen_rows, screen.path)

    def action_write_message(self) -> None:
        """Write a message of the protocol."""
        self._handwriting.write()

    def action_settings(self) -> None:
        """See and change what is asked of the session."""
        self._settings.show(self.audition)

    def action_key(self) -> None:
        """Choose who answers: Gemini by a key, the emulator, or a recording."""
        self._settings.offer(self.action_sessions)

    # ---- two sessions

    def action_second(self) -> None:
        """Hold a second session at the same microphone, or go back to both."""
        self.pairing.open()

    def action_end_second(self) -> None:
        """End the second session, or begin another."""
        self.pairing.end()

    def action_hear_other(self) -> None:
        """Hear the session that is silent now."""
        self.pairing.hear_other()

    def action_wire(self, number: int) -> None:
        """All messages of one of the two."""
        feed = self.pairing.feeds[number]
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if feed is not self._feed:
            self.push_screen(self._live(feed))

    def action_compare_pair(self) -> None:
        """Both recordings side by side, as far as they have come."""
        one, other = (feed.rig.recording for feed in self.pairing.feeds)
        if one is None or other is None:
            self.notify("Nothing is recorded: leave --no-record out.", markup=False)
        else:
            self.compare(one, other)

    def action_bench(self) -> None:
        """Choose how function calls are answered."""
        self._bench.choose()

    @on(CallList.Ordered)
    def _order(self, event: CallList.Ordered) -> None:
        self._bench.order(event.what, event.call)

    # ---- devices

    def action_mute(self) -> None:
        """Hear nothing, or everything again; the connection stays."""
        self._devices.mute()

    def action_push_to_talk(self) -> None:
        """Let Space tell when somebody speaks, or the server find out."""
        self._devices.push_to_talk()

    def action_watch(self, kind: str) -> None:
        """Show the session the camera or the screen, or nothing any more."""
        self._devices.watch(kind)

    def action_devices(self) -> None:
        """Choose and test devices."""
        self._devices.show()

    # ---- faults

    def action_faults(self) -> None:
        """Choose what the emulator shall do wrong; the real service cannot be asked to."""
        if why := _AIMLESS if self.pairing.both else self._rig.no_faults:
            self.notify(why, markup=False)
        else:
            self.push_screen(Faults(), self._arm)

    def _arm(self, spec: str | None) -> None:
        if spec:
            self._rig.arm(spec)

    # ---- the palette

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the desk has, the models, and the faults where there are any."""
        yield from super().get_system_commands(screen)
        if isinstance(screen, Live):
            yield from self._settings.models()
            yield from self._bench.commands()
            faulty = not self._rig.no_faults and not self.pairing.both
            for kind in kinds().values() if faulty else ():
                yield SystemCommand(f"Fault: {kind.name}", kind.does, partial(self._arm, kind.name))


_AIMLESS = (
    "With two sessions at the emulator nobody knows which of them a fault would hit: end the "
    "second one first (M)."
)
_VIEWS = {
    "audio": "The model speaks, and you hear it.",
    "text view": "The same connection: the model still speaks, and is paid for it; its sound is "
    "thrown away and the transcription shown.",
    "text": "The model writes. That is another set-up, so the session connects anew.",
}


def _is_there(session: Session) -> bool:
    return session.connected or session.connecting


def _collect_only_what_comes(_: Future[None]) -> None:
    """What is loaded by now stays: to look at it again stops all threads for 100 ms at a time."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()
