"""The program on a real terminal: a pty with a screen behind it, hands on its keys and mouse."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pyte

PATIENCE_S = 60.0
"""For a loaded machine; no test comes near it where nothing is wrong."""

SIZE = 140, 40
LEFT = b"\x1b[?1049l"
"""The alternate screen is left: the shell's own is back."""


class Terminal:
    """The program, or a script in its place, on a terminal that keeps every byte it is sent."""

    def __init__(
        self, *words: str, environ: dict[str, str] | None = None, script: Path | None = None
    ) -> None:
        self._fd, theirs = pty.openpty()
        columns, lines = SIZE
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._hung_up = False
        self.raw = b""
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        settings = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "COLUMNS": str(columns),
            "LINES": str(lines),
            "PULSE_SERVER": "none",
        }
        self.process = subprocess.Popen(
            [sys.executable, *([str(script)] if script else ["-m", "tui"]), *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | settings | (environ or {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal, as a window is closed."""
        if not self._hung_up:
            self._hung_up = True
            os.close(self._fd)

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The same, lines joined by newlines."""
        return "\n".join(self.lines)

    def until(self, true: Callable[[str], object]) -> str:
        """Take what the program writes until that is true of the screen's text."""
        end_s = time.monotonic() + PATIENCE_S
        while not true(self.text):
            is_open = self._take(0.05)
            if not (is_open or true(self.text)) or time.monotonic() > end_s:
                raise AssertionError(f"waited in vain; on the screen:\n{self.text}")
        return self.text

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def click(self, column: int, line: int) -> None:
        """Click on a cell, both counted from 0, as xterm's SGR mode reports it."""
        self.press(f"\x1b[<0;{column + 1};{line + 1}M\x1b[<0;{column + 1};{line + 1}m")

    def places(self, text: str) -> list[tuple[int, int]]:
        """The cells at which the text begins, on all lines."""
        found = []
        for number, line in enumerate(self.lines):
            start = line.find(text)
            while start >= 0:
                found.append((start, number))
                start = line.find(text, start + 1)
        return found

    def end(self) -> int:
        """Take all that is still written; the exit status, negative for a signal."""
        end_s = time.monotonic() + PATIENCE_S
        while self._take(0.05):
            assert time.monotonic() < end_s, f"does not end; on the screen:\n{self.text}"
        return self.process.wait(PATIENCE_S)

    def _take(self, timeout_s: float) -> bool:
        """Read all that has come; False when the program has closed its side."""
        come, is_open = b"", True
        while is_open and select.select([self._fd], [], [], 0 if come else timeout_s)[0]:
            block = b""
            with contextlib.suppress(OSError):  # how Linux says that the other side is closed
                block = os.read(self._fd, 65536)
            come, is_open = come + block, bool(block)
        self.raw += come
        self._stream.feed(come)
        return is_open
