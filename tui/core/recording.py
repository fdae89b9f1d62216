"""A recording: the lines of a journal read again, from a file that may be broken or still grow."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson

from tui.core.frame import Direction, Event, Frame, Record
from tui.core.journal import JournalError, Place, read_at

BLOCK_BYTES = 1 << 20

LONGEST_LINE_BYTES = 64 << 20
"""A longer line is not read. No message that a client of ours takes makes one."""

TOO_LONG = f"This line is not read: it is longer than {LONGEST_LINE_BYTES >> 20} MiB."

UNREADABLE = "unreadable"
"""The name of the event that stands for a line that is no record."""

LAST_SEQ = (1 << 53) - 1
"""The last integer that every reader of JSON reads as it is written (RFC 8259, section 6)."""

SHOWN_BYTES = 2000
"""How much of such a line its event shows."""


def read_line(line: bytes) -> Record | dict[str, Any]:
    """A record, or the header as a dict.

    Raises:
        JournalError: The line is torn or is no record.
    """
    try:
        row = orjson.loads(line)
        kind = row["type"]
        if kind == "header":
            return dict(row)
        seq, mono_s, time_s = int(row["seq"]), float(row["mono"]), float(row["time"])
        if not 0 <= seq <= LAST_SEQ:
            raise ValueError(f"seq is not in 0..{LAST_SEQ}")
        if kind == "event":
            return Event(seq, mono_s, time_s, str(row["name"]), dict(row["detail"]))
        payload = (
            row["text"].encode() if "text" in row else base64.b64decode(row["data"], validate=True)
        )
        opcode, masked = int(row["opcode"]), row.get("masked") is True
        if not 0 <= opcode < 16:
            raise ValueError("opcode is not in 0..15")
        return Frame(seq, mono_s, time_s, Direction(kind), opcode, payload, masked)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JournalError(f"This line is no journal record: {error}.") from error


_Line = tuple[int, bytes, int, bool]
"""A line's offset, content and length, and whether a line feed ended it."""


class LineReader(Protocol):
    """Makes records of lines."""

    def read(self, line: bytes) -> Record | dict[str, Any]:
        """As `read_line`."""
        ...

    def scan(self, block: bytes, start: int) -> tuple[Frame, int] | None:
        """The frame of the line that begins there and where the line ends, if that is seen soon."""
        ...


class WholeLines:
    """Reads each line whole."""

    def read(self, line: bytes) -> Record | dict[str, Any]:
        """As `read_line`."""
        return read_line(line)

    def scan(self, block: bytes, start: int) -> None:
        """Nothing is seen without reading it."""


_WHOLE = WholeLines()


