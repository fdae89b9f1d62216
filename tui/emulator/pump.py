"""Carries bytes, time and speech to a session's dialogue, and its effects to the socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.asyncio.server import ServerConnection

from tui.emulator.dialogue import Dialogue
from tui.emulator.effects import Close, Effect, Send, Speak, Transcribe
from tui.emulator.speech import Recognition, Speech

STALLED_S = 120.0
"""A client that has stopped to read is waited for so long; it may be at a breakpoint."""


class Stalled(Exception):
    """The client does not read; the message says so in one sentence."""


class Pump:
    """Carries one session's messages, speech and time to its dialogue.

    Each of them is a task that waits for its turn. It is over when all that follows is sent; so
    while a client does not read, nothing is read from it, and no more is said to it.
    """

    def __init__(
        self,
        connection: ServerConnection,
        dialogue: Dialogue,
        speech: Speech,
        recognition: Recognition,
    ) -> None:
        self._connection, self._dialogue = connection, dialogue
        self._speech, self._recognition = speech, recognition
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._speaking: asyncio.Task[None] | None = None
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._alarm: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Until the session is closed; raises ConnectionClosed or `Stalled`."""
        self._begin(self._listen())
        try:
            await self._over
        finally:
            if self._alarm:
                self._alarm.cancel()
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error and not self._over.done():
            self._over.set_exception(error)

    async def _listen(self) -> None:
        while True:
            message = await self._connection.recv(decode=False)
            await self._take(self._dialogue.receive, message)

    async def _speak(self, speak: Speak) -> None:
        spoken = await self._speech.speak(speak)
        self._speaking = None  # from here on it is not to be cancelled
        await self._take(self._dialogue.spoken, *spoken)

    async def _understand(self, transcribe: Transcribe) -> None:
        words = await self._recognition.understand(transcribe)
        await self._take(self._dialogue.understood, words)

    async def _take(self, tell: Callable[..., list[Effect]], *news: Any) -> None:
        """Tells the dialogue when it is its turn, and does what follows from it."""
        async with self._turn:
            for effect in tell(*news, time.monotonic()):
                await self._do(effect)
            if self._dialogue.closed and not self._over.done():
                self._over.set_result(None)
            self._plan()

    def _plan(self) -> None:
        """Wakes the dialogue when something is due."""
        due = self._dialogue.next_due()
        planned = self._alarm and self._alarm.when()
        if due == planned:
            return
        if self._alarm:
            self._alarm.cancel()
        # `time.monotonic` is the clock of the loop.
        loop = asyncio.get_running_loop()
        self._alarm = None if due is None else loop.call_at(due, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._begin(self._take(self._dialogue.tick))

    async def _do(self, effect: Effect) -> None:
        match effect:
            case Send(payload):
                await self._send(payload)
            case Speak():
                if self._speaking:
                    self._speaking.cancel()  # of an answer that was interrupted
                self._speaking = self._begin(self._speak(effect))
            case Transcribe():
                self._begin(self._understand(effect))
            case Close(code, reason):
                await self._connection.close(code, reason)

    async def _send(self, payload: bytes) -> None:
        try:
            async with asyncio.timeout(STALLED_S):
                await self._connection.send(payload)
        except TimeoutError:
            self._connection.transport.abort()  # a close frame would wait behind what is not read
            raise Stalled(f"has not read for {STALLED_S:g} s") from None
