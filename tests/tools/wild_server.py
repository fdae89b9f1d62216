"""An MCP server that behaves as none should, in bare JSON-RPC of 2025-06-18: ``MODE [LOCK]``.

It prints before it talks. ``deaf`` never answers; ``stubborn`` outlives the end of its input and
SIGTERM, with a child that holds LOCK, too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

WORDS = {"type": "object", "properties": {"some_words": {"type": "string"}}}
TOOLS: list[dict[str, Any]] = [
    {"name": "echo", "inputSchema": WORDS},
    *(
        {"name": name, "inputSchema": {"type": "object"}}
        for name in ("quiet", "endless", "grow", "odd/name")
    ),
]


def tell(row: dict[str, Any]) -> None:
    print(json.dumps({"jsonrpc": "2.0", **row}), flush=True)


def result(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    match method, params.get("name"):
        case "initialize", _:
            version, info = params["protocolVersion"], {"name": "wild", "version": "1"}
            able = {"tools": {"listChanged": True}}
            return {"protocolVersion": version, "capabilities": able, "serverInfo": info}
        case "tools/list", _:
            return {"tools": TOOLS}
        case "tools/call", "quiet":
            return {}
        case "tools/call", "endless":
            print("x" * 50_000_000, flush=True)
        case "tools/call", "grow":
            TOOLS.append({"name": "more", "inputSchema": {"type": "object"}})
            tell({"method": "notifications/tools/list_changed"})
        case "tools/call", _:
            pass
        case _:
            return None
    return {"content": [{"type": "text", "text": str(params.get("arguments"))}]}


def main(mode: str, lock: str = "") -> None:
    if mode == "stubborn":
        import fcntl

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        held = os.open(lock, os.O_CREAT | os.O_WRONLY)
        fcntl.flock(held, fcntl.LOCK_SH)
        subprocess.Popen(["sleep", "300"], pass_fds=[held])
    print("Starting ...", flush=True)
    for line in sys.stdin:
        row = json.loads(line)
        if "id" not in row or mode == "deaf":
            continue
        found = result(row["method"], row.get("params", {}))
        if found is None:
            tell({"id": row["id"], "error": {"code": -32601, "message": "no such method"}})
        elif found:
            tell({"id": row["id"], "result": found})
    if mode == "stubborn":
        time.sleep(300)


if __name__ == "__main__":
    main(*sys.argv[1:])
