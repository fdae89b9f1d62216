"""One connection from its setup to its close: the SDK's session and the reader that never ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from google.genai.errors import APIError
from google.genai.types import (
    ActivityEnd,
    ActivityStart,
    Blob,
    FunctionResponse,
    LiveConnectConfig,
)
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tui.live.close import Close, ConnectError
from tui.live.endpoint import CLOSE_TIMEOUT_S, Endpoint
from tui.live.pulse import Pulse
from tui.live.recorder import JournalRecorder
from tui.live.tap import Tap

if TYPE_CHECKING:
    from google.genai.live import AsyncSession

    from tui.core.reply import Reply
    from tui.core.tool_call import ToolCall

CONNECT_TIMEOUT_S = 15.0
"""The SDK waits for `setupComplete` without end."""


_SIGNALS = {
    "activity_start": ActivityStart(),
    "activity_end": ActivityEnd(),
    "audio_stream_end": True,
}


class Link:
    """A live connection: sending and receiving never wait for each other."""

    def __init__(
        self,
        recorder: JournalRecorder,
        on_closed: Callable[[Close], None],
        on_sdk_error: Callable[[str], None],
    ) -> None:
        self._tap = Tap(recorder)
        self._pulse = Pulse(self._tap, recorder)
        self._beating: asyncio.Task[None] | None = None
        self._on_closed = on_closed
        self._on_sdk_error = on_sdk_error
        self._stack = contextlib.AsyncExitStack()
        self._reader: asyncio.Task[None] | None = None
        self.session: AsyncSession

    async def open(self, endpoint: Endpoint, model: str, config: LiveConnectConfig) -> None:
        """Connect and set up; the server has accepted when this returns.

        Raises:
            ConnectError: With the close code and reason, or what the network said.
            EndpointError: The SDK refuses the environment's settings.
        """
        client = await asyncio.to_thread(endpoint.client, self._tap.connection_class)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                manager = client.aio.live.connect(model=model, config=config)
                self.session = await self._stack.enter_async_context(manager)
                self._reader = asyncio.create_task(self._read())
                await self._accepted()
        except BaseException as error:
            await self.close()
            if not isinstance(error, Exception):
                raise
            raise ConnectError(self._failure(error, endpoint.host)) from error
        self._beating = asyncio.create_task(self._pulse.beat())
        self._reader.add_done_callback(self._ended)

    async def send(self, message: Awaitable[None]) -> bool:
        """Wait until a message is on its way; if the connection ends, the reader will tell, too.

        Returns whether it was sent.
        """
        with contextlib.suppress(ConnectionClosed):
            await message
            return True
        return False

    async def send_audio(self, pcm: bytes, mime_type: str) -> None:
        """Send sound of the person."""
        blob = Blob(data=pcm, mime_type=mime_type)
        await self.send(self.session.send_realtime_input(audio=blob))

    async def send_signal(self, name: str) -> None:
        """Send `activity_start`, `activity_end` or `audio_stream_end`."""
        await self.send(self.session.send_realtime_input(**{name: _SIGNALS[name]}))  # type: ignore[arg-type]

    async def send_update(self, update: Mapping[str, Any]) -> None:
        """Send a `contextUpdate`: `systemInstruction`, `tools` in the protocol's JSON."""
        config = LiveConnectConfig.model_validate(update)
        await self.send(
            self.session.send_context_update(
                system_instruction=config.system_instruction, tools=config.tools
            )
        )

    async def send_answer(self, call: ToolCall, reply: Reply) -> None:
        """Answer a call. The SDK refuses an answer without an id; a call without one gets none."""
        row = reply.row(call)
        if not call.id:
            await self.send_raw(json.dumps({"toolResponse": {"functionResponses": [row]}}))
            return
        answer = FunctionResponse.model_validate(row)
        await self.send(self.session.send_tool_response(function_responses=answer))

    async def send_picture(self, jpeg: bytes, mime_type: str) -> None:
        """Send a picture of what the person shows."""
        blob = Blob(data=jpeg, mime_type=mime_type)
        await self.send(self.session.send_realtime_input(video=blob))

    async def send_raw(self, message: str) -> None:
        """Send any message as it is, past the SDK's checks."""
        await self.send(self.session._ws.send(message))

    async def close(self) -> Close:
        """Close from this side and wait for the reader's end; ``on_closed`` is not called."""
        tasks = [task for task in (self._beating, self._reader) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._stack.aclose()
        self._tap.drop()
        return self._tap.close() or Close(1006, "no close frame came back in time", "network")

    async def _accepted(self) -> None:
        """The SDK takes any first message for `setupComplete`; wait for it, or for the end."""
        assert self._reader is not None
        accepted = asyncio.create_task(self._tap.accepted.wait())
        await asyncio.wait([accepted, self._reader], return_when=asyncio.FIRST_COMPLETED)
        accepted.cancel()
        if self._tap.closed:
            raise ConnectionError

    async def _read(self) -> None:
        """`receive()` ends with every turn and raises on what it does not know; this does not."""
        while not self._tap.closed:
            try:
                async for _ in self.session.receive():
                    pass
            except Exception as error:
                if not self._tap.closed:
                    self._on_sdk_error(complaint(error))
            await asyncio.sleep(0)

    def _ended(self, reader: asyncio.Task[None]) -> None:
        if not reader.cancelled():
            self._on_closed(self._tap.close() or Close(1006, "", "network"))

    def _failure(self, error: Exception, host: str) -> Close:
        """What kept a session from coming about: a close by the other side, or else the error."""
        close = self._tap.close()
        shook_hands = not isinstance(error, InvalidHandshake)
        if shook_hands and close is not None and close.by != "client":
            return close
        if isinstance(error, TimeoutError) and self._tap.connection is not None:
            late = f"{host} sent no setupComplete within {CONNECT_TIMEOUT_S:g} s"
            return Close(None, late, "server")
        return _network(error, host)


def _network(error: Exception, host: str) -> Close:
    """What kept a connection from coming about, when no close frame tells."""
    if isinstance(error, TimeoutError):
        return Close(None, f"{host} did not answer within {CONNECT_TIMEOUT_S:g} s", "network")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return Close(None, f"{host} refused the WebSocket with HTTP {status}", "server")
    if isinstance(error, ssl.SSLCertVerificationError):
        untrusted = f"the certificate of {host} is not trusted ({error.verify_message})"
        return Close(None, f"{untrusted}; SSL_CERT_FILE can name a file of CAs to trust", "client")
    if isinstance(error, OSError):
        return Close(None, f"{host} cannot be reached: {_system_words(error)}", "network")
    return Close(None, f"the SDK gave up with {complaint(error)}", "client")


def _system_words(error: OSError) -> str:
    """The system's words for an error; where asyncio has put addresses in their place, too."""
    if isinstance(error, (ssl.SSLError, socket.gaierror)) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)


def complaint(error: Exception) -> str:
    """What the SDK says, less the message that it quotes: a part of it could not be masked."""
    match error:
        case ValidationError():
            wrong = error.errors(include_url=False, include_context=False, include_input=False)
            said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong)
        case APIError() | ValueError():
            said = ""
        case _:
            said = str(error)
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return words.encode("utf-8", "replace").decode()
