"""One connection from its setup to its close: the SDK's session and the reader that never ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.live.close import Close, ConnectError
from tui.live.endpoint import Endpoint
from tui.live.recorder import JournalRecorder
from tui.live.setup import Wish, live_config
from tui.live.tap import Tap

if TYPE_CHECKING:
    from google.genai.live import AsyncSession

    from tui.core.models import Model

CONNECT_TIMEOUT_S = 15.0
"""The SDK waits for `setupComplete` without end."""
CLOSE_TIMEOUT_S = 2.0


class Link:
    """A live connection: sending and receiving never wait for each other."""

    def __init__(
        self,
        recorder: JournalRecorder,
        on_closed: Callable[[Close], None],
        on_sdk_error: Callable[[str], None],
    ) -> None:
        self._tap = Tap(recorder)
        self._on_closed = on_closed
        self._on_sdk_error = on_sdk_error
        self._stack = contextlib.AsyncExitStack()
        self._reader: asyncio.Task[None] | None = None
        self.session: AsyncSession

    async def open(self, endpoint: Endpoint, wish: Wish, model: Model, handle: str | None) -> None:
        """Connect and set up.

        Raises:
            ConnectError: With the close code and reason, or what the network said.
            EndpointError: The SDK refuses the environment's settings.
        """
        client = await asyncio.to_thread(endpoint.client, self._tap.connection_class)
        config = live_config(wish, model, handle)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                manager = client.aio.live.connect(model=wish.model, config=config)
                self.session = await self._stack.enter_async_context(manager)
        except Exception as error:
            raise ConnectError(self._tap.close() or _network(error, endpoint.host)) from error
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> Close:
        """Close from this side and wait for the reader's end; ``on_closed`` is not called."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._stack.aclose()
        return self._tap.close() or Close(1006, "no close frame came back in time", "network")

    async def _read(self) -> None:
        """`receive()` ends with every turn and raises on what it does not know; this does not."""
        while not self._tap.closed:
            try:
                async for _ in self.session.receive():
                    pass
            except Exception as error:
                if not self._tap.closed:
                    self._on_sdk_error(f"{type(error).__name__}: {error}")
            await asyncio.sleep(0)
        self._on_closed(self._tap.close() or Close(1006, "", "network"))


def _network(error: Exception, host: str) -> Close:
    """What kept a connection from coming about, when no close frame tells."""
    if isinstance(error, TimeoutError):
        return Close(None, f"{host} did not answer within {CONNECT_TIMEOUT_S:.0f} s", "network")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return Close(None, f"{host} refused the WebSocket with HTTP {status}", "server")
    if isinstance(error, OSError):
        return Close(None, f"{host} cannot be reached: {error.strerror or error}", "network")
    return Close(None, f"{type(error).__name__}: {error}", "client")
