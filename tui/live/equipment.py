"""The devices of a session: its speaker, its microphone, and what it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.core.capture import Capture
from tui.core.devices import Source
from tui.core.frame import Frame
from tui.core.playback import Playback
from tui.core.video import Video
from tui.live.input import Input, MakeListener
from tui.live.playback import Output, Player
from tui.live.recorder import JournalRecorder
from tui.live.video import MakeEye, VideoInput

if TYPE_CHECKING:
    from tui.live.link import Link

MakeDevices = Callable[[], tuple[Player, MakeListener | None]]
"""Makes the speaker, and says how a microphone is made, if there shall be one."""


class Equipment:
    """What a session is heard, seen and played with. Lives on the engine's loop once it is open."""

    def __init__(
        self,
        recorder: JournalRecorder,
        make: MakeDevices,
        make_eye: MakeEye | None,
        picture_period_s: float,
    ) -> None:
        self._recorder, self._make = recorder, make
        self._make_eye, self._picture_period_s = make_eye, picture_period_s
        self._output: Output | None = None
        self.input: Input | None = None
        """The microphone; None where there shall be none."""
        self._video: VideoInput | None = None

    @property
    def playback(self) -> Playback:
        """What the speaker is doing."""
        return self._output.playback if self._output else Playback()

    @property
    def capture(self) -> Capture:
        """What the microphone is doing."""
        return self.input.capture if self.input else Capture(off=True)

    @property
    def video(self) -> Video:
        """What the camera or the screen is doing."""
        return self._video.video if self._video else Video()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make them; what they tell comes on that loop."""
        player, listener = self._make()
        self._output = Output(player, self._recorder)
        if listener is not None:
            self.input = Input(listener, self._recorder, loop)
        if self._make_eye is not None:
            self._video = VideoInput(self._make_eye, self._picture_period_s, self._recorder, loop)

    def close(self) -> None:
        """Give them back."""
        for device in (self.input, self._video, self._output):
            if device is not None:
                device.close()

    def begin(self, link: Link, *, manual: bool, sees: bool) -> None:
        """Send over a connection; ``manual`` where `talk` tells when somebody speaks.

        ``sees`` is False where the model takes no pictures.
        """
        if self.input is not None:
            self.input.begin(link, manual=manual)
        if self._video is not None and sees:
            self._video.begin(link.send_picture)

    def end(self, *, held: bool) -> None:
        """Send nothing more; what is heard is kept where ``held``."""
        if self.input is not None:
            self.input.end(held=held)
        if self._video is not None:
            self._video.end()

    def take(self, frame: Frame) -> None:
        """Play what the server sends."""
        if self._output is not None:
            self._output.take(frame)

    def end_answer(self) -> None:
        """Nothing more of an answer will come."""
        if self._output is not None:
            self._output.end()

    def silence(self, cause: str) -> Playback:
        """Flush the speaker; returns what was playing."""
        return self._output.silence(cause) if self._output else Playback()

    async def mute(self, muted: bool) -> None:
        """Hear nothing, or everything again."""
        if self.input is not None and self.input.on:
            self.input.mute(muted)

    async def hear(self, source: Source) -> None:
        """Hear another microphone, a file, or nothing."""
        if self.input is not None:
            self.input.switch(source)

    async def play_on(self, device: Source) -> None:
        """Play on another speaker."""
        if self._output is not None:
            self._output.switch(device)

    async def watch(self, kind: str, source: str | None) -> None:
        """Show a camera, a screen, or nothing."""
        if self._video is not None:
            await self._video.watch(kind, source)

    async def replay(self) -> None:
        """Play again what was thrown away last."""
        self._refuse(self._output.replay() if self._output else "There is no speaker yet.")

    async def audition(self, pcm: bytes, rate_hz: int) -> None:
        """Play captured sound (s16le, mono)."""
        if self._output is not None:
            self._refuse(self._output.audition(pcm, rate_hz))

    async def hush(self) -> None:
        """End the audition."""
        if self._output is not None:
            self._output.hush()

    def _refuse(self, reason: str) -> None:
        if reason:
            self._recorder.event("refused", message=reason)
