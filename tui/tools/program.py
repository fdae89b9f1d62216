"""A Python file of tools: what it declares, and its functions called, each in a fresh process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui.core.tool import ToolsError

LIMIT_S = 20.0
"""How long a function, or the file itself, may run."""
LARGEST_BYTES = 1 << 20
"""Of a result; a message of the service takes no more than a few MiB."""
GRACE_S = 0.5
"""How long what is printed, and the exit code, may come after the result."""
PRINTED_BYTES = 4096
"""Of what is printed; the rest is read and thrown away."""


@dataclass(frozen=True)
class Ran:
    """What a run has come to."""

    result: Any
    printed: str


async def run(
    path: str, name: str = "", args: Mapping[str, Any] | None = None, limit_s: float = LIMIT_S
) -> Ran:
    """Call a function, or declare all of them where ``name`` is empty; cancelling kills it.

    Raises:
        ToolsError: It raised, crashed, took too long, or returned what is no JSON or too large.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui.tools.child", path, *filter(None, [name])),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    what = name or "the file"
    try:
        async with asyncio.timeout(limit_s):
            written, printed = await _talk(process, json.dumps(args or {}).encode())
    except TimeoutError:
        raise ToolsError(f"{what} took longer than {limit_s:g} s and was ended") from None
    finally:
        await _end(process)
    if len(written) > LARGEST_BYTES:
        raise ToolsError(f"{what} returned more than {LARGEST_BYTES >> 20} MiB")
    return Ran(_result(written, what, process.returncode), printed.decode("utf-8", "replace"))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Whatever still runs of it is killed; what it has left behind when it ended well may stay."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    process._transport.close()  # type: ignore[attr-defined]  # who holds the other end is not waited for


async def _talk(process: asyncio.subprocess.Process, given: bytes) -> tuple[bytes, bytes]:
    assert process.stdin and process.stdout and process.stderr
    printed = bytearray()
    printing = asyncio.create_task(_head(process.stderr, printed))
    ending = asyncio.create_task(process.wait())
    try:
        with contextlib.suppress(OSError):
            process.stdin.write(given)
            await process.stdin.drain()
            process.stdin.close()
        written = b""
        while len(written) <= LARGEST_BYTES and (more := await process.stdout.read(1 << 16)):
            written += more
        if len(written) <= LARGEST_BYTES:  # a process that it has begun may hold the other pipe
            await asyncio.wait([printing, ending], timeout=GRACE_S)
        return written, bytes(printed)
    finally:
        printing.cancel()
        ending.cancel()


async def _head(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while more := await stream.read(1 << 16):
        kept += more[: PRINTED_BYTES - len(kept)]


def _result(written: bytes, what: str, code: int | None) -> Any:
    try:
        row = json.loads(written)
    except ValueError:
        raise ToolsError(f"{what} crashed (exit code {code})") from None
    if "problem" in row:
        raise ToolsError(f"{what} raised {row['problem']}")
    return row["result"]
