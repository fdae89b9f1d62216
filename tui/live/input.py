"""What the microphone hears, on its way to the server: in order, and dropped in words only."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from tui.core.barge_in import Overlap
from tui.core.capture import BLOCK_S, QUIET_S, RATE_HZ, Block, Capture
from tui.core.devices import Source
from tui.live.recorder import JournalRecorder

MIME_TYPE = f"audio/pcm;rate={RATE_HZ}"
WAITING = 100
"""Blocks that wait for a slow socket, 2 s of sound; older ones are dropped and journalled."""
HELD = 250
"""Blocks that wait for the next connection, 5 s of sound; the same happens to older ones."""


class Listener(Protocol):
    """A microphone, or a file in its place."""

    def open(self) -> None:
        """Begin to hear; never raises: the snapshot tells what is wrong."""
        ...

    def mute(self, muted: bool) -> None:
        """Hear nothing from now on, or everything again."""
        ...

    def switch(self, source: Source) -> None:
        """Hear another device; silence fills in until it speaks."""
        ...

    def snapshot(self) -> Capture:
        """What is heard; any thread may ask."""
        ...

    def overlap(self) -> Overlap:
        """Who spoke in the last second, and what was played; takes milliseconds."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


MakeListener = Callable[[Callable[[Block], None]], Listener]
"""Makes a listener that hands its blocks on, on a thread of its own."""


class Wire(Protocol):
    """A connection that takes real-time input; what it is given is on its way when it returns."""

    async def send_audio(self, pcm: bytes, mime_type: str) -> None:
        """Sound of the person."""
        ...

    async def send_signal(self, name: str) -> None:
        """`activity_start`, `activity_end` or `audio_stream_end`."""
        ...


class Input:
    """Sends what is heard while there is a connection. Lives on the engine's loop."""

    def __init__(
        self,
        make: MakeListener,
        recorder: JournalRecorder,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._recorder = recorder
        self._loop = loop
        self._waiting: deque[Block | str] = deque()
        """Blocks, and the signals between them."""
        self._more = asyncio.Event()
        self._dropped = 0
        self._told = ("", "")
        self._speech = False
        """Speech was journalled as started, and not yet as ended."""
        self._sender: asyncio.Task[None] | None = None
        self._listener = make(self._heard)
        self._opened = False
        self._heard_once = False
        """A device has been heard: from then on there is no gap on the wire, lost or not."""
        self._held = False
        """What is heard waits for a connection."""
        self._manual = False
        """Only what is said between `activityStart` and `activityEnd` is sent."""
        self._aside = False
        """Something else is sent in the place of what is heard."""
        self.talking = False
        """`activityStart` was sent, and `activityEnd` not yet."""

    @property
    def capture(self) -> Capture:
        """What is heard; any thread may ask."""
        heard = self._listener.snapshot()
        if waiting := len(self._waiting):
            return replace(heard, waiting_s=waiting * BLOCK_S)
        return heard

    @property
    def on(self) -> bool:
        """Whether there is a microphone that may be sent."""
        return not self.capture.off

    def begin(self, wire: Wire, *, manual: bool) -> None:
        """A connection is there: send what is heard from now on. The first one opens the device.

        Args:
            wire: the connection.
            manual: send only while somebody talks (`talk`).
        """
        self._manual = manual
        self._open()
        if self._held:
            heard = sum(isinstance(each, Block) for each in self._waiting)
            self._recorder.event("microphone.held", blocks=heard)
        else:
            self._waiting.clear()
        self._held = False
        self._sender = self._loop.create_task(self._send(wire))

    def end(self, *, held: bool = False) -> None:
        """The connection goes: send nothing more; ``held`` keeps what is heard for the next one."""
        self.talking = False
        self._held = held
        if self._sender is not None:
            self._sender.cancel()
            self._sender = None

    def mute(self, muted: bool) -> None:
        """Hear nothing, or everything again; the connection stays.

        The server is told that the stream pauses, so that it answers what it has heard.
        """
        self._listener.mute(muted)
        self._recorder.event("microphone.muted", muted=muted)
        if muted and self.talking:
            self.talk(False)
        elif muted:
            self._signal("audio_stream_end")

    def switch(self, source: Source) -> None:
        """Hear another device, though none was wanted before; the connection stays."""
        if self._sender is not None and not self._opened:
            self._opened = True
            self._listener.open()
        self._listener.switch(source)

    def talk(self, talking: bool) -> None:
        """Begin or end what is said, where no voice activity is detected by the server."""
        self.talking = talking
        self._signal("activity_start" if talking else "activity_end")

    def stand_aside(self, aside: bool) -> None:
        """Send nothing, or again what is heard; nobody is told of speech meanwhile."""
        self._aside = aside

    def overlap(self) -> Overlap:
        """Who spoke in the last second, and what was played; takes milliseconds, any thread."""
        return self._listener.overlap()

    def close(self) -> None:
        """Let the device go."""
        if self._opened:
            self._listener.close()

    def _open(self) -> None:
        if self.on and not self._opened:
            self._opened = True
            self._listener.open()

    def _signal(self, name: str) -> None:
        if self._sender is not None:
            self._waiting.append(name)
            self._more.set()

    def _heard(self, block: Block) -> None:
        """On the listener's thread."""
        self._loop.call_soon_threadsafe(self._take, block)

    def _take(self, block: Block) -> None:
        capture = self.capture
        if self._aside:
            return
        self._tell(capture)
        self._heard_once = self._heard_once or bool(capture.device)
        unheard = capture.muted or capture.off or (self._manual and not self.talking)
        if unheard or not self._heard_once or not (self._sender or self._held):
            return
        if len(self._waiting) >= (HELD if self._held else WAITING) and isinstance(
            self._waiting[0], Block
        ):
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append(block)
        self._more.set()

    async def _send(self, wire: Wire) -> None:
        while True:
            while self._waiting:
                match self._waiting.popleft():
                    case Block() as block:
                        await wire.send_audio(block.pcm, MIME_TYPE)
                    case name:
                        await wire.send_signal(name)
            if self._dropped:
                self._recorder.event("microphone.dropped", blocks=self._dropped)
                self._dropped = 0
            self._more.clear()
            await self._more.wait()

    def _tell(self, capture: Capture) -> None:
        """Journal which device is heard, why nothing is, and the edges of speech."""
        now = (capture.device, capture.problem)
        if now != self._told:
            self._told = now
            self._recorder.event("microphone", device=capture.device, problem=capture.problem)
        if bool(capture.speech) is not self._speech:
            self._speech = bool(capture.speech)
            if self._speech:
                self._recorder.event("speech.started")
            else:
                quiet_s = 0.0 if capture.speech is None else QUIET_S + BLOCK_S
                self._recorder.event("speech.ended", quiet_s=quiet_s)
