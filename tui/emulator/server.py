"""The emulator on its sockets: one dialogue for each WebSocket, over plain TCP and TLS.

Loopback only. All that a session means is in `tui.emulator.dialogue`; here bytes, time and speech
are carried to it and its effects carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import ssl
import time
import traceback
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tui.core.text import safe
from tui.emulator.detector import detector
from tui.emulator.dialogue import Close, Dialogue, Effect, Send, Speak
from tui.emulator.ears import Detector
from tui.emulator.endpoint import Endpoint
from tui.emulator.hearing import Transcribe
from tui.emulator.recognizer import Recognizer
from tui.emulator.resumption import Handles
from tui.emulator.voice import Voice
from tui.loopback import LOOPBACK_NAMES, listeners

MAX_MESSAGE_BYTES = 16 * 2**20
PING_TIMEOUT_S = 120.0
"""A client may stop at a breakpoint for so long before it counts as gone."""
CLOSE_TIMEOUT_S = 2.0

PAGE = """\
LOCAL EMULATOR of the Gemini Live API, by bidiscope. It is not Gemini, and it needs no key.

Point a client of the Live API at this address; connect a WebSocket to it, to be exact.
"""

_SILENT = logging.getLogger("tui.emulator.websockets")
"""Handshakes that fail are no news, and sessions are logged in our own words."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

Serving = contextlib.AbstractAsyncContextManager[Server]

Log = Callable[[str], None]
"""Takes a line for a human."""


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


@dataclass(frozen=True)
class Ports:
    """Where the emulator listens."""

    ws: int
    wss: int


@contextlib.asynccontextmanager
async def serving(
    port: int, tls_port: int, context: ssl.SSLContext, log: Log
) -> AsyncIterator[Ports]:
    """The emulator, until the block ends; then every session gets a close frame (1001).

    Port 0 takes any that is free. Raises `PortTaken` when one is not.
    """
    emulator = _Emulator(log)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(emulator.speech.close)
        stack.callback(emulator.recognition.close)
        plain, secure = listeners(stack, port), listeners(stack, tls_port)
        for sockets, tls in ((plain, None), (secure, context)):
            for one in sockets:
                await stack.enter_async_context(emulator.serve(one, tls))
        yield Ports(plain[0].getsockname()[1], secure[0].getsockname()[1])


class _Emulator:
    """What the sessions share."""

    def __init__(self, log: Log) -> None:
        self.speech, self.recognition = Speech(), Recognition()
        self._handles = Handles()
        self._log = log
        self._numbers = itertools.count(1)

    def serve(self, listener: socket.socket, tls: ssl.SSLContext | None) -> Serving:
        return serve(
            self._session,
            sock=listener,
            ssl=tls,
            process_request=_admit,
            max_size=MAX_MESSAGE_BYTES,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            logger=_SILENT,
            server_header=None,
        )

    async def _session(self, connection: ServerConnection) -> None:
        number = next(self._numbers)
        assert connection.request is not None
        endpoint = Endpoint.at(connection.request.path)
        assert endpoint is not None  # _admit let nothing else in
        dialogue = Dialogue(
            endpoint, self._handles, lambda: datetime.now().astimezone(), ears=self._ears
        )
        self._log(f"session {number} connected")
        try:
            await _Pump(connection, dialogue, self.speech, self.recognition).run()
        except ConnectionClosed:
            pass
        except Exception:
            self._log(traceback.format_exc())
            raise  # websockets closes with 1011
        finally:
            model = dialogue.setup.profile.model.name if dialogue.setup else "no setup"
            ended = f"{connection.close_code} {connection.close_reason or ''}".rstrip()
            self._log(f"session {number} ({model}) closed: {safe(ended)}")

    def _ears(self) -> Detector:
        """For a session that begins to send sound: its words will be asked for soon."""
        self.recognition.load()
        return detector()


class _Pump:
    """Carries one session's messages, speech and time to its dialogue."""

    def __init__(
        self,
        connection: ServerConnection,
        dialogue: Dialogue,
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
                case Send(payload):
                    await self._connection.send(payload)
                case Speak():
                    if self._speaking:
                        self._speaking.cancel()  # of an answer that was interrupted
                    self._speaking = asyncio.create_task(self._speech.speak(effect))
                case Transcribe():
                    understanding = self._recognition.understand(effect)
                    self._understanding = asyncio.create_task(understanding)
                case Close(code, reason):
                    await self._connection.close(code, reason)


def _admit(connection: ServerConnection, request: Request) -> Response | None:
    """None lets a client in; anything else is the answer that it gets instead."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).hostname not in LOOPBACK_NAMES:
        return connection.respond(
            HTTPStatus.FORBIDDEN, "Pages of other origins than localhost may not connect.\n"
        )
    if Endpoint.at(request.path) is None:
        return connection.respond(
            HTTPStatus.NOT_FOUND,
            "This is not a path of the Live API: use / or "
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent.\n",
        )
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return connection.respond(HTTPStatus.OK, PAGE)
    return None
