"""The emulator as a process: ports, signals, and the line that says it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import orjson

from tui import stopping
from tui.authority import Authority, AuthorityError
from tui.emulator import detector, picture, profiles, recognizer, voice
from tui.emulator.server import Log, serving
from tui.loopback import PortTaken

NO_WORDS = (
    "no speech recognition installed, so speech is heard but not understood: "
    "pip install 'bidiscope[local]'"
)
NO_MODEL = "no silero-vad installed, so whatever is louder than the background counts as speech"
NO_PICTURES = "neither OpenCV nor Pillow installed, so of pictures only size and format are told"
NO_VOICE = "no voice installed, so answers are soft tones: pip install 'bidiscope[local]'"


def run(port: int, tls_port: int, *, quiet: bool = False, tied: bool = False) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status.

    One JSON line on stdout says when it is ready: ``{"ws": url, "wss": url, "ca": path}``. Text
    for humans goes to stderr, none if ``quiet``. ``tied`` ends it with its parent, too: when
    stdin comes to its end.
    """
    try:
        asyncio.run(_serve(port, tls_port, _silent if quiet else _say, tied=tied))
    except (PortTaken, AuthorityError) as error:
        print(f"bidiscope emulate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # where signals cannot be handled by the loop: Windows
        pass
    return 0


async def _serve(port: int, tls_port: int, log: Log, *, tied: bool) -> None:
    stop = asyncio.Event()
    stopping.on_signals(stop)
    if tied:
        stopping.with_parent(stop)
    authority = Authority.of_user()
    async with serving(port, tls_port, authority.server_context(), log) as ports:
        ready = {
            "ws": f"ws://127.0.0.1:{ports.ws}",
            "wss": f"wss://localhost:{ports.wss}",
            "ca": str(authority.path),
        }
        log("LOCAL EMULATOR of the Gemini Live API. It is not Gemini; any key will do.")
        log(f"models: {', '.join(profiles.labels())}")
        for installed, lack in (
            (voice.installed(), NO_VOICE),
            (recognizer.installed(), NO_WORDS),
            (detector.installed(), NO_MODEL),
            (picture.decodes(), NO_PICTURES),
        ):
            if not installed:
                log(lack)
        print(orjson.dumps(ready).decode(), flush=True)
        if tied:
            _be_silent()
        await stop.wait()
    log("stopped")


def _be_silent() -> None:
    """Drop what is printed to stderr: the parent has stopped reading, and a full pipe blocks.

    libjpeg says there what it thinks of each damaged picture.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this is gone
        print(line, file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    pass
