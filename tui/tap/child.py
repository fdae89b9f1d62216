"""The program that is run with the tap: its signals and its exit status are passed on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What shells say of a command that cannot be run."""
PATIENCE_S = 5.0
"""How long a program that is told to end may take before it is left alone."""

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_OF_TERMINALS = ("SIGINT", "SIGQUIT")
"""A terminal sends them to all in its foreground, so the program has them already."""


async def run(
    command: Sequence[str], environ: Mapping[str, str], output: Path | None = None
) -> int:
    """Run it to its end; its exit status, 128 + n after a signal n. Cancelled, it is ended.

    It has this process's terminal; with ``output``, nothing to read and that file to write to.
    """
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(output.open("ab")) if output is not None else None
        keys = DEVNULL if file is not None else None
        try:
            process = await asyncio.create_subprocess_exec(
                *command, env=environ, stdin=keys, stdout=file, stderr=file
            )
        except OSError as error:
            said = f"bidiscope run: {command[0]} cannot be run: {error.strerror}.\n"
            (file or sys.stderr.buffer).write(said.encode())
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    if output is None:
        _pass_on_signals(process)
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), PATIENCE_S)
        raise
    return status if status >= 0 else 128 - status


def _pass_on_signals(process: Process) -> None:
    def pass_on(name: str) -> None:
        if not (name in _OF_TERMINALS and _in_foreground()):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(getattr(signal, name))

    if sys.platform != "win32":
        for name in _PASSED_ON:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(getattr(signal, name), pass_on, name)


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
