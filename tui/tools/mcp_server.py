"""An MCP server as a source of tools: started, asked, and started again when it has ended."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tui.core.tool import Tool, ToolsError
from tui.tools.mcp_address import Address
from tui.tools.mcp_process import McpProcess, Row

OPEN_S: Final = 30.0
"""For a server to start and to say what it has; some are downloaded first."""
CALL_S: Final = 20.0
LATE: Final = 2
"""So many calls in a row without an answer, and the server is ended, to be started again."""
NOT_INSTALLED: Final = "MCP servers need the mcp library: pip install 'bidiscope[mcp]'"
HINTS: Final = {
    "readOnlyHint": "reads only",
    "destructiveHint": "may destroy",
    "openWorldHint": "reaches out",
}
"""Annotations that a person wants to know of before a call, in the server's own view."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_.:-]")

Tell = Callable[[str], None]
"""Takes a sentence for the person."""


class McpServer:
    """One server, on the loop that opens it.

    Args:
        address: where it is.
        tell: hears what nobody has asked for: that it has ended, that its tools have changed.
    """

    def __init__(self, address: Address, tell: Tell) -> None:
        self._address, self._tell = address, tell
        self._life: McpProcess | None = None
        self._past: list[McpProcess] = []
        """Lives that nobody has waited for the end of."""
        self._opened: asyncio.Future[None] | None = None
        self._opening = asyncio.Lock()
        self._tools: dict[str, tuple[Tool, str]] = {}
        """By name, each with the name that the server knows it by."""
        self._late = 0
        self.changed = False
        """Whether its tools are others than those that `tools` gave."""

    @property
    def name(self) -> str:
        """For sentences."""
        return f"the MCP server {self._address.label}"

    async def tools(self) -> list[Tool]:
        """What it has now; starts it, unless it runs.

        Raises:
            ToolsError: It cannot be used.
        """
        async with self._opening:
            if self._life is None:
                await self._open()
        self.changed = False
        return [tool for tool, _ in self._tools.values()]

    async def call(self, name: str, args: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A function's response, and what was printed meanwhile; starts an ended server again.

        Raises:
            ToolsError: It failed, or did not answer in time.
        """
        async with self._opening:
            if self._life is None:
                await self._open()
        life = self._life
        if life is None or name not in self._tools:
            raise ToolsError(f"{self.name} has no function {name} any more")
        try:
            async with asyncio.timeout(CALL_S):
                row = await life.call(self._tools[name][1], args)
        except TimeoutError:
            await self._be_late(life)
            raise ToolsError(f"{name} did not answer in {CALL_S:g} s") from None
        self._late = 0
        if "problem" in row:
            raise ToolsError(f"{name} failed: {row['problem']}")
        return row["response"], row["printed"]

    async def close(self) -> None:
        """End it, and all that it has started."""
        lives = [*self._past, *filter(None, [self._life])]
        self._life, self._past = None, []
        await asyncio.gather(*(life.end() for life in lives))

    async def _open(self) -> None:
        if importlib.util.find_spec("mcp") is None:
            raise ToolsError(NOT_INSTALLED)
        self._opened = asyncio.get_running_loop().create_future()
        self._life = await McpProcess.begin(self._address.where, self._hear)
        try:
            async with asyncio.timeout(OPEN_S):
                await self._opened
        except BaseException as error:
            await self.close()
            if not isinstance(error, TimeoutError):
                raise
            raise ToolsError(f"{self.name} did not start in {OPEN_S:g} s") from None

    async def _be_late(self, life: McpProcess) -> None:
        self._late += 1
        if self._late >= LATE and life is self._life:
            self._late = 0
            self._tell(f"{self.name} does not answer: it is ended, and the next call starts it")
            await self.close()

    def _hear(self, life: McpProcess, row: Row) -> None:
        assert self._opened is not None
        if "note" in row:
            self._tell(f"{self.name}: {row['note']}")
        elif "tools" in row:
            self._learn(row["tools"])
        elif not self._opened.done():
            self._opened.set_exception(ToolsError(f"{self.name} cannot be used: {row['ended']}"))
        elif life is self._life:
            self._life, self._past = None, [*self._past, life]
            self._tell(f"{self.name} has ended ({row['ended']}); the next call starts it again")

    def _learn(self, rows: Sequence[Mapping[str, Any]]) -> None:
        before, tools = set(self._tools), [_tool(row, self._address.label) for row in rows]
        self._tools = {
            tool.name: (tool, row["name"]) for tool, row in zip(tools, rows, strict=True)
        }
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(None)
        if before and before != set(self._tools):
            change = [f"+{name}" for name in self._tools if name not in before]
            change += [f"-{name}" for name in before if name not in self._tools]
            self.changed = True
            self._tell(f"{self.name} has changed its functions ({', '.join(change)[:200]})")


def _tool(row: Mapping[str, Any], label: str) -> Tool:
    """Of an MCP tool; the service takes JSON Schema as it is, but not every name."""
    name = _FOREIGN.sub("_", row["name"])
    declaration: dict[str, Any] = {"name": name if name[:1].isalpha() else f"_{name}"}
    if row.get("description"):
        declaration["description"] = row["description"]
    if row["inputSchema"].get("properties"):
        declaration["parametersJsonSchema"] = row["inputSchema"]
    notes = row.get("annotations") or {}
    hints = tuple(word for hint, word in HINTS.items() if notes.get(hint) is True)
    return Tool(declaration, server=label, hints=hints)
