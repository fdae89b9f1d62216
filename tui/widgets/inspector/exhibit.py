"""The media of a record: sound as a waveform, a picture in half blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.core import clip, media
from tui.core.clip import Clip, Medium
from tui.core.frame import Frame
from tui.core.inspection import Instruments
from tui.core.json_tree import Line
from tui.core.picture_header import header
from tui.core.row_text import duration
from tui.core.text import safe
from tui.core.video import Picture
from tui.core.waveform import Waveform
from tui.half_blocks import fitted, half_blocks, shades
from tui.widgets.inspector.body import Still

MOST_PX = 50_000_000
"""No larger picture is decoded."""
MOST_WAVE_ROWS = 12
LEAST_WAVE_ROWS = 3
NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class Room:
    """The cells that there are for it."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What there is to show; everything that takes long has been done."""

    captions: Sequence[Line]
    clip: Clip | None = None
    wave: Waveform | None = None
    rgb: bytes = b""
    width_px: int = 0
    room: Room = Room(0, 0)
    """What the picture was made for."""

    def lines(self, room: Room, heard_s: float | None, base: Style | None) -> Still:
        """It in lines.

        Args:
            room: of the pane.
            heard_s: how much of it has been played; None while it is not.
            base: what a picture is shaded in; None where there are colours.
        """
        if self.rgb:
            cells = shades(self.rgb, self.width_px, base) if base else self._blocks()
            return Still(self.captions, [Strip(line) for line in cells])
        if self.clip is None or self.wave is None:
            return Still(self.captions)
        rows = room.height - len(self.captions) - 1
        height = min(MOST_WAVE_ROWS, max(LEAST_WAVE_ROWS, rows))
        share = None if heard_s is None else min(1.0, heard_s / self.clip.seconds)
        wave = [_wave_line(row, share) for row in self.wave.rows(room.width, height)]
        return Still([*self.captions, *wave, _axis(self.clip, room.width, heard_s)])

    def _blocks(self) -> list[list[Segment]]:
        return [*half_blocks(self.rgb, self.width_px)]


def examine(frames: Sequence[Frame], at: int, room: Room, lent: Instruments) -> Exhibit:
    """What is to be shown of a message's medium number ``at``; blocks.

    Of a run of messages, all of its sound is one.
    """
    found = clip.of_frame(frames[0]) if frames else []
    if not found:
        return Exhibit([[("This message holds no media.", "text")]])
    medium = found[at % len(found)]
    which = f"{at % len(found) + 1} of {len(found)} · ← →  " if len(found) > 1 else ""
    name = [(which, "dim"), (safe(medium.blob["mimeType"][:NAME_CHARS]), "key")]
    if medium.kind == "audio":
        return _sound(frames, medium, name, lent)
    if medium.kind == "image":
        return _picture(medium, name, room, lent)
    size = f"  {media.size_bytes(medium.blob):,} B · neither sound nor a picture: not shown"
    return Exhibit([[*name, (size, "dim")]])


def _sound(frames: Sequence[Frame], medium: Medium, name: Line, lent: Instruments) -> Exhibit:
    try:
        sound = clip.joined(frames, medium.path if len(frames) == 1 else "")
    except ValueError as error:
        return Exhibit([name, [(str(error), "unknown")]])
    wave = lent.measure(sound)
    return Exhibit([[*name, *_format(sound)], *_levels(sound, wave)], sound, wave)


def _format(sound: Clip) -> Line:
    rate = f"{sound.rate_hz / 1000:g} kHz{'' if sound.rate_named else '?'}"
    facts = [rate, "mono", duration(sound.seconds), f"{len(sound.pcm):,} B"]
    if sound.messages > 1:
        facts.append(f"{sound.messages:,} messages")
    return [(f"  {' · '.join(facts)}", "number")]


def _levels(sound: Clip, wave: Waveform) -> list[Line]:
    line: Line = [(f"peak {wave.peak_db:.1f} dBFS · RMS {wave.rms_db:.1f} dBFS", "text")]
    if wave.silent:
        line = [("digital silence: bytes without energy", "unknown")]
    if wave.clipped:
        line.append((f" · {wave.clipped:,} samples at full scale", "unknown"))
    if wave.gain > 1 and not wave.silent:
        line.append((f" · drawn {wave.gain}x higher", "dim"))
    return [line, [(safe(sound.problem), "unknown")]] if sound.problem else [line]


def _wave_line(row: str, share: float | None) -> Line:
    """A row of the envelope, what was heard of it in another colour."""
    cells = 0 if share is None else round(share * len(row))
    return [(row[:cells], "heard"), (row[cells:], "wave")]


def _axis(sound: Clip, width: int, heard_s: float | None) -> Line:
    left = "0 s" if heard_s is None else f"▶ {heard_s:.1f} s"
    right = f"p {'stops' if heard_s is not None else 'plays'} it · {duration(sound.seconds)}"
    return [
        (left, "heard" if heard_s is not None else "dim"),
        (right.rjust(width - len(left)), "dim"),
    ]


def _picture(medium: Medium, name: Line, room: Room, lent: Instruments) -> Exhibit:
    try:
        data = media.data_bytes(medium.blob)
    except ValueError as error:
        return Exhibit([name, [(str(error), "unknown")]])
    size = header(data)
    if size is None or not size.width_px or not size.height_px:
        words = f"  {len(data):,} B · its first bytes are of no JPEG, PNG or GIF"
        return Exhibit([[*name, (words, "unknown")]])
    facts = f"  {size.format} · {size.width_px}x{size.height_px} · {len(data):,} B"
    caption: Line = [*name, (facts, "number")]
    if size.width_px * size.height_px > MOST_PX:
        return Exhibit([caption, [("too large to be decoded here: over 50 megapixels", "unknown")]])
    room_px = (room.width, 2 * max(1, room.height - 1))
    width_px, height_px = fitted((size.width_px, size.height_px), room_px)
    rgb = lent.pixels(Picture(data, size.width_px, size.height_px), width_px, height_px)
    if not rgb:
        return Exhibit([caption, [("It cannot be decoded.", "unknown")]])
    return Exhibit([caption], rgb=rgb, width_px=width_px, room=room)
