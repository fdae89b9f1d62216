"""The workbench begun in this terminal, and ended."""

from __future__ import annotations

import contextlib
import sys
from functools import partial

from tui import app, graphics, profiles, terminal
from tui.core.journal import JournalError
from tui.core.places import data_folder
from tui.credentials import stored_key
from tui.hardware import devices, eye
from tui.options import Options
from tui.rig import Rig

GREETING = (
    "No key was found, so the local emulator answers. K (Tab first leaves the line that you type "
    "into), or Key in the palette (F7): paste a key for this run, keep the emulator, or open a "
    "recording."
)
MOST_FPS = 1.0
FAST = "The service takes at most one picture a second: it may drop more, or close the session."
SWITCH_INTERVAL_S = 0.00002
"""How soon the engine's threads get the interpreter while this one computes. A block of the
microphone changes its holder some ten times on its way to the socket: at 0.5 ms it takes 14 ms at
the 99th percentile while the screen does nothing but compute, at 0.02 ms 8 (2 cores, both busy)."""


def run(options: Options) -> int:
    """Run the workbench in this terminal; returns its exit code."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with contextlib.suppress(JournalError):  # a folder that cannot be written stops nobody
        if options.profile:
            profiles.hold(options.profile)
    key, keyless = stored_key()
    rig = Rig(options, partial(devices, options), partial(eye, options), key)
    make_image, problem = graphics.image(options.picture)
    too_fast = options.video_fps > MOST_FPS and FAST
    greeting = greet(rig.origin, options)
    told = [each for each in (problem, too_fast, keyless, *rig.trouble(), greeting) if each]
    workbench = app.Bidiscope(rig, options, make_image, told)
    try:
        with terminal.native_stderr_to(data_folder() / "native.log"):
            workbench.run(mouse=options.mouse)
    finally:
        workbench.pairing.close()
        rig.stop()
    for path in filter(None, (rig.recording, *workbench.pairing.recordings)):
        if workbench.return_code == 0:
            print(f"Recorded to {path}", file=sys.stderr)
    return workbench.return_code or 0


def greet(origin: str, options: Options) -> str:
    """What is said once, at the first start, to who has no key and did not ask for the emulator."""
    asked = "service" in options.configuration.values or options.emulator
    if origin != "emulator" or asked or profiles.remembered().get("greeted"):
        return ""
    with contextlib.suppress(JournalError):  # then it is said again the next time
        profiles.remember(greeted=True)
    return GREETING
