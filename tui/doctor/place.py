"""The folders that bidiscope writes to."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tui.core.places import data_folder
from tui.doctor.answer import Answer, fail, ok, warn

ROOM_BYTES = 500 << 20
"""An hour of conversation with sound takes about 400 MB in a recording."""


def data() -> Answer:
    """The data folder can be written to."""
    return _writable(data_folder())


def recordings() -> Answer:
    """So can the recordings'."""
    return _writable(data_folder() / "recordings")


def _writable(folder: Path) -> Answer:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return fail(
            f"{folder} cannot be written to ({error.strerror})",
            "export BIDISCOPE_DATA=a folder that you may write to",
        )
    words = f"{folder}, {free / (1 << 30):.1f} GB free"
    if free < ROOM_BYTES:
        return warn(words, "make room there, or record elsewhere with --record DIR")
    return ok(words)
