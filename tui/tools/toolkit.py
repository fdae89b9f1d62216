"""The tools of some files, and their calls carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.core.tool import Tool, ToolsError, distinct, of_json
from tui.tools import program

LARGEST_FILE_BYTES = 4 << 20


class Toolkit:
    """Tools of Python and JSON files. Lives on a loop."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = [path.absolute() for path in files]

    async def load(self) -> list[Tool]:
        """The tools that the files declare; Python files are run for it.

        Raises:
            ToolsError: One cannot be used; a sentence that names it.
        """
        tools: list[Tool] = []
        for path in self._files:
            try:
                tools += await _of_file(path)
            except OSError as error:
                raise ToolsError(f"{path} cannot be read: {error.strerror}.") from None
            except ToolsError as error:
                raise ToolsError(f"{path} cannot be used: {error}.") from None
        distinct(tools)
        return tools

    async def answer(self, tool: Tool, args: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A call's response, and what the function has printed.

        Raises:
            ToolsError: It failed.
        """
        await asyncio.sleep(tool.delay_s)
        if tool.fail:
            raise ToolsError(tool.fail)
        if not tool.module:
            return dict(tool.reply or {}), ""
        ran = await program.run(tool.module, tool.name, args)
        response = ran.result if isinstance(ran.result, dict) else {"result": ran.result}
        return response, ran.printed

    async def close(self) -> None:
        """Files leave nothing open: each call ends its own process."""


async def _of_file(path: Path) -> list[Tool]:
    data = await asyncio.to_thread(_read, path)
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


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE_BYTES + 1)
