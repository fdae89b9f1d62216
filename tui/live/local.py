"""The emulator as a process of its own, started for a session without a key."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tui.live.endpoint import Endpoint, EndpointError


class LocalEmulator:
    """A child process; it ends when this process ends, however that comes."""

    def __init__(self, flags: Sequence[str] = ()) -> None:
        """Start it at once: it gets ready while this side is busy with other things.

        ``flags`` are further ones of `bidiscope emulate`.
        """
        command = [sys.executable, "-m", "tui", "emulate", "--port", "0", "--tls-port", "0"]
        self._process = subprocess.Popen(
            [*command, "--quiet", "--tied", *flags],
            stdin=subprocess.PIPE,  # "tied": its end of the pipe closes when we die
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def endpoint(self) -> Endpoint:
        """Wait until it is ready; blocks for about half a second after the start.

        Raises:
            EndpointError: It ended instead.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            ready = json.loads(line)
            base_url = str(ready["wss"]).replace("wss://", "https://", 1)
            host = base_url.removeprefix("https://")
            return Endpoint("emulator", host, base_url=base_url, ca=Path(ready["ca"]))
        except (ValueError, KeyError) as error:
            raise EndpointError(
                f"The local emulator did not start: {self._last_words()}"
            ) from error

    def stop(self) -> None:
        """End it and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        _, stderr = self._process.communicate(timeout=5)
        lines = stderr.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._process.returncode}"
