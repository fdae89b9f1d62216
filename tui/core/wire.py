"""Bytes of one message → facts. (interface; being written)"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Family(StrEnum):
    """The three families of server messages that panes filter by, and the client's own."""

    SERVER_CONTENT = "server_content"
    EVENTS = "events"
    METADATA = "metadata"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a message says.

    ``kind`` is dotted (``serverContent.modelTurn.audio``), ``path`` is where it stands in the
    canonical message (``serverContent.modelTurn.parts[0]``), ``value`` is what stands there,
    keys in camelCase. ``unknown`` lists the paths at or below it that the SDK does not know.
    """

    kind: str
    family: Family
    path: str
    value: Any
    unknown: tuple[str, ...] = ()


def decode(payload: bytes, direction: str) -> tuple[Fact, ...]:
    """All facts of a message, in the order of the wire; never raises."""
    raise NotImplementedError
