"""Carries bytes, time and speech to a session's dialogue, and its effects to the socket."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from websockets.asyncio.server import ServerConnection

from tui.core.fault import Fault
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
from tui.emulator.pongs import LatePongs
from tui.emulator.scenario.scenario import Party
from tui.emulator.scene import Scene
from tui.emulator.speech import Recognition, Speech
from tui.emulator.steps import Step

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset (RST)."""


Counsel = Callable[[Scene], AsyncGenerator[Sequence[Step]]]
"""Finds an answer, piece by piece; says in words what goes wrong."""


class Pump:
    """Carries one session's messages, speech and time to its dialogue.

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
        self._consulting: asyncio.Task[None] | None = None
        self._found: list[tuple[Consult, Sequence[Step], bool]] = []
        self._wanted: list[Fault] = []
        self._woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pongs: LatePongs | None = None
        self._heard = False
        """The client has sent its set-up."""
        self._speech, self._recognition = speech, recognition
        self._receiving: asyncio.Task[bytes] | None = None
        self._speaking: asyncio.Task[tuple[Speak, bytes]] | None = None
        self._understanding: asyncio.Task[str | None] | None = None

    async def run(self) -> None:
        """Until the session is closed; raises ConnectionClosed."""
        try:
            while not self._dialogue.closed:
                await self._turn()
        finally:
            tasks = [*self._tasks(), *([self._consulting] if self._consulting else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def arm(self, fault: Fault) -> None:
        """Let the fault come about in this session."""
        self._wanted.append(fault)
        self._wake()

    def _wake(self) -> None:
        if not self._woken.done():
            self._woken.set_result(None)

    async def _consult(self, consult: Consult) -> None:
        """Finds an answer, and hands on what there is of it."""
        assert self._counsel is not None
        async with aclosing(self._counsel(consult.scene)) as pieces:
            async for steps in pieces:
                self._found.append((consult, steps, True))
                self._wake()
        self._found.append((consult, (), False))
        self._wake()

    async def _turn(self) -> None:
        """Waits for a message, for speech, or for what is due, and does what follows from it."""
        clock = time.monotonic
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._connection.recv(decode=False))
        due = self._dialogue.next_due()
        timeout = None if due is None else max(0.0, due - clock())
        await asyncio.wait(self._tasks(), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._receiving.done():
            received, self._receiving, self._heard = self._receiving, None, True
            await self._do(self._dialogue.receive(received.result(), clock()))
        if self._speaking and self._speaking.done():
            spoken, self._speaking = self._speaking, None
            await self._do(self._dialogue.spoken(*spoken.result(), clock()))
        if self._understanding and self._understanding.done():
            understood, self._understanding = self._understanding, None
            await self._do(self._dialogue.understood(understood.result(), clock()))
        if self._woken.done():
            self._woken = asyncio.get_running_loop().create_future()
            wanted, self._wanted = self._wanted, []
            await self._do([Arm(fault) for fault in wanted])
            found, self._found = self._found, []
            for consult, steps, more in found:
                await self._do(self._dialogue.consulted(consult, steps, clock(), more=more))
        await self._do(self._dialogue.tick(clock()))

    def _tasks(self) -> list[asyncio.Future[Any]]:
        tasks = (self._woken, self._receiving, self._speaking, self._understanding)
        return [task for task in tasks if task]

    async def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(payload, text):
                    await self._connection.send(payload, text=text)
                case Speak():
                    if self._speaking:
                        self._speaking.cancel()  # of an answer that was interrupted
                    self._speaking = asyncio.create_task(self._speech.speak(effect))
                case Transcribe():
                    understanding = self._recognition.understand(effect)
                    self._understanding = asyncio.create_task(understanding)
                case Consult() | Dismiss():
                    if self._consulting:
                        self._consulting.cancel()  # the answer was interrupted
                    if isinstance(effect, Consult):
                        self._consulting = asyncio.create_task(self._consult(effect))
                case Close(code, reason):
                    await self._connection.close(code, reason)
                case Arm(fault):
                    await self._do(self._faulty().arm(fault, time.monotonic()))
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
