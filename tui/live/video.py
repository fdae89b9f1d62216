"""What a camera or the screen shows, on its way to the server: the latest, never a queue."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from tui.core.video import Lens, Picture, Video
from tui.live.recorder import JournalRecorder

MIME_TYPE = "image/jpeg"
TICK_S = 0.1
"""How often the source is asked for news."""


class Eye(Protocol):
    """A camera or a screen."""

    def open(self) -> None:
        """Begin to look; never raises: the snapshot tells what is wrong."""
        ...

    def want(self) -> None:
        """Hand on the next picture, once."""
        ...

    def snapshot(self) -> Lens:
        """What it is doing; any thread may ask."""
        ...

    def close(self) -> None:
        """Let the device go; may take a second."""
        ...


MakeEye = Callable[[str, str | None, Callable[[Picture], None]], Eye]
"""Makes an eye for "camera" or "screen" and a source, None for the configured one.

It hands its pictures on, on a thread of its own.
"""
Send = Callable[[bytes, str], Awaitable[None]]
"""Sends a picture of a mime type; returns when it is on its way."""


class VideoInput:
    """Sends pictures while something is looked at and there is a connection.

    Lives on the engine's loop.

    Args:
        make: an eye.
        period_s: how far pictures are apart at least.
    """

    def __init__(
        self,
        make: MakeEye,
        period_s: float,
        recorder: JournalRecorder,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._make = make
        self._period_s = period_s
        self._recorder = recorder
        self._loop = loop
        self._order = asyncio.Lock()
        self._kind = ""
        self._eye: Eye | None = None
        self._looking: asyncio.Task[None] | None = None
        self._send: Send | None = None
        self._latest: Picture | None = None
        self._came = asyncio.Event()
        self._told = ("", "", "")
        self._picture: Picture | None = None
        self._sent_s = self._due_s = 0.0
        self._sent = self._skipped = 0

    @property
    def video(self) -> Video:
        """What is captured and sent; any thread may ask."""
        eye, now_s = self._eye, time.perf_counter()
        return Video(
            kind=self._kind,
            lens=eye.snapshot() if eye else Lens(),
            connected=self._send is not None,
            picture=self._picture,
            age_s=now_s - self._sent_s,
            next_in_s=max(0.0, self._due_s - now_s),
            sent=self._sent,
            skipped=self._skipped,
        )

    async def watch(self, kind: str, source: str | None) -> None:
        """Look at a camera or a screen, in the place of what was looked at, or at nothing."""
        async with self._order:
            await self._stop()
            if kind:
                self._picture, self._sent, self._skipped = None, 0, 0
                self._eye = self._make(kind, source, self._seen)
                self._kind = kind
                self._due_s = 0.0
                self._eye.open()
                self._looking = self._loop.create_task(self._look(self._eye))

    def begin(self, send: Send) -> None:
        """A connection is there: send from now on."""
        self._latest = None
        self._due_s = 0.0
        self._send = send

    def end(self) -> None:
        """The connection goes: send nothing more."""
        self._send = None

    def close(self) -> None:
        """Let the device go."""
        if self._eye is not None:
            self._eye.close()

    async def _stop(self) -> None:
        eye, self._eye = self._eye, None
        if eye is None or self._looking is None:
            return
        self._looking.cancel()
        kind, self._kind = self._kind, ""
        name = eye.snapshot().name
        await asyncio.to_thread(eye.close)
        self._told = ("", "", "")
        self._recorder.event(kind, source=name, state="off", problem="")

    def _seen(self, picture: Picture) -> None:
        """On the eye's thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: too late
            self._loop.call_soon_threadsafe(self._take, picture)

    def _take(self, picture: Picture) -> None:
        self._latest = picture
        self._came.set()

    async def _look(self, eye: Eye) -> None:
        while True:
            self._tell(eye.snapshot())
            send, wait_s = self._send, self._due_s - time.perf_counter()
            if send is None or wait_s > 0:
                await asyncio.sleep(TICK_S if send is None else min(wait_s, TICK_S))
            elif picture := await self._next(eye):
                await self._pass(picture, send)

    async def _next(self, eye: Eye) -> Picture | None:
        """The next picture, if it comes soon."""
        self._came.clear()
        eye.want()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), TICK_S)
        picture, self._latest = self._latest, None
        return picture

    async def _pass(self, picture: Picture, send: Send) -> None:
        """A socket that takes longer than until the next one is due lets that one out."""
        self._sent_s = time.perf_counter()
        self._due_s = self._sent_s + self._period_s
        self._picture = picture
        self._sent += 1
        await send(picture.jpeg, MIME_TYPE)
        skipped = int((time.perf_counter() - self._sent_s) / self._period_s)
        if skipped:
            self._skipped += skipped
            self._recorder.event(f"{self._kind}.skipped", pictures=skipped)

    def _tell(self, lens: Lens) -> None:
        """Journal what is looked at, and why nothing is seen."""
        now = (lens.name, lens.state, lens.problem)
        if now != self._told:
            self._told = now
            name, state, problem = now
            self._recorder.event(self._kind, source=name, state=state, problem=problem)
