"""The stream server as a process, and the environment that leads clients to it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from tests.bench.terminal import CHECKOUT


class Gateway:
    """A `tests.bench.stream` that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        place = self._line()
        self.environ = {
            "GEMINI_API_KEY": "no-key-of-anybody",
            "GOOGLE_GEMINI_BASE_URL": f"https://localhost:{place['port']}",
            "SSL_CERT_FILE": place["ca"],
        }
        """For the unchanged SDK: where the service is and whom to trust."""

    def start_s(self) -> float:
        """When it began to send, for the next client that has not been asked about."""
        return float(self._line()["start_s"])

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line


@contextlib.contextmanager
def gateway(turns: int, rate: float = 0) -> Iterator[Gateway]:
    """A server with an authority of its own; it is ended with the block."""
    command = [sys.executable, "-m", "tests.bench.stream", str(turns), str(rate)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environ = {**os.environ, "BIDISCOPE_DATA": folder}
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, text=True
        )
        try:
            yield Gateway(process)
        finally:
            process.kill()
            process.communicate()
