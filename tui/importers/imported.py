"""Another program's recording as one of ours: converted while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tui.core.frame import Record
from tui.core.glance import Glancer
from tui.core.journal import Place
from tui.core.recording import Recording
from tui.importers.conversion import Conversion, Feed
from tui.importers.scratch import Scratch


class Imported(Recording):
    """A recording whose lines stand in a private folder, which `close` removes."""

    def __init__(self, path: Path, feed: Feed, scratch: Scratch) -> None:
        """``path`` is the file that was named; its messages come from ``feed``."""
        self._feed, self._scratch = feed, scratch
        journal = scratch.path("journal.jsonl")
        self._conversion = Conversion(journal, path.name, feed)
        super().__init__(journal, Glancer())
        self.path = path

    def records(self) -> Iterator[tuple[Record, Place]]:
        """The records that have come since the last time, with their places."""
        yield from super().records()
        while self._conversion.advance():
            yield from super().records()
        self.torn = self._feed.torn

    @property
    def read_bytes(self) -> int:
        """How much of what is converted was read."""
        return self._feed.position

    @property
    def size_bytes(self) -> int:
        """How much there is of it."""
        return self._feed.size_bytes

    def close(self) -> None:
        """Let the files go, and remove the copy."""
        super().close()
        self._conversion.close()
        self._scratch.close()


class Unpacked(Recording):
    """One of ours that was packed."""

    def __init__(self, path: Path, unpacked: Path, scratch: Scratch) -> None:
        self._scratch = scratch
        super().__init__(unpacked, Glancer())
        self.path = path

    def close(self) -> None:
        """Let the file go, and remove what was unpacked."""
        super().close()
        self._scratch.close()
