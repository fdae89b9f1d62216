"""The journal: JSON Lines, one record a line, kept to the byte.

A message line is a superset of an entry of Chrome's HAR ``_webSocketMessages``::

    {"v":1,"seq":17,"type":"receive","time":1795363809.51,"mono":12.034,"opcode":2,"size":27,"text":"…"}

``text`` holds the payload when it is valid UTF-8, whatever the opcode; otherwise ``data`` holds it
as base64 and ``encoding`` says so. ``"masked":true`` stands where a credential was masked. An event
line has ``"type":"event"``, a ``name`` and a ``detail``. The first line is the header.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from tui.core.frame import Direction, Event, Frame, Record
from tui.core.secrets import Mask

VERSION = 1


class JournalError(Exception):
    """A journal cannot be written or read; the message is one sentence for the user."""


class Storage(Protocol):
    """Where the lines are kept: append at the end, read anywhere."""

    def append(self, line: bytes) -> int:
        """Write a whole line through; returns its offset."""
        ...

    problem: str

    def read(self, offset: int, size: int) -> bytes:
        """The bytes there; fewer at the end."""
        ...

    def close(self) -> None:
        """No more lines come."""
        ...


class FileStorage:
    """Lines in a file that only its owner may read; each is handed to the system at once."""

    def __init__(self, path: Path) -> None:
        """Create ``path`` (0600) and its folder (0700); an existing file is refused."""
        self.path = path
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(path, flags, 0o600)
        except OSError as error:
            raise JournalError(
                f"Cannot record to {path}: {error.strerror}. Choose another folder with "
                "--record DIR, or go without with --no-record."
            ) from error
        self._end = 0
        self._overflow: MemoryStorage | None = None
        self.problem = ""
        """Why the file ends early, in words: the lines after that are in memory alone."""

    def append(self, line: bytes) -> int:
        """Write a line with one call, so that a kill can only tear the last one."""
        offset = self._end
        if self._overflow is None:
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._fd, rest) :]
            except OSError as error:
                self.problem = f"Recording stopped at {self.path}: {error.strerror}."
                self._overflow = MemoryStorage(offset)
        if self._overflow is not None:
            self._overflow.append(line)
        self._end += len(line)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        """By position, beside the writer."""
        if self._overflow is not None and offset >= self._overflow.start:
            return self._overflow.read(offset, size)
        return read_at(self._fd, offset, size)

    def close(self) -> None:
        """The file stays readable by path."""
        os.close(self._fd)


def recording_folder(folder: Path) -> Path:
    """The folder (0700), made if it is not there; raises `JournalError` if no file can be in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise JournalError(
            f"Cannot record to {folder}: {error.strerror}. Choose another folder with --record DIR."
        ) from error


class MemoryStorage:
    """Lines in memory, for ``--no-record``."""

    problem = ""

    def __init__(self, start: int = 0) -> None:
        self.start = start
        self._lines: dict[int, bytes] = {}
        self._end = start

    def append(self, line: bytes) -> int:
        """Keep the line."""
        offset = self._end
        self._lines[offset] = line
        self._end += len(line)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        """The line at ``offset``."""
        return self._lines.get(offset, b"")[:size]

    def close(self) -> None:
        """Nothing to do: the lines stay readable."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record's line stands."""

    offset: int
    length: int


class Journal:
    """Appends records; the caller brings the clock."""

    def __init__(self, storage: Storage, header: Mapping[str, Any], mask: Mask) -> None:
        self._storage = storage
        self._mask = mask
        self._seq = 0
        storage.append(encode_header(_masked(header, mask)))

    def frame(
        self, direction: Direction, opcode: int, payload: bytes, *, time_s: float, mono_s: float
    ) -> tuple[Frame, Place]:
        """Append a message with exactly its bytes, credentials excepted."""
        shown = self._mask.payload(payload)
        self._seq += 1
        masked = shown is not payload
        frame = Frame(self._seq, mono_s, time_s, direction, opcode, shown, masked)
        return frame, self._append(encode(frame, len(payload)))

    def event(
        self, name: str, detail: Mapping[str, Any], *, time_s: float, mono_s: float
    ) -> tuple[Event, Place]:
        """Append an event."""
        self._seq += 1
        shown = _masked(detail, self._mask)
        event = Event(self._seq, mono_s, time_s, name, shown)
        return event, self._append(encode(event))

    def close(self) -> None:
        """Append nothing more."""
        self._storage.close()

    def _append(self, line: bytes) -> Place:
        return Place(self._storage.append(line), len(line))


def encode_header(header: Mapping[str, Any]) -> bytes:
    """The first line of a journal."""
    return _line({"v": VERSION, "type": "header", **header})


def encode(record: Record, size: int = 0) -> bytes:
    """A record's line; ``size`` is how many bytes a message had on the wire."""
    row: dict[str, Any] = {"v": VERSION, "seq": record.seq}
    times = {"time": record.time_s, "mono": record.mono_s}
    if isinstance(record, Event):
        return _line(
            {**row, "type": "event", **times, "name": record.name, "detail": record.detail}
        )
    row |= {"type": record.direction.value, **times, "opcode": record.opcode, "size": size}
    if record.masked:
        row["masked"] = True
    try:
        row["text"] = record.payload.decode()
    except UnicodeDecodeError:
        row["data"], row["encoding"] = base64.b64encode(record.payload).decode(), "base64"
    return _line(row)


def read_at(fd: int, offset: int, size: int) -> bytes:
    """The bytes there; fewer at the end.

    The position that a writer uses does not move (but on Windows, which has no pread).
    """
    if hasattr(os, "pread"):
        return os.pread(fd, size, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, size)


def _line(row: Mapping[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _masked(value: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """The same JSON with every credential in it masked."""
    text: dict[str, Any] = orjson.loads(mask.payload(orjson.dumps(value)))
    return text
