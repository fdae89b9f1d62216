"""Carries bytes, time and speech to a session's dialogue, and its effects to the socket."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from websockets.asyncio.server import ServerConnection

from tui.emulator.effects import Close, Effect, Send, Speak, Transcribe
from tui.emulator.scenario.scenario import Party
from tui.emulator.speech import Recognition, Speech


class Pump:
    """Carries one session's messages, speech and time to its dialogue."""

    def __init__(
        self,
        connection: ServerConnection,
        dialogue: Party,
        speech: Speech,
        recognition: Recognition,
    ) -> None:
        self._connection, self._dialogue = connection, dialogue
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
            tasks = self._tasks()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> None:
        """Waits for a message, for speech, or for what is due, and does what follows from it."""
        dialogue, clock = self._dialogue, time.monotonic
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._connection.recv(decode=False))
        due = dialogue.next_due()
        timeout = None if due is None else max(0.0, due - clock())
        await asyncio.wait(self._tasks(), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._receiving.done():
            received, self._receiving = self._receiving, None
            await self._do(dialogue.receive(received.result(), clock()))
        if self._speaking and self._speaking.done():
            spoken, self._speaking = self._speaking, None
            await self._do(dialogue.spoken(*spoken.result(), clock()))
        if self._understanding and self._understanding.done():
            understood, self._understanding = self._understanding, None
            await self._do(dialogue.understood(understood.result(), clock()))
        await self._do(dialogue.tick(clock()))

    def _tasks(self) -> list[asyncio.Task[Any]]:
        tasks = (self._receiving, self._speaking, self._understanding)
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
                case Close(code, reason):
                    await self._connection.close(code, reason)
