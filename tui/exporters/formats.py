"""The formats, and one session written in one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tui.core.journal import JournalError
from tui.core.leaks import Leaks
from tui.core.redaction import Removed
from tui.exporters import destination
from tui.exporters.material import Material
from tui.exporters.verification import verify


@dataclass(frozen=True)
class Format:
    """A format; ``write`` names the function that writes it, so that only that is imported."""

    name: str
    suffix: str
    meaning: str
    write: str
    folder: bool = False
    media: bool = False
    """There is nothing but sound or pictures in it."""

    def place(self, folder: Path, name: str) -> Path:
        """Where an export of a recording of that name goes if nobody says where."""
        return folder / f"{destination.basename(name)}{self.suffix}"


FORMATS = {
    each.name: each
    for each in (
        Format("har", ".har", "HAR with every message, as Chrome reads it", "har:export"),
        Format("har-text", ".text.har", "HAR whose JSON Chrome shows as a tree", "har:export_text"),
        Format(
            "wav", ".wav", "stereo WAV as it was heard: left user, right model",
            "stereo:export", media=True,
        ),
        Format("turns", "-turns", "a WAV for each turn and side", "turns:export", True, True),
        Format("frames", "-frames", "the pictures, byte for byte", "pictures:export", True, True),
        Format("md", ".md", "transcript as Markdown", "markdown:export"),
        Format("srt", ".srt", "subtitles that fit the stereo WAV", "subtitles:export_srt"),
        Format("vtt", ".vtt", "the same as WebVTT", "subtitles:export_vtt"),
        Format("csv", ".csv", "table of the messages and events", "tables:export_csv"),
        Format("jsonl", ".rows.jsonl", "the same with all facts", "tables:export_jsonl"),
        Format("script", "-script", "Python that repeats the input", "script:export", True),
        Format("bundle", ".zip", "bug report: journal, findings, script", "bundle:export"),
        Format("journal", ".redacted.jsonl", "the recording itself, redacted", "journal:export"),
    )
}  # fmt: skip


def write(material: Material, form: Format, out: Path, *, force: bool = False) -> Removed:
    """Write the material there, and look at it again; returns what was taken away.

    Raises:
        JournalError: It cannot be written, there is nothing to write, or it would leak.
    """
    if form.media and material.redactor.level.takes_media:
        raise JournalError(f"{form.name} is nothing but media: leave --redact media and all away.")
    module, _, function = form.write.partition(":")
    export: Callable[[Material, Any], None] = getattr(
        import_module(f"tui.exporters.{module}"), function
    )
    leaks = Leaks(material.known)
    if form.folder:
        with destination.new_folder(out) as folder:
            export(material, folder)
            verify(folder, leaks, material.report)
    else:
        with destination.new_file(out, force=force) as file:
            export(material, file)
            verify(file, leaks, material.report)
    return material.redactor.removed
