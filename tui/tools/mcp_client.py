"""Holds one MCP server: told by lines of JSON on standard input, it tells by lines on the output.

In a process of its own, so that nothing that a server sends can hold the sound up. When its input
ends, because we close it or are killed, it ends the server: politely, then with all its processes.

First line in: ``{"url": …}`` or ``{"command": …, "args": […], "env": {…}}``. Then ``{"call": 1,
"name": …, "args": {…}}`` and ``{"cancel": 1}``. Out: ``{"tools": […]}``, again when they have
changed; ``{"answer": 1, "response": {…}, "printed": …}`` or, in place of the response, ``"problem"``;
``{"note": …}``; and ``{"ended": …}`` last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from tui.tools.mcp_result import response

LARGEST_BYTES: Final = 1 << 20
"""Of a result, and of all declarations; a message of the service takes no more than a few MiB."""
KEPT_BYTES: Final = 4096
"""Of what the server prints to its standard error."""
PAGES: Final = 100
CHANGE_S: Final = 0.5
"""A list that changes again and again is read that often at most."""
NEWS: Final = "notifications/tools/list_changed"


class Errors:
    """The server's standard error: its end is kept, the rest thrown away."""

    def __init__(self) -> None:
        self._kept = b""
        read, write = os.pipe()
        self.file = os.fdopen(write, "w")
        threading.Thread(target=self._drain, args=(read,), daemon=True).start()

    def taken(self) -> str:
        """What was printed since this was asked last."""
        kept, self._kept = self._kept, b""
        return kept.decode("utf-8", "replace")

    def _drain(self, read: int) -> None:
        while more := os.read(read, 1 << 16):
            self._kept = (self._kept + more)[-KEPT_BYTES:]


class Holder:
    """One server, its calls, and what is told of both."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._orders: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._errors = Errors()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._declared: list[Any] | None = None
        self._noted = False

    def order(self, row: dict[str, Any] | None) -> None:
        """From the loop; None ends it all."""
        self._orders.put_nowait(row)

    async def hold(self, where: Mapping[str, Any]) -> None:
        """Connect, declare, carry calls out until there is no more order."""
        from mcp.client import Client

        try:
            async with Client(self._transport(where), message_handler=self._news) as client:
                await self._declare(client)
                watching = [
                    asyncio.create_task(self._follow(client)),
                    asyncio.create_task(self._subscribe(client)),
                ]
                while (row := await self._orders.get()) is not None:
                    self._obey(client, row)
                for task in [*watching, *self._calls.values()]:
                    task.cancel()
            self._tell(ended=self._last_words() or "it has ended")
        except Exception as error:
            self._tell(ended=self._last_words() or words(error))

    @contextlib.asynccontextmanager
    async def _transport(self, where: Mapping[str, Any]) -> AsyncIterator[Any]:
        if "url" in where:
            from mcp.client.streamable_http import streamable_http_client

            async with streamable_http_client(where["url"]) as streams:
                yield streams
            return
        from mcp.client.stdio import StdioServerParameters, stdio_client

        async with (
            stdio_client(StdioServerParameters(**where), self._errors.file) as (read, write),
            self._watched(read) as watched,
        ):
            self._errors.file.close()
            yield watched, write

    @contextlib.asynccontextmanager
    async def _watched(self, read: Any) -> AsyncIterator[Any]:
        """The same stream; its end is the server's, whether or not somebody waits for an answer."""
        import anyio

        send, receive = anyio.create_memory_object_stream[Any](0)

        async def pump() -> None:
            async with send:
                with contextlib.suppress(anyio.BrokenResourceError):
                    async for message in read:
                        await send.send(message)
            self.order(None)

        pumping = asyncio.create_task(pump())
        try:
            async with receive:
                yield receive
        finally:
            pumping.cancel()

    # ---- its tools

    async def _declare(self, client: Any) -> None:
        """Tell the tools, unless they are those that were told."""
        rows, cursor = [], None
        for _ in range(PAGES):
            page = await client.list_tools(cursor=cursor, cache_mode="bypass")
            rows += [row.model_dump(mode="json", by_alias=True, exclude_none=True) for row in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                break
        if len(json.dumps(rows)) > LARGEST_BYTES:
            raise ValueError(f"it declares more than {LARGEST_BYTES >> 20} MiB of functions")
        if rows != self._declared:
            self._declared = rows
            self._tell(tools=rows)

    async def _follow(self, client: Any) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._declare(client)
            except Exception as error:
                self._tell(note=f"its functions have changed and cannot be listed: {words(error)}")
            await asyncio.sleep(CHANGE_S)

    async def _subscribe(self, client: Any) -> None:
        """Since 2026-07-28 a server tells of changes whoever asks for them."""
        with contextlib.suppress(Exception):  # it need not know of it
            async with client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    self._changed.set()

    async def _news(self, message: Any) -> None:
        if getattr(message, "method", "") == NEWS:
            self._changed.set()
        elif isinstance(message, Exception) and not self._noted:
            self._noted = True
            self._tell(note="it prints what is no message on its standard output; that is ignored")

    # ---- its calls

    def _obey(self, client: Any, row: Mapping[str, Any]) -> None:
        if "cancel" in row:
            if call := self._calls.get(row["cancel"]):
                call.cancel()
            return
        key = row["call"]
        self._calls[key] = asyncio.create_task(self._call(client, key, row["name"], row["args"]))
        self._calls[key].add_done_callback(lambda _: self._calls.pop(key, None))

    async def _call(self, client: Any, key: int, name: str, args: Mapping[str, Any]) -> None:
        self._errors.taken()
        try:
            result = await client.call_tool(name, dict(args))
            said = response(result.model_dump(mode="json", by_alias=True, exclude_none=True))
            if result.is_error:
                raise ValueError(said.get("result", "it failed"))
            written = json.dumps({"answer": key, "response": said, "printed": self._errors.taken()})
            if len(written) > LARGEST_BYTES:
                raise ValueError(f"it returned more than {LARGEST_BYTES >> 20} MiB")
        except Exception as error:
            self._tell(answer=key, problem=words(error), printed=self._errors.taken())
        else:
            self._write(written)

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._errors.taken().splitlines()]
        return next((line for line in reversed(lines) if line), "")[:500]

    def _tell(self, **row: Any) -> None:
        self._write(json.dumps(row))

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody is left to hear it
            self._out.write(line + "\n")
            self._out.flush()


def words(error: BaseException) -> str:
    """What went wrong, of the first error in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    said = " ".join(str(error).split()) or type(error).__name__
    return said[:500]


async def _held(out: Any) -> None:
    first = json.loads(sys.stdin.buffer.readline() or b"{}")
    holder, loop = Holder(out), asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(holder.order, json.loads(line))
        loop.call_soon_threadsafe(holder.order, None)

    threading.Thread(target=read, daemon=True).start()
    await holder.hold(first)


def main() -> None:
    """Hold a server until the standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    asyncio.run(_held(out))
    os._exit(0)  # the thread that reads would hold the process


if __name__ == "__main__":
    main()
