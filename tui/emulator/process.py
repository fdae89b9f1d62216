"""The emulator as a process: ports, signals, and the line that says it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from tui import stopping
from tui.authority import Authority, AuthorityError
from tui.core.fault import Fault, FaultError
from tui.core.journal import JournalError
from tui.emulator.edge.server import Log, serving
from tui.emulator.faults.plan import Plan
from tui.emulator.mind import arguments
from tui.emulator.mouth import voice
from tui.emulator.mouth.speaker import Speaker
from tui.emulator.options import Options
from tui.emulator.perception import detector, picture, recognizer
from tui.emulator.scenario.scenario import Scenario
from tui.emulator.terms import profiles
from tui.loopback import PortTaken

NO_WORDS = (
    "no speech recognition installed, so speech is heard but not understood: "
    "pip install 'bidiscope[local]'"
)
NO_MODEL = "no silero-vad installed, so whatever is louder than the background counts as speech"
NO_PICTURES = "neither OpenCV nor Pillow installed, so of pictures only size and format are told"
NO_VOICE = "no voice installed, so answers are soft tones: pip install 'bidiscope[local]'"

SWITCH_S = 0.0005
"""So long other threads may keep the sessions waiting, where they are Python: 5 ms by default."""


def run(
    port: int,
    tls_port: int,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    quiet: bool = False,
    tied: bool = False,
    faults: Sequence[Fault] = (),
    seed: int | None = None,
    once: bool = False,
) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status.

    One JSON line on stdout says when it is ready: ``{"ws": url, "wss": url, "ca": path}``. Text
    for humans goes to stderr, none if ``quiet``. ``tied`` ends it with its parent, too: when
    stdin comes to its end. Until then a line ``{"fault": spec}`` there brings a fault about in
    the newest session, and lines on stdout tell what comes of it: ``{"fault": spec, "state":
    "armed" or "happened", "session": number}``, or ``{"fault": spec, "problem": sentence}``; and
    ``{"of": "scenario" or "brain", "message": sentence}`` where one of them goes wrong.
    ``once`` ends it after the first session. The status is 1 when clients did what the
    scenario does not expect.
    """
    sys.setswitchinterval(SWITCH_S)
    log = silent if quiet else say
    plan = Plan(faults, seed, _tell_happened if tied else _tell_nobody)
    if tied and options.scenario:
        options.scenario.complain = partial(_complain, "scenario", "The scenario was not followed:")
    if tied and options.chat:
        options.chat.complain = partial(_complain, "brain", "The emulator's brain at")
    try:
        serve = _serve(port, tls_port, options, log, plan, tied=tied, once=once)
        asyncio.run(serve)
    except (PortTaken, AuthorityError, JournalError) as error:
        print(f"bidiscope emulate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # where signals cannot be handled by the loop: Windows
        pass
    finally:
        if options.scenario:
            options.scenario.close()
    return 1 if options.scenario and options.scenario.failures else 0


async def _serve(
    port: int,
    tls_port: int,
    options: Options,
    log: Log,
    plan: Plan,
    *,
    tied: bool,
    once: bool,
) -> None:
    stop = asyncio.Event()
    ended = stop.set if once else lambda: None
    stopping.on_signals(stop)
    if tied:
        stopping.with_parent(stop, partial(_asked, plan))
    authority, scenario = Authority.of_user(), options.scenario
    context = authority.server_context()
    async with serving(port, tls_port, context, log, options, ended, plan, Speaker) as ports:
        ready = {
            "ws": f"ws://127.0.0.1:{ports.ws}",
            "wss": f"wss://localhost:{ports.wss}",
            "ca": str(authority.path),
        }
        log("LOCAL EMULATOR of the Gemini Live API. It is not Gemini; any key will do.")
        log(f"models: {', '.join(profiles.labels())}")
        if options.model:
            log(f"{options.model} answers, whatever model is asked for")
        log("To lead a program here, in its shell:")
        log(f"  export GOOGLE_GEMINI_BASE_URL=https://localhost:{ports.wss}")
        log(f"  export SSL_CERT_FILE={shlex.quote(ready['ca'])}")
        for installed, lack in (
            (voice.installed(), NO_VOICE),
            (recognizer.installed(), NO_WORDS),
            (detector.installed(), NO_MODEL),
            (picture.decodes(), NO_PICTURES),
        ):
            if not installed:
                log(lack)
        if options.chat:
            log(options.chat.note())
        for note in scenario.notes() if scenario else ():
            log(note)
        _tell(ready)
        asyncio.get_running_loop().run_in_executor(None, arguments.prepare)
        if tied:
            _be_silent()
        await stop.wait()
    log("stopped" + (f"; {_failures(scenario)}" if scenario else ""))


def _failures(scenario: Scenario) -> str:
    if not scenario.failures:
        return "all went as in the scenario"
    deviations = "deviation" if scenario.failures == 1 else "deviations"
    return f"{scenario.failures} {deviations} from the scenario"


def _asked(plan: Plan, line: bytes) -> None:
    """The parent wants a fault."""
    spec = str(orjson.loads(line)["fault"])
    try:
        fault = Fault.read(spec)
    except FaultError as error:
        _tell({"fault": spec, "problem": str(error)})
        return
    number = plan.arm(fault)
    if number is None:
        _tell({"fault": spec, "problem": "No session is connected to the emulator."})
    else:
        _tell({"fault": spec, "state": "armed", "session": number})


def _tell_happened(number: int, fault: Fault) -> None:
    _tell({"fault": str(fault), "state": "happened", "session": number})


def _complain(of: str, opening: str, what: str) -> None:
    _tell({"of": of, "message": f"{opening} {what}."})


def _tell_nobody(number: int, fault: Fault) -> None:
    pass


def _tell(row: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the parent is gone
        print(orjson.dumps(row).decode(), flush=True)


def _be_silent() -> None:
    """Drop what is printed to stderr: the parent has stopped reading, and a full pipe blocks.

    libjpeg says there what it thinks of each damaged picture.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def say(line: str) -> None:
    """Print a line for a human, on stderr."""
    with contextlib.suppress(OSError):  # whoever read this is gone
        print(line, file=sys.stderr, flush=True)


def silent(line: str) -> None:
    """Print nothing."""
