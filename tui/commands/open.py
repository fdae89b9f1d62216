"""`bidiscope open`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui import arguments
from tui.core.places import data_folder
from tui.outcome import Outcome


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope open", "Look into a recording, finished or still growing.")
    what = "a recording of bidiscope, of a browser or proxy (HAR), or JSON lines; gz, zst too"
    parser.add_argument("file", type=Path, metavar="FILE", help=what)
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
        from tui import graphics
        from tui.desk import Desk

        make_image, problem = graphics.image(flags.picture)
        app = Desk(reader, flags.theme, make_image, [problem] if problem else [])
        with terminal.native_stderr_to(data_folder() / "native.log"):
            app.run(mouse=not flags.no_mouse)
    finally:
        reader.stop()
    return app.return_code or 0
