"""The voice and the recognition of words, each on a thread of its own; shared by all sessions."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

from tui.emulator.effects import Speak, Transcribe
from tui.emulator.recognizer import Recognizer
from tui.emulator.voice import Voice


class Speech:
    """The voice on a thread of its own: it is loaded there, and speaks one clause after another."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._voice = self._thread.submit(Voice)

    async def speak(self, speak: Speak) -> tuple[Speak, bytes]:
        """The clause's PCM, together with what it was asked for."""
        loop = asyncio.get_running_loop()
        return speak, await loop.run_in_executor(self._thread, self._speak, speak)

    def close(self) -> None:
        """Nothing more is spoken."""
        self._thread.shutdown(cancel_futures=True)

    def _speak(self, speak: Speak) -> bytes:
        return self._voice.result().speak(speak.clause, speak.timbre)


class Recognition:
    """The recognition of words on a thread of its own; it is loaded when sound first comes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recognition")
        self._recognizer: Future[Recognizer] | None = None

    def load(self) -> None:
        """Begin to load the model, unless that was done."""
        if self._recognizer is None:
            self._recognizer = self._thread.submit(Recognizer)

    async def understand(self, transcribe: Transcribe) -> str | None:
        """The words of the sound; None where words cannot be recognized."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._understand, transcribe.pcm)

    def close(self) -> None:
        """Nothing more is understood."""
        self._thread.shutdown(cancel_futures=True)

    def _understand(self, pcm: bytes) -> str | None:
        assert self._recognizer is not None
        return self._recognizer.result().transcribe(pcm)
