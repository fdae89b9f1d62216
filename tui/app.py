"""The Textual app: wiring, the drain timer, actions. It holds no session state."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import App, SystemCommand
from textual.command import CommandPalette, SimpleCommand
from textual.screen import Screen

from tui import graphics, terminal, theming
from tui.core import models
from tui.core.devices import Finding, Group, Kind, Source
from tui.core.frame import Event
from tui.core.log import SessionLog
from tui.core.places import data_folder
from tui.core.session import Area
from tui.core.text import safe
from tui.keys import KEYS
from tui.line_view import LineView
from tui.live.setup import views
from tui.options import Options
from tui.pace import Pace
from tui.rig import Rig
from tui.screens.devices import OFF, Devices, Use
from tui.screens.help import Help
from tui.screens.workbench import Workbench
from tui.widgets.composer import Composer
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.preview import Preview
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tui.core.capture import Block
    from tui.core.video import Picture
    from tui.graphics import Image
    from tui.live.input import MakeListener
    from tui.live.playback import Player
    from tui.media.eye import Eye

DRAIN_HZ = 15
DRAIN_BUDGET_S = 0.03
"""A drain that has more to do leaves the rest for the next one, so that keys are answered."""
YOUNG_OBJECTS = 10_000
"""The garbage collector's first threshold; at Python's 700 it takes a tenth of a busy engine."""
QUIT_AGAIN_S = 2.0
MOST_FPS = 1.0
FAST = "The service takes at most one picture a second: it may drop more, or close the session."
SWITCH_INTERVAL_S = 0.00002
"""How soon the engine's threads get the interpreter while this one computes. A block of the
microphone changes its holder some ten times on its way to the socket: at 0.5 ms it takes 14 ms at
the 99th percentile while the screen does nothing but compute, at 0.02 ms 8 (2 cores, both busy)."""


class Bidiscope(App[None]):
    """Moves records from the engine to the log, changes to the screen, commands to the engine."""

    CSS_PATH = "app.tcss"
    CSS = theming.ANSI_CSS
    TITLE = "bidiscope"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        rig: Rig,
        options: Options,
        make_image: Callable[[], Image] | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        super().__init__(ansi_color=theming.without_color(os.environ) or None)
        self._rig = rig
        self._options = options
        self._make_image = make_image
        self._warnings = warnings
        self._evidence = SessionLog(rig.storage.read)
        self._area = ~Area.NOTHING
        self._news = True
        """Whether there is something that is not on the screen."""
        self._pace = Pace()
        self._quit_asked_s = float("-inf")
        self._theme_before = ""
        self._theme_problems = theming.register(self, os.environ)
        self._chosen: dict[Kind, Source] = {
            Kind.MICROPHONE: options.mic,
            Kind.SPEAKER: options.device,
        }

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours that only bidiscope's own themes set."""
        return theming.variable_defaults(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        """The workbench."""
        image = self._make_image() if self._make_image else None
        recording = self._rig.recording
        name = recording.name if recording else ""
        return Workbench(self._evidence, Preview(pixels, image), name)

    def on_mount(self) -> None:
        """Themes and signals."""
        problems = self._theme_problems
        if self._options.theme:
            problems += self._choose_theme(self._options.theme)
        for problem in problems:
            self.notify(problem, title="Theme", severity="warning", markup=False, timeout=10)
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and os.name == "posix":
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.exit)

    def on_ready(self) -> None:
        """The screen is painted: now the SDK and the devices may load, on the engine's thread."""
        self.set_interval(1 / DRAIN_HZ, self._drain)
        self._rig.engine.start()
        self._rig.engine.connect().add_done_callback(_collect_only_what_comes)
        if self._options.watch:
            self._rig.engine.watch(self._options.watch)
        for warning in self._warnings:
            self.notify(warning, severity="warning", markup=False, timeout=10)

    # ---- the drain

    @property
    def up_to_date(self) -> bool:
        """Whether all that was recorded is on the screen."""
        return not self._rig.engine.inbox and not self._news

    def _drain(self) -> None:
        """Take in what the engine has recorded since, and show it."""
        inbox, end_s = self._rig.engine.inbox, time.perf_counter() + DRAIN_BUDGET_S
        self._news = self._news or bool(inbox)
        while inbox and time.perf_counter() < end_s:
            record, place = inbox.popleft()
            self._area |= self._evidence.ingest(record, place)
            if isinstance(record, Event) and record.name == "refused":
                self.notify(safe(str(record.detail["message"])), markup=False)
        screen, now = self.screen, self._rig.engine.now
        moves = self._news or now.playback.playing or bool(now.capture.speech)
        if isinstance(screen, Workbench) and self._pace.due(moves):
            screen.show(self._area, now)
            self._area, self._news = Area.NOTHING, False

    # ---- actions: all of them end in a command to the engine, or stay on the screen

    @on(Composer.Sent)
    def _send(self, event: Composer.Sent) -> None:
        self._rig.engine.say(event.text)
        self.screen.query_one(Transcript).action_follow()

    @on(Composer.Kept)
    def _keep(self, event: Composer.Kept) -> None:
        self.notify(event.reason, severity="warning", markup=False)

    def action_interrupt(self) -> None:
        """Silence the answer, then stop the model."""
        self._rig.engine.interrupt()

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
        """Close the connection, or connect again."""
        session = self._evidence.session
        if session.connected or session.connecting:
            self._rig.engine.disconnect()
        else:
            self._rig.engine.connect()

    def action_mute(self) -> None:
        """Hear nothing, or everything again; the connection stays."""
        capture = self._rig.engine.capture
        if capture.off:
            self.notify("The microphone is off: --mic off or --no-sound.", markup=False)
        elif not capture.device:
            self.notify(safe(capture.problem) or "The microphone is not open yet.", markup=False)
        else:
            self._rig.engine.mute(not capture.muted)

    def action_talk(self) -> None:
        """Begin or end what is said, where the server does not detect it."""
        self._rig.engine.talk()

    def action_push_to_talk(self) -> None:
        """Let Space tell when somebody speaks, or the server find out."""
        connection = self._evidence.session.connection
        manual = connection is None or not connection.manual
        self._rig.engine.push_to_talk(manual)
        self.notify(_DETECTION[manual], title="PUSH TO TALK" if manual else "OPEN MICROPHONE")

    def action_replay(self) -> None:
        """Play again what was thrown away last."""
        self._rig.engine.replay()

    def action_watch(self, kind: str) -> None:
        """Show the session the camera or the screen, or nothing any more."""
        engine = self._rig.engine
        engine.watch("" if engine.video.kind == kind else kind)

    def action_copy(self) -> None:
        """Copy the selected text, else the value or row that is chosen."""
        focused = self.screen.focused
        text = self.screen.get_selected_text()
        if not text and isinstance(focused, MessageList):
            text = focused.selected_text()
        elif not text and focused is not None:
            inspector = next((up for up in focused.ancestors if isinstance(up, Inspector)), None)
            text = inspector.copy_value() if inspector else ""
        self._copy(text or "")

    def action_copy_raw(self) -> None:
        """Copy the chosen message as it crossed the wire."""
        self._copy(self.screen.query_one(Inspector).copy_raw())

    def action_copy_or_quit(self) -> None:
        """Ctrl+C: copy what is selected; otherwise quit when it is pressed again."""
        focused = self.screen.focused
        text = self.screen.get_selected_text()
        if not text and isinstance(focused, Composer):
            text = focused.selected_text
        if text:
            self._copy(text)
        elif time.monotonic() - self._quit_asked_s < QUIT_AGAIN_S:
            self.exit()
        else:
            self._quit_asked_s = time.monotonic()
            self.notify("Press Ctrl+C again to quit.", timeout=QUIT_AGAIN_S)

    def action_help(self) -> None:
        """Keys, words and files."""
        panes = {
            "In the conversation": Transcript,
            "In the composer": Composer,
            "In the list of messages": MessageList,
            "In the inspector": Inspector,
            "In the list and the inspector": LineView,
        }
        self.push_screen(Help(panes, self._rig.recording))

    # ---- devices

    def action_devices(self) -> None:
        """Choose and test devices."""
        self.push_screen(Devices(read_devices, test_device, self._use, self._choose_device))

    def _use(self, kind: Kind) -> Use | None:
        engine = self._rig.engine
        capture, playback, video = engine.capture, engine.playback, engine.video
        if kind is Kind.MICROPHONE:
            return Use(OFF if capture.off else self._chosen[kind], capture.device)
        if kind is Kind.SPEAKER:
            return Use(self._chosen[kind], "" if playback.problem else playback.device)
        return Use(self._chosen.get(kind)) if video.kind == kind.value else None

    def _choose_device(self, kind: Kind, source: Source) -> None:
        engine = self._rig.engine
        match kind:
            case Kind.MICROPHONE:
                engine.hear(source)
            case Kind.SPEAKER:
                engine.play_on(source)
            case Kind.CAMERA | Kind.SCREEN:
                engine.watch(kind.value, str(source))
        self._chosen[kind] = source

    def _copy(self, text: str) -> None:
        if not text:
            self.notify("Nothing is selected: drag over text, or choose a message.", markup=False)
            return
        way = terminal.copy(safe(text, lines=True), self.copy_to_clipboard, os.environ)
        self.notify(way, markup=False)

    # ---- themes

    def action_theme(self) -> None:
        """Choose a theme; the one under the cursor is shown while choosing."""
        self._theme_before = self.theme
        described = theming.descriptions(self)
        commands = [
            (name, partial(self._choose_theme, name), described[name]) for name in described
        ]
        self.search_commands(
            [SimpleCommand(*each) for each in commands], placeholder="Choose a theme"
        )

    def _choose_theme(self, name: str) -> list[str]:
        if name not in self.available_themes:
            known = ", ".join(theming.descriptions(self))
            return [f"There is no theme {safe(name)}: choose one of {known}."]
        self.theme = self._theme_before = name
        return []

    @on(CommandPalette.OptionHighlighted)
    def _preview(self, event: CommandPalette.OptionHighlighted) -> None:
        name = str(event.highlighted_event.option.prompt).partition("\n")[0].strip()
        if self._theme_before and name in self.available_themes:
            self.theme = name

    @on(CommandPalette.Closed)
    def _end_preview(self, event: CommandPalette.Closed) -> None:
        if self._theme_before and not event.option_selected:
            self.theme = self._theme_before
        self._theme_before = ""

    # ---- the palette

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The keys' table and the models; nothing is in the palette that has no key or name."""
        for key in KEYS:
            if key.id != "app.palette":
                yield SystemCommand(
                    key.label, key.meaning, partial(self.run_action, key.action, screen)
                )
        for name in models.names():
            what = models.model(name).summary
            yield SystemCommand(f"Model: {name}", what, partial(self._rig.engine.model, name))


