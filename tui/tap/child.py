"""The program that is run with the tap: its signals and its exit status are passed on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What shells say of a command that cannot be run."""

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_OF_TERMINALS = ("SIGINT", "SIGQUIT")
"""A terminal sends them to all in its foreground, so the program has them already."""


async def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run it to its end on this process's terminal; its exit status, 128 + n after a signal n."""
    try:
        process = await asyncio.create_subprocess_exec(*command, env=environ)
    except OSError as error:
        print(f"bidiscope run: {command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE

    def pass_on(name: str) -> None:
        if not (name in _OF_TERMINALS and _in_foreground()):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(getattr(signal, name))

    if sys.platform != "win32":
        for name in _PASSED_ON:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(getattr(signal, name), pass_on, name)
    status = await process.wait()
    return status if status >= 0 else 128 - status


def _in_foreground() -> bool:
    """Whether the terminal's keys reach this process, and so its child."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
