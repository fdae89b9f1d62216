"""What screens are lent by rooms that they may not know; it loads at its first use."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.core.frame import Direction, Frame

if TYPE_CHECKING:
    from tui.core.clip import Clip
    from tui.core.comparison import Comparison
    from tui.core.devices import Source
    from tui.core.log import SessionLog
    from tui.core.sound_track import SoundTrack
    from tui.core.video import Picture
    from tui.core.waveform import Waveform
    from tui.live.playback import Player
    from tui.replay.sound import Sound


def sound(device: Source, log: SessionLog, track: SoundTrack) -> Sound:
    """Lets a recording be heard on a device; numpy and PortAudio load with the first sound."""
    from tui.replay.sound import Sound

    return Sound(partial(speaker, device), log, track)


def pixels(picture: Picture, width_px: int, height_px: int) -> bytes:
    """The picture decoded at that size, for the preview; OpenCV loads with the first one."""
    from tui.media.picture import pixels

    return pixels(picture, width_px, height_px)


def compared(left: Path, right: Path) -> Comparison:
    """Two recordings beside each other; blocks while they are read."""
    from tui.compare import of_files

    return of_files(left, right)


def measure(clip: Clip) -> Waveform:
    """A sound's peaks and levels; numpy loads with the first one."""
    from tui.media.waveform import measured

    return measured(clip)


def sdk(frame: Frame, vertex: bool) -> dict[str, Any]:
    """What google-genai makes of a message, or how it makes one; it loads with the first."""
    from tui.live import sdk_view

    look = sdk_view.sent if frame.direction is Direction.SEND else sdk_view.received
    return look(frame.payload, vertex)


def speaker(device: Source) -> Player:
    """A speaker; numpy and PortAudio load with it."""
    from tui.media.speaker import Speaker

    return Speaker(device)