class Recording:
    """A journal file opened for reading, read on demand and by position.

    `records` reads on from where it stopped, so a file that grows is followed by asking again.
    """

    def __init__(self, path: Path, reader: LineReader | None = None) -> None:
        """Open ``path``; without a ``reader`` each line is read whole.

        Raises:
            JournalError: It cannot be read, or its first line is no journal header.
        """
        self.path = path
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise JournalError(f"Cannot open {path}: {error.strerror}.") from error
        self._reader = reader or _WHOLE
        self._last = 0, 0.0
        self._end = 0
        """Where the first line begins that was not read yet."""
        self.torn = False
        """Whether the file ends in the middle of a line."""
        self._torn_at = 0
        """Where it ended then."""
        self.header: Mapping[str, Any] = self._header()

    def read(self, offset: int, size: int) -> bytes:
        """The bytes there; fewer at the end."""
        return read_at(self._file.fileno(), offset, size)

    @property
    def read_bytes(self) -> int:
        """How far `records` has come."""
        return self._end

    @property
    def size_bytes(self) -> int:
        """The file's size now."""
        return self._file.seek(0, 2)

    def records(self) -> Iterator[tuple[Record, Place]]:
        """The records that have come since the last time, with their places.

        A line that is no record is an event `UNREADABLE` that says why. What stands after the last
        line feed is left for the next time, unless it is a whole record.
        """
        if self.torn and self.size_bytes == self._torn_at:
            return
        self.torn = False
        for offset, line, length, ended in self._contents(self._reader):
            record: Record | dict[str, Any] | None = {}
            if isinstance(line, Frame):
                record = line
            elif line:
                record = self._understood(line, length, ended)
                if record is None:
                    self.torn, self._torn_at = True, offset + length
                    return
            self._end = offset + length + ended
            if isinstance(record, (Frame, Event)):
                self._last = record.seq, record.mono_s
                yield record, Place(offset, min(length, LONGEST_LINE_BYTES + 1))

    def chosen(self, wanted: Callable[[bytes], bool]) -> Iterator[tuple[Record, Place]]:
        """Of all records those whose lines are ``wanted``, and the one before each.

        Nothing else is read as a record, and `records` does not go on from here.
        """
        passed: _Line | None = None
        for each in self._lines():
            if not wanted(each[1]):
                passed = each
                continue
            for offset, line, length, ended in filter(None, (passed, each)):
                record = self._understood(line, length, ended)
                if isinstance(record, (Frame, Event)):
                    self._last = record.seq, record.mono_s
                    yield record, Place(offset, min(length, LONGEST_LINE_BYTES + 1))
            passed = None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _header(self) -> Mapping[str, Any]:
        first = self.read(0, BLOCK_BYTES).partition(b"\n")[0]
        try:
            header = read_line(first)
        except JournalError:
            header = {}
        if not isinstance(header, dict) or not header:
            self._file.close()
            raise JournalError(f"{self.path} is not a bidiscope recording: no header line.")
        return header

    def _record(self, line: bytes, length: int) -> Record | dict[str, Any]:
        if length > LONGEST_LINE_BYTES:
            raise JournalError(TOO_LONG)
        return self._reader.read(line)

    def _understood(self, line: bytes, length: int, ended: bool) -> Record | dict[str, Any] | None:
        """What the line says; None where it is the torn end of the file."""
        try:
            return self._record(line, length)
        except JournalError as error:
            if not ended:
                return None
            return unreadable(line, str(error), *self._last, self.header)

    def _lines(self) -> Iterator[_Line]:
        """Each line that is not empty; of one that is too long only the beginning is given."""
        for offset, line, length, ended in self._contents(_WHOLE):
            if isinstance(line, bytes) and line:
                yield offset, line, length, ended

    def _contents(self, reader: LineReader) -> Iterator[tuple[int, bytes | Frame, int, bool]]:
        """As `_lines`, but what ``reader`` sees at once is a frame already."""
        offset = position = self._end
        held: list[bytes] = []
        """The blocks of a line that has not ended yet, as far as they are wanted."""
        held_bytes = 0
        while block := self.read(position, BLOCK_BYTES):
            position += len(block)
            start = 0
            while True:
                seen = None if held else reader.scan(block, start)
                if seen is not None:
                    frame, end = seen
                    yield offset, frame, end - start, True
                    offset += end - start + 1
                    start = end + 1
                    continue
                end = block.find(b"\n", start)
                if end < 0:
                    break
                line, length = block[start:end], held_bytes + end - start
                yield offset, b"".join([*held, line]) if held else line, length, True
                held, held_bytes = [], 0
                offset += length + 1
                start = end + 1
            if start < len(block):
                if held_bytes <= LONGEST_LINE_BYTES:
                    held.append(block[start:])
                held_bytes += len(block) - start
        if held:
            yield offset, b"".join(held), held_bytes, False


def unreadable(
    line: bytes, reason: str, seq: int, mono_s: float, header: Mapping[str, Any]
) -> Event:
    """The event that stands for a line that is no record; ``seq`` and time of the one before it."""
    text = line[:SHOWN_BYTES].decode("utf-8", "replace")
    time_s = start_time_s(header) + mono_s
    return Event(seq, mono_s, time_s, UNREADABLE, {"reason": reason, "line": text})


def start_time_s(header: Mapping[str, Any]) -> float:
    """The Unix time at which the journal's clock stood at 0; 0.0 where the header does not say."""
    clock = header.get("clock")
    time_s = clock.get("time") if isinstance(clock, dict) else None
    return float(time_s) if isinstance(time_s, (int, float)) else 0.0
