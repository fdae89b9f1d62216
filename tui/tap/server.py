"""The tap on its sockets: plain and TLS, loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tui.loopback import listeners
from tui.tap.client import Client, House

HANDSHAKE_TIMEOUT_S = 10.0
CLOSING_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Ports:
    """Where the tap listens."""

    plain: int
    tls: int


@contextlib.asynccontextmanager
async def serving(
    house: House, port: int, tls_port: int, context: ssl.SSLContext
) -> AsyncIterator[Ports]:
    """The tap, until the block ends; its connections end then, too.

    Port 0 takes any that is free. Raises `PortTaken` when one is not.
    """
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        plain, secure = listeners(stack, port), listeners(stack, tls_port)
        for listener in plain:
            server = await loop.create_server(lambda: Client(house), sock=listener)
            await stack.enter_async_context(server)
        for listener in secure:
            server = await loop.create_server(
                lambda: Client(house),
                sock=listener,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            )
            await stack.enter_async_context(server)
        stack.push_async_callback(_all_gone, house)
        yield Ports(plain[0].getsockname()[1], secure[0].getsockname()[1])


async def _all_gone(house: House) -> None:
    """Every connection ended, so that its recording says so."""
    guests = tuple(house.guests)
    for guest in guests:
        guest.end()
    if guests:
        await asyncio.wait([guest.gone for guest in guests], timeout=CLOSING_TIMEOUT_S)
