"""Carries bytes, time and speech to a session's dialogue, and its effects to the socket."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from websockets.asyncio.server import ServerConnection

from tui.core.fault import Fault
from tui.emulator.edge.pongs import LatePongs
from tui.emulator.effects import (
    Arm,
    Close,
    Consult,
    Dismiss,
    Drop,
    Effect,
    Happened,
    Pongs,
    Send,
    Speak,
    Transcribe,
)
from tui.emulator.faults.faulty import Faulty
from tui.emulator.mouth.speech import Recognition, Speech
from tui.emulator.scenario.scenario import Party
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import Step

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset (RST)."""


Counsel = Callable[[Scene], AsyncGenerator[Sequence[Step]]]
"""Finds an answer, piece by piece; says in words what goes wrong."""


class Pump:
    """Carries one session's messages, speech and time to its dialogue.

    Each of them is a task that waits for its turn. It is over when all that follows is sent; so
    while a client does not read, nothing is read from it, and no more is said to it.

    ``dice`` decide the chances of faults that are armed later; ``happened`` is told of each fault.
    ``counsel`` finds the answers that the dialogue leaves to it.
    """

    def __init__(
        self,
        connection: ServerConnection,
        dialogue: Party,
        speech: Speech,
        recognition: Recognition,
        dice: random.Random,
        happened: Callable[[Fault], None],
        counsel: Counsel | None = None,
    ) -> None:
        self._connection, self._dialogue = connection, dialogue
        self._dice, self._happened, self._counsel = dice, happened, counsel
        self._pongs: LatePongs | None = None
        self._heard = False
        """The client has sent its set-up."""
        self._speech, self._recognition = speech, recognition
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._speaking: asyncio.Task[None] | None = None
        self._consulting: asyncio.Task[None] | None = None
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._alarm: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Until the session is closed; raises ConnectionClosed."""
        self._begin(self._listen())
        self._plan()
        try:
            await self._over
        finally:
            if self._alarm:
                self._alarm.cancel()
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def arm(self, fault: Fault) -> None:
        """Let the fault come about in this session."""
        self._begin(self._take(lambda now: self._faulty().arm(fault, now)))

    # Tasks

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
            self._heard = True
            await self._take(partial(self._received, message))

    def _received(self, message: bytes, now: float) -> list[Effect]:
        return self._dialogue.receive(message, now)

    async def _speak(self, speak: Speak) -> None:
        _, pcm = await self._speech.speak(speak)
        await self._take(lambda now: self._dialogue.spoken(speak, pcm, now))

    async def _understand(self, transcribe: Transcribe) -> None:
        words = await self._recognition.understand(transcribe)
        await self._take(lambda now: self._dialogue.understood(words, now))

    async def _consult(self, consult: Consult) -> None:
        """Finds an answer, and hands on what there is of it."""
        assert self._counsel is not None
        async with aclosing(self._counsel(consult.scene)) as pieces:
            async for steps in pieces:
                await self._take(partial(self._consulted, consult, steps, more=True))
        await self._take(partial(self._consulted, consult, (), more=False))

    def _consulted(
        self, consult: Consult, steps: Sequence[Step], now: float, *, more: bool
    ) -> list[Effect]:
        return self._dialogue.consulted(consult, steps, now, more=more)

    # Turns

    async def _take(self, tell: Callable[[float], list[Effect]]) -> None:
        """Tells the dialogue when it is its turn, and does what follows from it."""
        async with self._turn:
            await self._do(tell(time.monotonic()))
            if self._dialogue.closed and not self._over.done():
                self._over.set_result(None)
            self._plan()

    def _plan(self) -> None:
        """Wakes the dialogue when something is due; `time.monotonic` is the loop's clock."""
        due = self._dialogue.next_due()
        if due == (self._alarm and self._alarm.when()):
            return
        if self._alarm:
            self._alarm.cancel()
        loop = asyncio.get_running_loop()
        self._alarm = None if due is None else loop.call_at(due, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._begin(self._take(lambda now: self._dialogue.tick(now)))

    async def _do(self, effects: list[Effect]) -> None:
        for number, effect in enumerate(effects):
            match effect:
                case Send(payload, text):
                    await self._connection.send(payload, text=text)
                case Speak():
                    _cancel(self._speaking)  # of an answer that was interrupted
                    self._speaking = self._begin(self._speak(effect))
                case Transcribe():
                    self._begin(self._understand(effect))
                case Consult():
                    _cancel(self._consulting)
                    self._consulting = self._begin(self._consult(effect))
                case Dismiss():
                    _cancel(self._consulting)
                case Close(code, reason):
                    await self._connection.close(code, reason)
                case Arm():  # the first one, see Stage
                    rest = self._faulty().take(effects[number:], time.monotonic())
                    return await self._do(rest)
                case Drop():
                    self._reset()
                case Pongs(delay_s):
                    self._pongs = self._pongs or LatePongs(self._connection)
                    self._pongs.delay_s = delay_s
                case Happened(fault):
                    self._happened(fault)

    def _faulty(self) -> Faulty:
        """The dialogue, behind a stage from now on."""
        if not isinstance(self._dialogue, Faulty):
            self._dialogue = Faulty(self._dialogue, self._dice, set_up=self._heard)
        return self._dialogue

    def _reset(self) -> None:
        transport = self._connection.transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()


def _cancel(task: asyncio.Task[None] | None) -> None:
    """Unless what it brought is just being dealt with: then it is at its end."""
    if task is not None and task is not asyncio.current_task():
        task.cancel()
