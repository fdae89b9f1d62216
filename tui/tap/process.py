"""The tap as a process: ports, signals, the line that says it is ready, and the program it runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import certifi
import orjson

from tui.authority import Authority, AuthorityError
from tui.core.journal import JournalError
from tui.core.places import data_folder
from tui.loopback import PortTaken
from tui.tap import child, environment
from tui.tap.client import House
from tui.tap.gate import Gate
from tui.tap.recorder import Recorder
from tui.tap.server import Ports, serving
from tui.tap.upstream import UpstreamError, Upstreams

SWITCH_INTERVAL_S = 0.00005
"""How soon a relay gets the interpreter while the recorder computes."""


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    upstream: str = ""
    port: int = 0
    tls_port: int = 0
    record: Path | None = None
    origins: tuple[str, ...] = ()
    token: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Ready:
    """The line that says the tap is ready."""

    ws: str
    wss: str
    ca: str
    environment: Mapping[str, str]


def run(options: Options, command: Sequence[str] = ()) -> int:
    """Tap until SIGINT or SIGTERM, or until ``command`` has ended; returns the exit status.

    Without a command, one JSON line on stdout says when it is ready, with the fields of `Ready`.

    Raises:
        JournalError: It cannot begin; the message says why.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        return asyncio.run(_run(options, command))
    except (PortTaken, AuthorityError, UpstreamError) as error:
        raise JournalError(str(error)) from error
    except KeyboardInterrupt:  # where signals cannot be handled by the loop: Windows
        return 0


async def _run(options: Options, command: Sequence[str]) -> int:
    async with tapping(options) as ready:
        if command:
            return await child.run(command, os.environ | ready.environment)
        stop = asyncio.Event()
        _stop_on_signals(stop)
        if not options.quiet:
            _say("To lead a program here, in its shell:")
            for line in environment.exports(ready.environment):
                _say(f"  {line}")
        print(orjson.dumps(ready).decode(), flush=True)
        await stop.wait()
    return 0


@contextlib.asynccontextmanager
async def tapping(options: Options) -> AsyncIterator[Ready]:
    """The tap with all that belongs to it, while the block lasts."""
    upstreams = Upstreams.choose(options.upstream, os.environ)
    authority = Authority.of_user()
    token = secrets.token_urlsafe(12) if options.token else ""
    log = _silent if options.quiet else _say
    recorder = Recorder(_folder(options.record), log)
    try:
        gate = Gate(options.origins, token)
        house = House(gate, upstreams, _trusting(authority), recorder.tape, log)
        with tempfile.TemporaryDirectory(prefix="bidiscope-") as folder:
            serve = serving(house, options.port, options.tls_port, authority.server_context())
            async with serve as ports:
                yield _ready(ports, token, authority.path, Path(folder))
    finally:
        recorder.stop()


def _ready(ports: Ports, token: str, ca: Path, folder: Path) -> Ready:
    path = f"/{token}" if token else ""
    variables = environment.variables(f"https://localhost:{ports.tls}{path}", ca, folder)
    ws, wss = f"ws://localhost:{ports.plain}{path}", f"wss://localhost:{ports.tls}{path}"
    return Ready(ws, wss, str(ca), variables)


def _folder(wanted: Path | None) -> Path:
    """Where the recordings go; it is there then."""
    folder = wanted or data_folder() / "recordings"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise JournalError(
            f"Cannot record to {folder}: {error.strerror}. Choose another folder with --record DIR."
        ) from error


def _trusting(authority: Authority) -> ssl.SSLContext:
    """Trusts upstreams as the SDK would, and servers of this user on this machine."""
    roots = os.environ.get("SSL_CERT_FILE") or certifi.where()
    try:
        context = ssl.create_default_context(cafile=roots)
    except OSError as error:
        raise JournalError(
            f"SSL_CERT_FILE names {roots}, which cannot be read: {error.strerror}."
        ) from error
    context.load_verify_locations(authority.path)
    return context


def _stop_on_signals(stop: asyncio.Event) -> None:
    if sys.platform == "win32":
        return  # Ctrl+C arrives as KeyboardInterrupt
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this is gone
        print(f"bidiscope: {line}", file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    pass
