"""Holds one MCP server: told by lines of JSON on standard input, it tells by lines on the output.

In a process of its own, so that nothing that a server sends can hold the sound up. When its input
ends, because we close it or are killed, it ends the server: politely, then with all its processes.

First line in: ``{"url": …}`` or ``{"command": …, "args": […], "env": {…}}``. Then ``{"call": 1,
"name": …, "args": {…}}`` and ``{"cancel": 1}``. Out: ``{"tools": […]}``, again when they have
changed; ``{"answer": 1, "response": {…}, "printed": …}``, or ``"problem"`` in its response's place;
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

from tui.tools import mcp_stdio
from tui.tools.mcp_result import response

LARGEST_BYTES: Final = 1 << 20
"""Of a result, and of all declarations; a message of the service takes no more than a few MiB."""
PAGES: Final = 100
CHANGE_S: Final = 0.5
"""A list that changes again and again is read that often at most."""
WORDS: Final = 500
"""Characters of what a server says of an error."""
CLOSED: Final = -32000
"""The library's code of a connection that has ended."""
FORGOTTEN: Final = -32600
"""Its code of a server that no longer knows its session."""
NEWS: Final = "notifications/tools/list_changed"


class Holder:
    """One server, its calls, and what is told of both."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._orders: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._errors = mcp_stdio.Errors()
        self._web = False
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._declared: list[Any] | None = None
        self._noted = False
        self._end = ""
        """Why the server says no more."""
        self._status = ""
        """The last of HTTP that told of an error."""

    def order(self, row: dict[str, Any] | None) -> None:
        """Take a line; None says that the server is gone."""
        self._orders.put_nowait(row)

    async def hold(self, where: Mapping[str, Any]) -> None:
        """Connect, declare, carry calls out; cancelling ends the server, too."""
        from mcp.client import Client

        tasks: list[asyncio.Task[None]] = []
        try:
            async with Client(self._transport(where), message_handler=self._news) as client:
                await self._declare(client)
                tasks += map(asyncio.create_task, (self._follow(client), self._subscribe(client)))
                while (row := await self._orders.get()) is not None:
                    self._obey(client, row)
            self._tell(ended=self._with_last_words(self._end))
        except Exception as error:
            self._tell(ended=self._with_last_words(self._why(error)))
        finally:
            for task in [*tasks, *self._calls.values()]:
                task.cancel()

    @contextlib.asynccontextmanager
    async def _transport(self, where: Mapping[str, Any]) -> AsyncIterator[Any]:
        self._web = "url" in where
        if self._web:
            from mcp.client.streamable_http import streamable_http_client
            from mcp.shared._httpx_utils import create_mcp_http_client

            async with create_mcp_http_client() as http:
                http.event_hooks["response"].append(self._look)
                async with streamable_http_client(where["url"], http_client=http) as streams:
                    yield streams
            return
        async with mcp_stdio.transport(where, self._errors, self._over) as streams:
            yield streams

    def _over(self, reason: str) -> None:
        self._end = reason
        self.order(None)

    async def _look(self, response: Any) -> None:
        if response.status_code >= 400:
            self._status = f"HTTP {response.status_code} {response.reason_phrase}"

    # ---- its tools

    async def _declare(self, client: Any) -> None:
        """Tell the tools, unless they are those that were told."""
        rows: list[Any] = []
        cursor = None
        for _ in range(PAGES):
            page = await client.list_tools(cursor=cursor, cache_mode="bypass")
            rows += map(_plain, page.tools)
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
                self._tell(
                    note=f"its functions have changed and cannot be listed: {self._why(error)}"
                )
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
            self._tell(note="it sends what is no message (does it print?), which is ignored")

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
            said = response(_plain(result))
            if result.is_error:
                raise ValueError(said.get("result", "it failed"))
            written = json.dumps({"answer": key, "response": said, "printed": self._errors.taken()})
            if len(written) > LARGEST_BYTES:
                raise ValueError(f"more than {LARGEST_BYTES >> 20} MiB were returned")
        except Exception as error:
            code, why = getattr(error, "code", 0), self._why(error)
            if code == FORGOTTEN and self._web:
                self._over(why)
            elif code != CLOSED:  # which all calls will hear of
                self._tell(answer=key, problem=why, printed=self._errors.taken())
        else:
            self._write(written)

    def _why(self, error: BaseException) -> str:
        """What went wrong, of the first error in a group."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if getattr(error, "code", 0) == CLOSED and self._end:
            return self._end
        status, self._status = self._status, ""
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        return status or " ".join(said.split())[:WORDS] or type(error).__name__

    def _with_last_words(self, reason: str) -> str:
        """A reason, and the last line that the server has printed, which often says more."""
        lines = [line.strip() for line in self._errors.taken().splitlines()]
        last = next((line for line in reversed(lines) if line), "")
        return f"{reason}: {last}"[:WORDS] if last else reason

    def _tell(self, **row: Any) -> None:
        self._write(json.dumps(row))

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody is left to hear it
            self._out.write(line + "\n")
            self._out.flush()


def _plain(model: Any) -> Any:
    """A model of the library as JSON."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def _held(out: Any) -> None:
    where = json.loads(sys.stdin.buffer.readline() or b"{}")
    holder, loop = Holder(out), asyncio.get_running_loop()
    holding = asyncio.create_task(holder.hold(where))

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            for line in sys.stdin.buffer:
                loop.call_soon_threadsafe(holder.order, json.loads(line))
            loop.call_soon_threadsafe(holding.cancel)

    threading.Thread(target=read, daemon=True).start()
    with contextlib.suppress(asyncio.CancelledError):
        await holding


def main() -> None:
    """Hold a server until it ends, or the standard input does."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    asyncio.run(_held(out))
    os._exit(0)  # the thread that reads would hold the process


if __name__ == "__main__":
    main()
