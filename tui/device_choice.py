"""The devices of the app's sessions: chosen, muted, told what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import App

from tui import hardware
from tui.core.devices import Kind, Source
from tui.core.session import Session
from tui.core.text import safe
from tui.live.engine import Engine
from tui.options import Options
from tui.screens.devices import OFF, Devices, Use

_DETECTION = {
    True: "Space begins and ends what you say; nothing else is sent. That is another set-up, so "
    "the session connects anew.",
    False: "The server detects when you speak. That is another set-up, so the session connects "
    "anew.",
}


class DeviceChoice:
    """Between a person and the devices, which all sessions share.

    Args:
        app: shows the screens.
        options: what was chosen at the start.
        engines: of all sessions; the first one has the speaker.
        session: tells the state of the one in view.
    """

    def __init__(
        self,
        app: App[None],
        options: Options,
        engines: Callable[[], Sequence[Engine]],
        session: Callable[[], Session],
    ) -> None:
        self._app, self._engines, self._session = app, engines, session
        self._chosen: dict[Kind, Source] = {
            Kind.MICROPHONE: options.mic,
            Kind.SPEAKER: options.device,
        }

    def show(self) -> None:
        """Choose and test devices."""
        self._app.push_screen(
            Devices(hardware.read_devices, hardware.test_device, self._use, self._choose)
        )

    def _use(self, kind: Kind) -> Use | None:
        engine = self._engines()[0]
        capture, playback, video = engine.capture, engine.playback, engine.video
        if kind is Kind.MICROPHONE:
            return Use(OFF if capture.off else self._chosen[kind], capture.device)
        if kind is Kind.SPEAKER:
            return Use(self._chosen[kind], "" if playback.problem else playback.device)
        return Use(self._chosen.get(kind)) if video.kind == kind.value else None

    def _choose(self, kind: Kind, source: Source) -> None:
        if kind is Kind.SPEAKER:
            self._engines()[0].play_on(source)
        for engine in self._engines():
            match kind:
                case Kind.MICROPHONE:
                    engine.hear(source)
                case Kind.CAMERA | Kind.SCREEN:
                    engine.watch(kind.value, str(source))
        self._chosen[kind] = source

    def mute(self) -> None:
        """Hear nothing, or everything again; the connection stays."""
        capture = self._engines()[0].capture
        if capture.off:
            self._app.notify("The microphone is off: --mic off or --no-sound.", markup=False)
        elif not capture.device:
            why = safe(capture.problem) or "The microphone is not open yet."
            self._app.notify(why, markup=False)
        else:
            for engine in self._engines():
                engine.mute(not capture.muted)

    def push_to_talk(self) -> None:
        """Let Space tell when somebody speaks, or the server find out."""
        connection = self._session().connection
        manual = connection is None or not connection.manual
        for engine in self._engines():
            engine.push_to_talk(manual)
        self._app.notify(_DETECTION[manual], title="PUSH TO TALK" if manual else "OPEN MICROPHONE")

    def watch(self, kind: str) -> None:
        """Show the session the camera or the screen, or nothing any more."""
        wanted = "" if self._engines()[0].video.kind == kind else kind
        for engine in self._engines():
            engine.watch(wanted)
