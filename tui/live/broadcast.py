"""The sound of a file, sent at its speed in the microphone's place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from tui.core.attachment import PCM_BYTES_PER_S, Attachment
from tui.live.input import MIME_TYPE, Wire
from tui.live.recorder import JournalRecorder

CHUNK_S = 0.1
"""20 to 100 ms are recommended (ai.google.dev, Live API best practices)."""
CHUNK_BYTES = round(CHUNK_S * PCM_BYTES_PER_S)


class Microphone(Protocol):
    """Whose place it takes."""

    def stand_aside(self, aside: bool) -> None:
        """Send nothing, or again what is heard."""
        ...


class Broadcast:
    """Sends one file after another; what it sends ends as a microphone's speech would.

    Lives on the engine's loop.
    """

    def __init__(self, recorder: JournalRecorder, loop: asyncio.AbstractEventLoop) -> None:
        self._recorder, self._loop = recorder, loop
        self._task: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether something is being sent."""
        return self._task is not None

    def begin(
        self,
        wire: Wire,
        sounds: Sequence[Attachment],
        microphone: Microphone | None,
        *,
        manual: bool,
    ) -> None:
        """Send them from now on.

        Args:
            wire: the connection.
            sounds: one after the other.
            microphone: stands aside meanwhile.
            manual: the client tells when somebody speaks.
        """
        work = self._send(wire, sounds, manual=manual)
        if microphone is not None:
            microphone.stand_aside(True)
        self._task = self._loop.create_task(work)
        self._task.add_done_callback(lambda _: self._over(microphone))

    def stop(self) -> None:
        """Send no more of it; the server is told that this was all."""
        if self._task is not None:
            self._task.cancel()

    def _over(self, microphone: Microphone | None) -> None:
        self._task = None
        if microphone is not None:
            microphone.stand_aside(False)

    async def _send(self, wire: Wire, sounds: Sequence[Attachment], *, manual: bool) -> None:
        for sound in sounds:
            if manual:
                await wire.send_signal("activity_start")
            self._recorder.event("attachment", **sound.about.detail)
            await self._speak(wire, sound, "activity_end" if manual else "audio_stream_end")

    async def _speak(self, wire: Wire, sound: Attachment, end: str) -> None:
        due_s, sent = self._loop.time(), 0
        try:
            while sent < len(sound.data):
                chunk = sound.data[sent : sent + CHUNK_BYTES]
                await wire.send_audio(chunk, MIME_TYPE)
                sent += len(chunk)
                due_s += len(chunk) / PCM_BYTES_PER_S
                await asyncio.sleep(due_s - self._loop.time())
        finally:
            await wire.send_signal(end)
            self._recorder.event(
                "attachment.sent",
                file=sound.about.name,
                seconds=round(sent / PCM_BYTES_PER_S, 3),
                whole=sent == len(sound.data),
            )
