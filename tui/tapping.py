"""The tap as a child process, for the workbench: what the screen does cannot delay a relay."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from tui.core.journal import JournalError

PATIENCE_S = 8.0
"""How long it may take to end; a program that it runs is given time, too."""

Told = Callable[[Mapping[str, Any]], None]
"""Takes a line that the tap reports, on a thread of its own."""


class TapProcess:
    """``bidiscope tap`` or ``bidiscope run``, tied to this process: it ends with it."""

    def __init__(self, words: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui", *words],
            stdin=subprocess.PIPE,  # "tied": its end of the pipe closes when we die
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def ready(self) -> Mapping[str, Any]:
        """Wait until it is; its addresses, as `tui.tap.process.Ready` has them.

        Raises:
            JournalError: It ended instead.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise JournalError(self._last_words())
        found: dict[str, Any] = orjson.loads(line)
        return found

    def follow(self, told: Told) -> None:
        """From now on, report what it says."""
        threading.Thread(target=self._follow, args=(told,), name="tap", daemon=True).start()

    def tell(self, row: Mapping[str, Any]) -> None:
        """Bring about a fault, where that is allowed."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, and says so
            self._process.stdin.write(orjson.dumps(row) + b"\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        """End it and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _follow(self, told: Told) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                told(orjson.loads(line))
        told({"ended": self._process.wait()})

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"exit status {self._process.returncode}"
        return last.removeprefix("bidiscope: ")
