"""The tools of files and of MCP servers, and their calls carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.core.tool import Tool, ToolsError, distinct, of_json
from tui.tools import program
from tui.tools.mcp_address import Address
from tui.tools.mcp_server import McpServer

LARGEST_FILE_BYTES = 4 << 20


class Toolkit:
    """Tools of Python and JSON files, and of MCP servers. Lives on a loop."""

    def __init__(self, files: Sequence[Path], servers: Sequence[Address] = ()) -> None:
        self._files = [path.absolute() for path in files]
        self._servers = [McpServer(address, self._say) for address in servers]
        self._carriers: dict[str, McpServer] = {}
        """The server of each tool that has one."""
        self._tell: Callable[[str], None] | None = None

    @property
    def changed(self) -> bool:
        """Whether there are other tools now than `load` gave."""
        return any(server.changed for server in self._servers)

    async def load(self, tell: Callable[[str], None]) -> list[Tool]:
        """The tools that there are; runs Python files for it, and starts servers.

        ``tell`` hears what becomes of servers later, in sentences.

        Raises:
            ToolsError: Some cannot be used, a sentence for each; it has the others.
        """
        self._tell = tell
        sources = [*map(_of_file, self._files), *(server.tools() for server in self._servers)]
        found = await asyncio.gather(*sources, return_exceptions=True)
        tools: list[Tool] = []
        problems: list[str] = []
        carriers = [None] * len(self._files) + self._servers
        for each, server in zip(found, carriers, strict=True):
            if isinstance(each, ToolsError):
                problems.append(_sentence(str(each)))
            elif isinstance(each, BaseException):
                raise each
            else:
                tools += each
                self._carriers |= {tool.name: server for tool in each if server}
        distinct(tools)
        if problems:
            raise ToolsError(" ".join(problems), tuple(tools))
        return tools

    async def answer(self, tool: Tool, args: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A call's response, and what the function has printed.

        Raises:
            ToolsError: It failed.
        """
        await asyncio.sleep(tool.delay_s)
        if tool.fail:
            raise ToolsError(tool.fail)
        if server := self._carriers.get(tool.name):
            return await server.call(tool.name, args)
        if not tool.module:
            return dict(tool.reply or {}), ""
        ran = await program.run(tool.module, tool.name, args)
        response = ran.result if isinstance(ran.result, dict) else {"result": ran.result}
        return response, ran.printed

    async def close(self) -> None:
        """End the servers; files leave nothing open, each call ends its own process."""
        await asyncio.gather(*(server.close() for server in self._servers))

    def _say(self, words: str) -> None:
        if self._tell is not None:
            self._tell(_sentence(words))


async def _of_file(path: Path) -> list[Tool]:
    try:
        return await _declared(path, await asyncio.to_thread(_read, path))
    except OSError as error:
        raise ToolsError(f"{path} cannot be read: {error.strerror}") from None
    except ToolsError as error:
        raise ToolsError(f"{path} cannot be used: {error}") from None


async def _declared(path: Path, data: bytes) -> list[Tool]:
    if len(data) > LARGEST_FILE_BYTES:
        raise ToolsError(f"it is larger than {LARGEST_FILE_BYTES >> 20} MiB")
    match path.suffix:
        case ".json":
            return of_json(data)
        case ".py":
            rows = (await program.run(str(path))).result
            if not rows:
                raise ToolsError("it has no function whose name begins without _")
            return [Tool(row, module=str(path)) for row in rows]
    raise ToolsError("its name ends neither in .py nor in .json")


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:].rstrip('.')}."


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE_BYTES + 1)
