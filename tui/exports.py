"""What the screen of exports is given by the app: the formats, and the work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tui.core.log import SessionLog
from tui.core.redaction import Level
from tui.core.secrets import of_environment
from tui.screens.export import Choice, Report


def choices(recording: Path | None) -> list[Choice]:
    """The formats; what is written goes into this folder, unless somebody says otherwise."""
    from tui.exporters.formats import FORMATS

    name = recording.stem if recording else "session"
    return [
        Choice(each.name, each.meaning, each.place(Path.cwd(), name)) for each in FORMATS.values()
    ]


def run(
    log: SessionLog, recording: Path | None, form: str, level: Level, out: Path, report: Report
) -> Sequence[str]:
    """Export what is in the log by now; blocks. Returns what there is to say about it.

    Raises:
        JournalError: It was not written; one sentence.
    """
    from tui.exporters.formats import FORMATS, write
    from tui.exporters.material import gather

    name = recording.stem if recording else "session"
    material = gather(log, level, of_environment(os.environ), report, name)
    removed = write(material, FORMATS[form], out)
    return [*material.notes, str(removed)]
