"""The tools of some files, and their calls carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.core.tool import Tool, ToolsError, distinct, of_json
from tui.tools import program

LARGEST_FILE_BYTES = 4 << 20


def load(paths: Sequence[Path]) -> list[Tool]:
    """The tools that these files declare, Python or JSON; Python files are run for it.

    Raises:
        ToolsError: One cannot be used; a sentence that names it.
    """
    tools: list[Tool] = []
    for path in paths:
        try:
            tools += _of_file(path)
        except OSError as error:
            raise ToolsError(f"{path} cannot be read: {error.strerror}.") from None
        except ToolsError as error:
            raise ToolsError(f"{path} cannot be used: {error}.") from None
    distinct(tools)
    return tools


async def answer(tool: Tool, args: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
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


def _of_file(path: Path) -> list[Tool]:
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise ToolsError(f"it is larger than {LARGEST_FILE_BYTES >> 20} MiB")
    match path.suffix:
        case ".json":
            return of_json(data)
        case ".py":
            rows = asyncio.run(program.run(str(path.resolve()))).result
            if not rows:
                raise ToolsError("it has no function whose name begins without _")
            return [Tool(row, module=str(path.resolve())) for row in rows]
    raise ToolsError("its name ends neither in .py nor in .json")
