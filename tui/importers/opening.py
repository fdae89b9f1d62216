"""Opening a file, whatever recorded it."""

from __future__ import annotations

from pathlib import Path

from tui.core.log import SessionLog


def open_log(path: Path) -> SessionLog:
    """The session in ``path``, read to its end.

    Raises:
        JournalError: The file cannot be read, or is no recording; one sentence.
    """
    return SessionLog.open(path)
