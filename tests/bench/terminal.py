"""A program on a pseudo-terminal: started, watched, typed at, and its processor time read."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

COLUMNS, ROWS = 120, 40
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
QUIT = b"\x11"
_KEPT = 1 << 17
CHECKOUT = Path(__file__).resolve().parents[2]

_FOREIGN = re.compile("GOOGLE_.*|GEMINI_.*|TEXTUAL_.*|PYTHON.*|NO_COLOR|SSL_CERT_FILE")


class Terminal:
    """A terminal that answers no query, and the program that draws on it."""

    def __init__(self, *command: str, **environ: str) -> None:
        """Run it; the time counts from here."""
        environment = {k: v for k, v in os.environ.items() if not _FOREIGN.fullmatch(k)}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environ}
        self.start_s = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _become([*command], environment)
        self.output = b""
        """The end of what was printed."""
        self.prints = 0
        """Pieces that were printed: a picture of Textual's is one or two."""

    def wait_for(self, *texts: str, timeout_s: float = 30) -> float:
        """Read until all of the texts were printed; seconds since the start."""
        markers = [text.encode() for text in texts]
        end_s = time.perf_counter() + timeout_s
        while missing := [marker for marker in markers if marker not in self.output]:
            if not self._read(0.05) or time.perf_counter() > end_s:
                raise RuntimeError(f"{missing} never appeared; the end is {self.output[-400:]!r}")
        return time.perf_counter() - self.start_s

    def wait_for_more(self, timeout_s: float = 5) -> None:
        """Read the next piece that is printed."""
        if not select.select([self._fd], [], [], timeout_s)[0]:
            raise RuntimeError(f"Nothing came within {timeout_s} s")
        self._read(0)

    def wait_for_end(self, timeout_s: float = 30) -> None:
        """Read until the program has closed its side."""
        end_s = time.perf_counter() + timeout_s
        while self._read(0.1):
            if time.perf_counter() > end_s:
                raise RuntimeError(f"It goes on; the end is {self.output[-400:]!r}")

    def watch(self, seconds: float) -> None:
        """Read for a while, as a terminal does."""
        end_s = time.perf_counter() + seconds
        while (left_s := end_s - time.perf_counter()) > 0:
            self._read(left_s)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._fd, keys)

    def processor_share(self, seconds: float) -> float:
        """How much of a core the program takes while it is watched, in percent."""
        before_s, start_s = self._processor_s(), time.perf_counter()
        self.watch(seconds)
        return 100 * (self._processor_s() - before_s) / (time.perf_counter() - start_s)

    def close(self) -> None:
        """Ask it to quit, wait, and insist if that takes too long."""
        with contextlib.suppress(OSError):
            self.type(QUIT)
        try:
            self.wait_for_end(10)
        except RuntimeError:
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def show(self, block: bytes) -> None:
        """Take what was printed, empty at the end."""
        self.output = self.output[-_KEPT:] + block
        self.prints += bool(block)

    def _read(self, timeout_s: float) -> bool:
        """Take what is printed; False once the program has closed its side."""
        if select.select([self._fd], [], [], timeout_s)[0]:
            try:
                block = os.read(self._fd, 1 << 16)
            except OSError:  # how Linux reports the end
                return False
            self.show(block)
            return bool(block)
        return True

    def _processor_s(self) -> float:
        """User and system time of the process, proc(5)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S


def _become(command: list[str], environment: Mapping[str, str]) -> None:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.chdir(CHECKOUT)
    os.execve(command[0], command, environment)


@contextlib.contextmanager
def terminal(module: str, *arguments: str, **environ: str) -> Iterator[Terminal]:
    """A program on a terminal, with folders of its own; it is ended with the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        own = {"BIDISCOPE_DATA": f"{folder}/data", "BIDISCOPE_CONFIG": f"{folder}/config"}
        program = Terminal(sys.executable, "-m", module, *arguments, **{**own, **environ})
        try:
            yield program
        finally:
            program.close()
