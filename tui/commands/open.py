"""`bidiscope open`."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from tui import arguments
from tui.core.places import data_folder
from tui.core.playhead import SPEEDS
from tui.outcome import Outcome


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope open", "Look into a recording, finished or still growing.")
    what = "a recording of bidiscope, of a browser or proxy (HAR), or JSON lines; gz, zst too"
    parser.add_argument("file", type=Path, metavar="FILE", help=what)
    parser.add_argument("--play", action="store_true", help="play it from its beginning")
    speed = "0.25 to 16 times; sound is heard at 1"
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=speed)
    parser.add_argument("--no-sound", action="store_true", help="open no sound device")
    parser.add_argument("--output-device", metavar="NAME", help="name, part of it, or number")
    arguments.add_screen_flags(parser)
    flags = parser.parse_args(words)
    from tui import terminal

    if trouble := terminal.trouble(os.environ):
        print(f"bidiscope: {trouble}", file=sys.stderr)
        return Outcome.FAILED
    from tui.importers.opening import open_recording
    from tui.reader import Reader

    reader = Reader(open_recording(flags.file))
    reader.start()
    try:
        from tui import graphics, lent
        from tui.desk import Desk

        make_image, problem = graphics.image(flags.picture)
        app = Desk(
            reader,
            flags.theme,
            make_image,
            [problem] if problem else [],
            make_sound=None if flags.no_sound else partial(lent.sound, flags.output_device),
            play=flags.speed if flags.play else None,
            make_speaker=None if flags.no_sound else partial(lent.speaker, flags.output_device),
        )
        with terminal.native_stderr_to(data_folder() / "native.log"):
            app.run(mouse=not flags.no_mouse)
    finally:
        reader.stop()
    return app.return_code or 0


def _speed(text: str) -> float:
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not SPEEDS[0] <= speed <= SPEEDS[-1]:
        raise argparse.ArgumentTypeError(f"{text} is no speed: use 0.25 to 16")
    return speed
