"""The tap as a process: ports, signals, the line that says it is ready, and the program it runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import certifi
import orjson

from tui import stopping
from tui.authority import Authority, AuthorityError
from tui.core.journal import JournalError, recording_folder
from tui.core.places import data_folder
from tui.core.text import safe
from tui.loopback import PortTaken
from tui.tap import child, environment
from tui.tap.client import House
from tui.tap.fault import Fault
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
    output: Path | None = None
    """Where the program's output goes; None leaves it the terminal."""
    faults: bool = False
    """Let the parent bring about faults."""
    tied: bool = False
    """Tell the parent of each recording, on stdout, and end with it."""


@dataclass(frozen=True)
class Ready:
    """The line that says the tap is ready."""

    ws: str
    wss: str
    ca: str
    upstreams: Sequence[str]
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
    async with tapping(options) as (ready, house):
        if options.tied:
            _report(asdict(ready))
            environ = os.environ | ready.environment
            return await _run_tied(options, house, environ, command)
        if command:
            return await child.run(command, os.environ | ready.environment)
        stop = asyncio.Event()
        stopping.on_signals(stop)
        if not options.quiet:
            _say("To lead a program here, in its shell:")
            for line in environment.exports(ready.environment):
                _say(f"  {line}")
        _report(asdict(ready))
        await stop.wait()
    return 0


async def _run_tied(
    options: Options, house: House, environ: Mapping[str, str], command: Sequence[str]
) -> int:
    """Go on after the program's end: its sessions are still being looked at."""

    def told(line: bytes) -> None:
        row = orjson.loads(line)
        house.bring_about(row["session"], Fault.read(row))

    stop = asyncio.Event()
    stopping.with_parent(stop, told)
    ending = asyncio.create_task(stop.wait())
    if command:
        running = asyncio.create_task(child.run(command, environ, options.output))
        await asyncio.wait([running, ending], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            _report({"status": running.result()})
        else:
            running.cancel()
            await asyncio.wait([running])
    await ending
    return 0


@contextlib.asynccontextmanager
async def tapping(options: Options) -> AsyncIterator[tuple[Ready, House]]:
    """The tap with all that belongs to it, while the block lasts."""
    upstreams = Upstreams.choose(options.upstream, os.environ)
    authority = Authority.of_user()
    token = secrets.token_urlsafe(12) if options.token else ""
    log = _silent if options.quiet else _say
    recordings = options.record or data_folder() / "recordings"
    begun = _report_recording if options.tied else _ignore
    recorder = Recorder(recording_folder(recordings), log, begun)
    try:
        gate = Gate(options.origins, token)
        tls = _trusting(authority)
        house = House(gate, upstreams, tls, recorder.tape, log, options.faults)
        with tempfile.TemporaryDirectory(prefix="bidiscope-") as folder:
            serve = serving(house, options.port, options.tls_port, authority.server_context())
            async with serve as ports:
                yield _ready(ports, token, authority.path, upstreams, Path(folder)), house
    finally:
        recorder.stop()


def _ready(ports: Ports, token: str, ca: Path, upstreams: Upstreams, folder: Path) -> Ready:
    path = f"/{token}" if token else ""
    variables = environment.variables(f"https://localhost:{ports.tls}{path}", ca, folder)
    ws, wss = f"ws://localhost:{ports.plain}{path}", f"wss://localhost:{ports.tls}{path}"
    places = dict.fromkeys((upstreams.gemini.place, upstreams.vertex.place))
    return Ready(ws, wss, str(ca), tuple(places), variables)


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


def _report_recording(session: int, path: Path) -> None:
    _report({"session": session, "recording": str(path)})


def _ignore(session: int, path: Path) -> None:
    pass


def _report(row: Mapping[str, object]) -> None:
    with contextlib.suppress(OSError):  # whoever read this is gone
        print(orjson.dumps(row).decode(), flush=True)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this is gone
        print(f"bidiscope: {safe(line)}", file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    pass
