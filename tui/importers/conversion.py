"""What another program recorded, written down as a journal of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tui.core import wire
from tui.core.frame import Direction
from tui.core.journal import Journal
from tui.core.secrets import Mask
from tui.importers.scratch import writing

LOOK_AHEAD = 100
"""Items in which the first time is looked for, and the model: the header is written before them."""

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


@dataclass(frozen=True, slots=True)
class Source:
    """What the items come from, in words for the header."""

    name: str
    form: str
    note: str = ""


class Conversion:
    """Appends items to a new journal, credentials masked.

    An item without a time bears that of the one before it; the header says ``"timed":false`` when
    none is known. ``mono`` never goes back, whatever the times do.
    """

    def __init__(self, path: Path, source: Source, items: Iterable[Item]) -> None:
        items = iter(items)
        first = list(islice(items, LOOK_AHEAD))
        times = (item.time_s for item in first if item.time_s is not None)
        start_s = next(times, None)
        self._start_s = self._time_s = start_s or 0.0
        self._mono_s = 0.0
        self._copy = Copy(path)
        header = {
            "tool": f"bidiscope {version('bidiscope')}",
            "imported": source.form,
            "model": next(filter(None, map(_model, first)), ""),
            "timed": start_s is not None,
            "clock": {"time": self._start_s, "mono": 0},
        }
        self._journal = Journal(self._copy, header, Mask())
        notes = [source.note, "" if start_s is not None else "It has no times."]
        detail = {"file": source.name, "format": source.form, "note": " ".join(filter(None, notes))}
        self.take([Happening("imported", detail, None)])
        self.take(chain(first, items))

    def take(self, items: Iterable[Item]) -> None:
        """Append, and write through."""
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

    def close(self) -> None:
        """Append nothing more."""
        self._journal.close()


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


def connected(items: Iterable[Item], host: str = "") -> Iterator[Item]:
    """The items, with the opening of a connection before each setup, or before all messages."""
    announced, opened = False, False
    for item in items:
        if isinstance(item, Happening):
            announced = announced or item.name == OPENING
        else:
            setup = _setup(item)
            if not announced and (setup is not None or not opened):
                yield Happening(OPENING, _opening(setup or {}, host), item.time_s)
            announced, opened = False, True
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
