"""An MCP server for tests, by the official library: ``good_server.py [http PORT]``."""

from __future__ import annotations

import os
import sys
import time

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import ToolAnnotations

server = MCPServer("bench")


@server.tool()
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    print("adding", a, b, file=sys.stderr, flush=True)
    return a + b


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def fail() -> str:
    """Fail."""
    raise ValueError("no such file")


@server.tool(structured_output=False)
def look() -> list[str | Image]:
    """A picture and words."""
    return ["here it is", Image(data=b"\x89PNG" * 100, format="png")]


@server.tool()
def flood(size: int) -> str:
    """Far too much."""
    return "x" * size


@server.tool()
def die() -> None:
    """End at once."""
    print("out of memory", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool()
def hang() -> None:
    """Never answer, nor hear anything else."""
    time.sleep(600)


@server.tool()
def babble() -> str:
    """Print on the stream that is for messages alone."""
    os.write(1, b"loading ...\n")
    return "done"


@server.tool()
async def learn(context: Context) -> str:
    """Have one function more."""
    server.add_tool(lambda: 3, name="three", description="Three.")
    await context.notify_tools_changed()
    return "learnt"


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run()
