"""An MCP server as a child process that is talked to over its standard streams.

The library's own transport reads lines of any length, in time that grows with the square of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

MOST_BYTES: Final = 16 << 20
"""Of a message; what sends more at once is ended."""
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Variables that a server gets besides those that the library deems harmless."""
KEPT_BYTES: Final = 4096
"""Of what it prints to its standard error."""
HEED_S: Final = 2.0
"""For a server to end when its input has ended, and again when it was asked to."""
NOTICED_S: Final = 0.5
"""For the end of a process to be known after the end of its output."""
POLL_S: Final = 0.02


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


@contextlib.asynccontextmanager
async def transport(
    where: Mapping[str, Any], errors: Errors, ended: Callable[[str], None]
) -> AsyncIterator[Any]:
    """The streams of a server that is started here, and ended with all its processes.

    Args:
        where: ``command``, ``args`` and ``env``; of our environment it gets what is harmless.
        errors: take its standard error.
        ended: called once the server says no more, with the reason.
    """
    import anyio
    from mcp.client.stdio import get_default_environment

    certificates = {name: os.environ[name] for name in CERTIFICATES if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(where["command"], *where["args"]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors.file,
        env=get_default_environment() | certificates | where["env"],
        limit=MOST_BYTES,
        start_new_session=True,
    )
    errors.file.close()  # so that it ends with the server
    heard, read = anyio.create_memory_object_stream[Any](0)
    write, said = anyio.create_memory_object_stream[Any](0)
    tasks = [
        asyncio.create_task(_hear(process, heard, ended)),
        asyncio.create_task(_say(process, said)),
    ]
    try:
        async with read, write:
            yield read, write
    finally:
        await _end(process)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(
    process: asyncio.subprocess.Process, heard: Any, ended: Callable[[str], None]
) -> None:
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    assert process.stdout is not None
    problem = ""
    async with heard:
        try:
            while line := await process.stdout.readline():
                try:
                    message: Any = SessionMessage(jsonrpc_message_adapter.validate_json(line))
                except ValueError as error:
                    message = error
                await heard.send(message)
        except ValueError:  # the stream's own limit
            problem = f"it sent more than {MOST_BYTES >> 20} MiB at once"
        except anyio.BrokenResourceError:  # nobody listens any more
            return
        gone = not problem and await _gone(process, NOTICED_S)
        ended(problem or (f"exit code {process.returncode}" if gone else "it says no more"))


async def _say(process: asyncio.subprocess.Process, said: Any) -> None:
    assert process.stdin is not None
    async with said:
        with contextlib.suppress(OSError):
            async for each in said:
                row = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(row.encode() + b"\n")
                await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """As the protocol wants it: its input ends, it is asked, it is killed; so is what it leaves."""
    assert process.stdin is not None
    process.stdin.close()
    if not await _gone(process, HEED_S):
        _signal(process, "SIGTERM")
        await _gone(process, HEED_S)
    _signal(process, "SIGKILL")
    await process.wait()


async def _gone(process: asyncio.subprocess.Process, patience_s: float) -> bool:
    """Whether it is soon; `wait` would wait for its children, too."""
    for _ in range(int(patience_s / POLL_S)):
        if process.returncode is not None:
            return True
        await asyncio.sleep(POLL_S)
    return False


def _signal(process: asyncio.subprocess.Process, name: str) -> None:
    """To its whole group; Windows has no groups, and no way to ask."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, getattr(signal, name))
        elif process.returncode is None:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True)