_DETECTION = {
    True: "Space begins and ends what you say; nothing else is sent. That is another set-up, so "
    "the session connects anew.",
    False: "The server detects when you speak. That is another set-up, so the session connects "
    "anew.",
}

_VIEWS = {
    "audio": "The model speaks, and you hear it.",
    "text view": "The same connection: the model still speaks, and is paid for it; its sound is "
    "thrown away and the transcription shown.",
    "text": "The model writes. That is another set-up, so the session connects anew.",
}


def _collect_only_what_comes(_: Future[None]) -> None:
    """What is loaded by now stays: to look at it again stops all threads for 100 ms at a time."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()


def run(options: Options) -> int:
    """Run the workbench in this terminal; returns its exit code."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    rig = Rig(options, partial(devices, options), partial(eye, options))
    make_image, problem = graphics.image(options.picture)
    too_fast = options.video_fps > MOST_FPS and FAST
    app = Bidiscope(rig, options, make_image, [each for each in (problem, too_fast) if each])
    try:
        with terminal.native_stderr_to(data_folder() / "native.log"):
            app.run(mouse=options.mouse)
    finally:
        rig.stop()
    if rig.recording is not None and app.return_code == 0:
        print(f"Recorded to {rig.recording}", file=sys.stderr)
    return app.return_code or 0


