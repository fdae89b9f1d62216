"""Faults that a person brings about in a tapped session, to see what the program makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from websockets.frames import CLOSE, Close, Frame


class Kind(StrEnum):
    """What can be brought about."""

    DROP = "drop"
    """Both connections are reset."""
    STALL = "stall"
    """Nothing passes."""
    GO_ON = "go on"
    """What was held up by a stall passes."""
    CLOSE = "close"
    """The client gets a close frame as if the server had sent it; the server loses the client."""


@dataclass(frozen=True)
class Fault:
    """``code`` and ``reason`` are of a close."""

    kind: Kind
    code: int = 0
    reason: str = ""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Fault:
        """Of the JSON of one."""
        return cls(Kind(row["kind"]), row["code"], row["reason"])

    def frame(self) -> bytes:
        """The close as a server sends it."""
        payload = Close(self.code, self.reason).serialize()
        return Frame(CLOSE, payload).serialize(mask=False)


class FrameEnds:
    """Follows a server's frames, to know where one of ours may stand between them."""

    def __init__(self) -> None:
        self._head = bytearray()
        """The bytes of a frame's head that has not come whole."""
        self._missing = 0
        """Bytes of a payload that are still to come."""

    @property
    def between(self) -> bool:
        """Whether the next byte begins a frame."""
        return not (self._head or self._missing)

    def first(self, data: bytes) -> int:
        """How many of these bytes belong to the frame that is passing: all, if more is missing."""
        at = 0
        while at < len(data) and not self.between:
            at += self._step(data, at)
        return at

    def passed(self, data: bytes) -> None:
        """These bytes have passed."""
        at = 0
        while at < len(data):
            at += self._step(data, at)

    def _step(self, data: bytes, at: int) -> int:
        """Take what belongs together of the bytes from ``at`` on; how many that is."""
        if self._missing:
            taken = min(self._missing, len(data) - at)
            self._missing -= taken
            return taken
        self._head.append(data[at])
        if len(self._head) >= 2:
            short = self._head[1] & 0x7F
            extended = {126: 2, 127: 8}.get(short, 0)
            if len(self._head) == 2 + extended:
                self._missing = int.from_bytes(self._head[2:]) if extended else short
                self._head.clear()
        return 1
