"""Handles with which a client takes an ended session up again."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from tui.emulator.conversation import Said

HANDLES = 256
"""The newest are kept."""
LIFETIME_S = 2 * 3600.0
"""What the Gemini API is said to grant."""


@dataclass(frozen=True, slots=True)
class _Kept:
    said: tuple[Said, ...]
    expires: float


class Handles:
    """Conversations by opaque handles, in memory; shared by all sessions of a server."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def issue(self, said: Sequence[Said], now: float) -> str:
        """A new handle for the conversation as it is."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = _Kept(tuple(said), now + LIFETIME_S)
        while len(self._kept) > HANDLES:
            self._kept.popitem(last=False)
        return handle

    def find(self, handle: str, now: float) -> tuple[Said, ...] | None:
        """The conversation of ``handle``; None when it is unknown or has expired."""
        kept = self._kept.get(handle)
        return kept.said if kept and now < kept.expires else None
