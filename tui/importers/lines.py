"""Lines of a file that may have no end: read by blocks, none longer than can be parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tui.core.recording import BLOCK_BYTES, LONGEST_LINE_BYTES


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its newline.

    ``data`` is no more than its beginning when it is longer than `LONGEST_LINE_BYTES`.
    """

    number: int
    length: int
    data: bytes

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return len(self.data) == self.length


class Lines:
    """The lines of a file as far as they are whole; iterated again it goes on where it was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0
        self._parts: list[bytes] = []
        self._length = 0
        """Bytes of the line that has begun."""
        self.grew = False
        """Whether there was anything new the last time."""

    def __iter__(self) -> Iterator[Line]:
        self.grew = False
        while block := self._file.read(BLOCK_BYTES):
            self.grew = True
            first, *more = block.split(b"\n")
            self._add(first)
            for part in more:
                yield self.rest()
                self._add(part)

    def rest(self) -> Line:
        """The line that has begun, taken as it is."""
        self._count += 1
        line = Line(self._count, self._length, b"".join(self._parts))
        self._parts, self._length = [], 0
        return line

    @property
    def begun(self) -> bytes:
        """What there is of a line that has no newline yet."""
        return b"".join(self._parts)

    def _add(self, part: bytes) -> None:
        if self._length + len(part) <= LONGEST_LINE_BYTES:
            self._parts.append(part)
        elif self._length <= LONGEST_LINE_BYTES:
            self._parts = [b"".join(self._parts)[:BLOCK_BYTES]]
        self._length += len(part)
