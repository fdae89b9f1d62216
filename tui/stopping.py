"""When a server of ours is to end: at a signal, or with its parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable


def on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` when somebody ends this process."""
    if sys.platform == "win32":
        return  # Ctrl+C arrives as KeyboardInterrupt
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)


def with_parent(stop: asyncio.Event, told: Callable[[bytes], None] = lambda line: None) -> None:
    """Set ``stop`` at the end of stdin, which is closed when the parent dies.

    ``told`` gets the lines that come before, in the loop.
    """
    loop = asyncio.get_running_loop()

    def watch() -> None:
        # os.read: a thread that hangs in sys.stdin would hold its lock at the interpreter's end.
        # stdin may be closed from the start, or the loop have ended meanwhile
        with contextlib.suppress(OSError, RuntimeError):
            rest = b""
            while data := os.read(0, 4096):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(told, line)
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, daemon=True, name="parent").start()
