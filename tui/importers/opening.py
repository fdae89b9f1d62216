"""Opening a file, whatever recorded it."""

from __future__ import annotations

from pathlib import Path

from tui.core.glance import Glancer
from tui.core.log import SessionLog
from tui.core.recording import Recording


def open_recording(path: Path) -> Recording:
    """The file as a recording, none of it read but what tells its format.

    Raises:
        JournalError: The file cannot be read, or is no recording; one sentence.
    """
    return Recording(path, Glancer().read)


def open_log(path: Path) -> SessionLog:
    """The session in ``path``, read to its end.

    Raises:
        JournalError: As `open_recording`.
    """
    recording = open_recording(path)
    log = SessionLog(recording.read, recording.close)
    for record, place in recording.records():
        log.ingest(record, place)
    return log
