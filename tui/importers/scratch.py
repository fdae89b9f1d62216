"""A private folder for what opening a file unpacks; it goes when the recording is closed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.core.journal import JournalError


class Scratch:
    """A folder that only its owner may read (0700), wherever TMPDIR says."""

    def __init__(self) -> None:
        with writing(Path(tempfile.gettempdir())):
            self._folder = tempfile.TemporaryDirectory(
                prefix="bidiscope-", ignore_cleanup_errors=True
            )

    def path(self, name: str) -> Path:
        """A place in it."""
        return Path(self._folder.name, name)

    def close(self) -> None:
        """Remove it and all that is in it."""
        self._folder.cleanup()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in a sentence why it cannot be written there."""
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"Cannot unpack to {path.parent}: {error.strerror}. Let TMPDIR name a folder with room."
        ) from error
