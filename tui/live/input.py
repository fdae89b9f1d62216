"""What the microphone hears, on its way to the server: in order, and dropped in words only."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from tui.core.capture import RATE_HZ, Block, Capture
from tui.live.recorder import JournalRecorder

MIME_TYPE = f"audio/pcm;rate={RATE_HZ}"
WAITING = 100
"""Blocks that wait for a slow socket, 2 s of sound; older ones are dropped and journalled."""


class Listener(Protocol):
    """A microphone, or a file in its place."""

    def open(self) -> None:
        """Begin to hear; never raises: the snapshot tells what is wrong."""
        ...

    def mute(self, muted: bool) -> None:
        """Hear nothing from now on, or everything again."""
        ...

    def snapshot(self) -> Capture:
        """What is heard; any thread may ask."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


MakeListener = Callable[[Callable[[Block], None]], Listener]
"""Makes a listener that hands its blocks on, on a thread of its own."""
Send = Callable[[bytes, str], Awaitable[None]]
"""Sends PCM of a mime type; returns when it is on its way."""


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
        self._blocks: deque[Block] = deque()
        self._more = asyncio.Event()
        self._dropped = 0
        self._told = ("", "")
        self._sender: asyncio.Task[None] | None = None
        self._listener = make(self._heard)
        self._opened = False
        self._heard_once = False
        """A device has been heard: from then on there is no gap on the wire, lost or not."""

    @property
    def capture(self) -> Capture:
        """What is heard; any thread may ask."""
        return self._listener.snapshot()

    @property
    def on(self) -> bool:
        """Whether there is a microphone that may be sent."""
        return not self.capture.off

    def begin(self, send: Send) -> None:
        """A connection is there: send what is heard from now on. The first one opens the device."""
        if self.on:
            if not self._opened:
                self._opened = True
                self._listener.open()
            self._blocks.clear()
            self._sender = self._loop.create_task(self._send(send))

    def end(self) -> None:
        """The connection goes: send nothing more."""
        if self._sender is not None:
            self._sender.cancel()
            self._sender = None

    def mute(self, muted: bool) -> None:
        """Hear nothing, or everything again; the connection stays."""
        self._listener.mute(muted)
        if muted:
            self._blocks.clear()

    def close(self) -> None:
        """Let the device go."""
        if self._opened:
            self._listener.close()

    def _heard(self, block: Block) -> None:
        """On the listener's thread."""
        self._loop.call_soon_threadsafe(self._take, block)

    def _take(self, block: Block) -> None:
        capture = self.capture
        self._tell(capture)
        self._heard_once = self._heard_once or bool(capture.device)
        if self._sender is None or capture.muted or not self._heard_once:
            return
        if len(self._blocks) == WAITING:
            self._blocks.popleft()
            self._dropped += 1
        self._blocks.append(block)
        self._more.set()

    async def _send(self, send: Send) -> None:
        while True:
            while self._blocks:
                await send(self._blocks.popleft().pcm, MIME_TYPE)
            if self._dropped:
                self._recorder.event("microphone.dropped", blocks=self._dropped)
                self._dropped = 0
            self._more.clear()
            await self._more.wait()

    def _tell(self, capture: Capture) -> None:
        """Journal which device is heard, and why nothing is."""
        now = (capture.device, capture.problem)
        if now != self._told:
            self._told = now
            self._recorder.event("microphone", device=capture.device, problem=capture.problem)
