"""The emulator as a process of its own, started for a session without a key."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.live.endpoint import Endpoint, EndpointError

Told = Callable[[Mapping[str, Any]], None]
"""Takes what the emulator says of a fault, or complains of, on a thread of its own."""


class LocalEmulator:
    """A child process; it ends when this process ends, however that comes."""

    def __init__(self, told: Told, flags: Sequence[str] = ()) -> None:
        """Start it at once: it gets ready while this side is busy with other things.

        ``told`` gets the lines that `tui.emulator.process.run` explains; ``flags`` are further
        ones of `bidiscope emulate`.
        """
        self._told = told
        self._follower: threading.Thread | None = None
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
            endpoint = Endpoint("emulator", host, base_url=base_url, ca=Path(ready["ca"]))
        except (ValueError, KeyError) as error:
            raise EndpointError(
                f"The local emulator did not start: {self._last_words()}"
            ) from error
        self._follower = threading.Thread(target=self._follow, name="emulator", daemon=True)
        self._follower.start()
        return endpoint

    def arm(self, spec: str) -> None:
        """Let a fault come about in the newest session."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it has ended
            self._process.stdin.write(json.dumps({"fault": spec}).encode() + b"\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        """End it and wait for it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended already
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._follower is not None:
            self._follower.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _follow(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told(json.loads(line))

    def _last_words(self) -> str:
        _, stderr = self._process.communicate(timeout=5)
        lines = stderr.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._process.returncode}"
