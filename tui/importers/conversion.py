"""What another program recorded, written down as a journal of ours."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from tui.core import wire
from tui.core.frame import Direction
from tui.core.journal import Journal
from tui.core.secrets import Mask
from tui.importers.scratch import writing

LOOK_AHEAD = 100
"""Items in which the first time is looked for, and the model: the header is written before them."""

BATCH = 200
"""Items that are converted at a time."""

OPENING = "connection.opening"

_ORIGINS = {"generativelanguage.googleapis.com": "gemini", "aiplatform.googleapis.com": "vertex"}


@dataclass(frozen=True, slots=True)
class Message:
    """What crossed a socket; ``time_s`` is Unix time, seconds since a start, or not known."""

    direction: Direction
    opcode: int
    payload: bytes
    time_s: float | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something else that is to be seen among the messages."""

    name: str
    detail: Mapping[str, Any]
    time_s: float | None


Item = Message | Happening


class Feed(Protocol):
    """What another program's recording holds, in order."""

    form: str
    """The format's name, for a person."""
    note: str
    """What else is to be said of it, in sentences."""

    @property
    def torn(self) -> bool:
        """Whether it ends in the middle of something."""
        ...

    def items(self) -> Iterator[Item]:
        """What has come since the last time."""
        ...

    @property
    def position(self) -> int:
        """Bytes of the file that were read."""
        ...

    @property
    def size_bytes(self) -> int:
        """Bytes of the file now."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


class Conversion:
    """Appends what a feed gives to a new journal, credentials masked.

    An item without a time bears that of the one before it; the header says ``"timed":false`` when
    none is known. ``mono`` never goes back, whatever the times do.
    """

    def __init__(self, path: Path, name: str, feed: Feed) -> None:
        """Write the header, and an event that says what was imported from file ``name``."""
        self._feed = feed
        items = feed.items()
        first = list(islice(items, LOOK_AHEAD))
        self._items: Iterator[Item] = chain(first, items)
        start_s = next((item.time_s for item in first if item.time_s is not None), None)
        self._start_s = self._time_s = start_s or 0.0
        self._mono_s = 0.0
        self._copy = Copy(path)
        header = {
            "tool": f"bidiscope {version('bidiscope')}",
            "imported": feed.form,
            "model": next(filter(None, map(_model, first)), ""),
            "timed": start_s is not None,
            "clock": {"time": self._start_s, "mono": 0},
        }
        self._journal = Journal(self._copy, header, Mask())
        note = " ".join(filter(None, [feed.note, "It has no times." if start_s is None else ""]))
        self._take([Happening("imported", {"file": name, "format": feed.form, "note": note}, None)])

    def advance(self) -> bool:
        """Append some of what has come; returns False when that is all."""
        batch = list(islice(self._items, BATCH))
        self._take(batch)
        if len(batch) < BATCH:
            self._items = self._feed.items()
        return bool(batch)

    def close(self) -> None:
        """Append nothing more."""
        self._journal.close()
        self._feed.close()

    def _take(self, items: Iterable[Item]) -> None:
        for item in items:
            if item.time_s is not None:
                self._time_s = item.time_s
                self._mono_s = max(self._mono_s, round(item.time_s - self._start_s, 6))
            at = {"time_s": self._time_s, "mono_s": self._mono_s}
            if isinstance(item, Message):
                self._journal.frame(item.direction, item.opcode, item.payload, **at)
            else:
                self._journal.event(item.name, item.detail, **at)
        self._copy.flush()


class Copy:
    """Storage for what can be read again from its source: written through a buffer (0600).

    A disk that is full is an error here, where a live recording would go on in memory.
    """

    problem = ""

    def __init__(self, path: Path) -> None:
        with writing(path):
            path.touch(mode=0o600, exist_ok=False)
            self._file = path.open("wb", buffering=1 << 20)
        self.path = path
        self._end = 0

    def append(self, line: bytes) -> int:
        """Write a line; returns its offset."""
        offset = self._end
        with writing(self.path):
            self._file.write(line)
        self._end += len(line)
        return offset

    def flush(self) -> None:
        """Let readers of the file see it."""
        with writing(self.path):
            self._file.flush()

    def read(self, offset: int, size: int) -> bytes:
        """Readers open the file."""
        raise NotImplementedError

    def close(self) -> None:
        """No more lines come."""
        with writing(self.path):
            self._file.close()


class OpenFile:
    """The file that a feed reads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    @property
    def position(self) -> int:
        """Bytes read."""
        return self._file.tell()

    @property
    def size_bytes(self) -> int:
        """Bytes of the file now."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


class Connections:
    """Puts the opening of a connection before each setup, or before the first of all messages."""

    def __init__(self, host: str = "") -> None:
        self._host = host
        self._announced = self._opened = False

    def opened(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, and these events."""
        for item in items:
            if isinstance(item, Happening):
                self._announced = self._announced or item.name == OPENING
            else:
                setup = _setup(item)
                if not self._announced and (setup is not None or not self._opened):
                    yield Happening(OPENING, _opening(setup or {}, self._host), item.time_s)
                self._announced, self._opened = False, True
            yield item


def _setup(message: Message) -> dict[str, Any] | None:
    """The canonical setup, if this is one."""
    if message.direction is not Direction.SEND or b"setup" not in message.payload[:256]:
        return None
    try:
        setup = wire.canonical(wire.parse(message.payload)).get("setup")
    except wire.Undecodable:
        return None
    return setup if isinstance(setup, dict) else None


def _opening(setup: Mapping[str, Any], host: str) -> dict[str, Any]:
    config = setup.get("generationConfig")
    modalities = config.get("responseModalities") if isinstance(config, dict) else None
    modality = modalities[0] if isinstance(modalities, list) and modalities else "AUDIO"
    origin = next((name for end, name in _ORIGINS.items() if host.endswith(end)), "")
    return {
        "model": str(setup.get("model", "")).rpartition("/")[2],
        "modality": str(modality) if setup else "",
        "origin": origin,
        "host": host,
        "carry": "",
        "turns": 0,
    }


def _model(item: Item) -> str:
    return str(item.detail.get("model", "")) if isinstance(item, Happening) else ""
