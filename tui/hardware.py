"""The devices of this machine: those that there are, and those of the options.

What they need is imported on the thread that asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from tui.core.devices import Finding, Group, Kind, Source
from tui.options import Options

if TYPE_CHECKING:
    from tui.core.capture import Block
    from tui.core.video import Picture
    from tui.live.input import MakeListener
    from tui.live.playback import Player
    from tui.media.eye import Eye


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