def read_devices() -> tuple[Group, ...]:
    """What devices there are; blocks."""
    from tui.media import catalogue

    return catalogue.read()


def test_device(kind: Kind, source: Source) -> Generator[Finding]:
    """A test of one; it runs as its findings are taken."""
    from tui.media import trial

    return trial.run(kind, source)


def devices(options: Options) -> tuple[Player, MakeListener | None]:
    """The speaker and microphone of the options; numpy and PortAudio load on its thread."""
    from tui.media.microphone import Microphone
    from tui.media.speaker import Speaker

    speaker = Speaker(options.device, sound=options.sound, wav_folder=options.speaker)

    def microphone(on_block: Callable[[Block], None]) -> Microphone:
        source = options.mic if options.sound or str(options.mic).endswith(".wav") else "off"
        return Microphone(source, on_block=on_block, reference=speaker.reference, aec=options.aec)

    return speaker, microphone


def eye(
    options: Options, kind: str, source: str | None, on_picture: Callable[[Picture], None]
) -> Eye:
    """The camera or the screen of the options; OpenCV and mss load on its thread."""
    from tui.media.camera import camera
    from tui.media.eye import Eye
    from tui.media.screen import Screen

    if kind == "screen":
        return Eye(Screen(int(source or options.screen)), on_picture, options.video_size_px)
    looked_at = camera(source or options.camera, loop=options.camera_loop)
    return Eye(looked_at, on_picture, options.video_size_px)


def pixels(picture: Picture, width_px: int, height_px: int) -> bytes:
    """The picture decoded at that size, for the preview; OpenCV is there when a picture is."""
    from tui.media.picture import pixels

    return pixels(picture, width_px, height_px)
