"""Paths, and what there is to send at them."""

from __future__ import annotations

from pathlib import Path

from tui.core.journal import JournalError
from tui.headless.recorded import Recorded
from tui.headless.source import Source
from tui.headless.voice import Voice


def sources(paths: list[Path]) -> list[Source]:
    """What is at the paths: one recording, or WAV files and folders of them.

    Raises:
        JournalError: It is neither, or cannot be read.
    """
    files = [file for path in paths for file in _files(path)]
    voices = [path for path in files if path.suffix.lower() == ".wav"]
    if len(voices) == len(files):
        return [Voice(path) for path in voices]
    if len(files) > 1:
        raise JournalError("One recording at a time, or WAV files and folders of them.")
    return [Recorded(files[0])]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix.lower() == ".wav")
    if not found:
        raise JournalError(f"There is no WAV file in {path}.")
    return found
