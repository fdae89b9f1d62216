"""The voice and the recognition of words, each on a thread of its own; shared by all sessions."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from tui.emulator.effects import Speak, Transcribe
from tui.emulator.mouth.voice import Voice
from tui.emulator.perception.recognizer import Recognizer
from tui.emulator.terms.profiles import Timbre

RECOGNITION_NICE = 10
KEPT_CLAUSES = 128
"""Some 30 MB of sound at the most."""


class Speaking(Protocol):
    """What `Voice` is: it speaks one clause at a time."""

    def speak(self, clause: str, timbre: Timbre) -> bytes:
        """The clause in PCM."""
        ...

    def close(self) -> None:
        """Nothing more is spoken."""
        ...


class Speech:
    """The voice on a thread of its own: it is loaded there, and speaks one clause after another.

    What was spoken is kept a while, for all sessions: most answers have been given before.
    """

    def __init__(self, voice: Callable[[], Speaking] = Voice) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._voice = self._thread.submit(voice)
        self._kept: OrderedDict[tuple[str, Timbre], bytes] = OrderedDict()

    async def speak(self, speak: Speak) -> tuple[Speak, bytes]:
        """The clause's PCM, together with what it was asked for."""
        clause = speak.clause, speak.timbre
        pcm = self._kept.get(clause)
        if pcm is None:
            loop = asyncio.get_running_loop()
            pcm = await loop.run_in_executor(self._thread, self._speak, *clause)
        self._kept[clause] = pcm
        self._kept.move_to_end(clause)
        while len(self._kept) > KEPT_CLAUSES:
            self._kept.popitem(last=False)
        return speak, pcm

    def close(self) -> None:
        """Nothing more is spoken."""
        self._thread.shutdown(cancel_futures=True)
        if not self._voice.cancelled() and not self._voice.exception():
            self._voice.result().close()

    def _speak(self, clause: str, timbre: Timbre) -> bytes:
        pcm = self._kept.get((clause, timbre))
        if pcm is None:  # else another session asked for it, too, and was first
            pcm = self._kept[clause, timbre] = self._voice.result().speak(clause, timbre)
        return pcm


class Recognition:
    """The recognition of words on a thread of its own; it is loaded when sound first comes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "recognition", initializer=_yield_to_sessions)
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


def _yield_to_sessions() -> None:
    """Gives this thread, and those that it starts, what processor time the sessions leave.

    Only Linux has a priority for each thread.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), RECOGNITION_NICE)
