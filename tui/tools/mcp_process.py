"""The process that holds an MCP server (`tui.tools.mcp_client`), for as long as it lives."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final

LINE_BYTES: Final = 4 << 20
"""More than the process ever writes at once."""
END_S: Final = 8.0
"""Longer than it takes to end a server that heeds nothing."""

Row = dict[str, Any]


class McpProcess:
    """One life of a server, on the loop that begins it.

    Args:
        process: it.
        hear: called with each row that answers no call, ``{"ended": …}`` last.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, hear: Callable[[McpProcess, Row], None]
    ) -> None:
        self._process, self._hear = process, hear
        self._waiting: dict[int, asyncio.Future[Row]] = {}
        self._count = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def begin(
        cls, where: Mapping[str, Any], hear: Callable[[McpProcess, Row], None]
    ) -> McpProcess:
        """Start one for that server; in a session of its own, so that Ctrl+C is for us alone."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui.tools.mcp_client"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_BYTES,
            start_new_session=True,
        )
        begun = cls(process, hear)
        begun._write(where)
        return begun

    async def call(self, name: str, args: Mapping[str, Any]) -> Row:
        """What came of a call; cancelling tells the server."""
        self._count += 1
        key = self._count
        answer: asyncio.Future[Row] = asyncio.get_running_loop().create_future()
        self._waiting[key] = answer
        self._write({"call": key, "name": name, "args": args})
        try:
            return await answer
        finally:
            self._waiting.pop(key, None)
            if answer.cancelled():
                self._write({"cancel": key})

    async def end(self) -> None:
        """End the server with all that it has started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._reading

    def _write(self, row: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(row).encode() + b"\n")

    async def _read(self) -> None:
        last: Row = {"ended": "what held it has crashed"}
        async with contextlib.aclosing(self._rows()) as rows:
            async for row in rows:
                if "ended" in row:
                    last = row
                elif "answer" not in row:
                    self._hear(self, row)
                elif (answer := self._waiting.get(row["answer"])) and not answer.done():
                    answer.set_result(row)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result({"problem": f"the server has ended: {last['ended']}"})
        self._hear(self, last)
        await self._process.wait()

    async def _rows(self) -> AsyncGenerator[Row]:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, RecursionError):  # too long, too deep, or no JSON
            while line := await self._process.stdout.readline():
                yield json.loads(line)
