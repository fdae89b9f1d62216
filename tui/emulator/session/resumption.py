"""Handles with which a client takes an ended session up again.

What a handle restores is the conversation. The configuration is that of the new setup: voice,
instruction, tools and all else are not carried over.
"""

from __future__ import annotations

import random
import uuid
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui.emulator import refusal
from tui.emulator.session.conversation import Said

HANDLES = 256
"""The newest are kept."""
LIFETIME_S, VERTEX_LIFETIME_S = 2 * 3600.0, 24 * 3600.0
"""What the Gemini API is said to grant, and what Vertex AI does."""


@dataclass(frozen=True, slots=True)
class _Kept:
    said: tuple[Said, ...]
    expires: float
    owner: object


class Handles:
    """Conversations by opaque handles, in memory; shared by all sessions of a server.

    Args:
        dice: makes handles and session ids; with a seed they are the same in each run.
    """

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.Random()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._open: set[object] = set()

    def issue(
        self, said: Sequence[Said], now: float, owner: object = None, lifetime_s: float = LIFETIME_S
    ) -> str:
        """A new handle for the conversation as it is; ``owner`` is the session that it is of."""
        handle = urlsafe_b64encode(self._dice.randbytes(24)).decode()
        self._kept[handle] = _Kept(tuple(said), now + lifetime_s, owner)
        while len(self._kept) > HANDLES:
            self._kept.popitem(last=False)
        return handle

    def session_id(self) -> str:
        """The id of a new session."""
        return str(uuid.UUID(bytes=self._dice.randbytes(16), version=4))

    def find(self, handle: str, now: float) -> tuple[Said, ...]:
        """The conversation of ``handle``.

        Raises `Refusal` when it is unknown or has expired, or when its session is connected.
        """
        kept = self._kept.get(handle)
        if kept is None or now >= kept.expires:
            raise refusal.session_not_found()
        if kept.owner in self._open:
            raise refusal.session_in_use()
        return kept.said

    def opened(self, owner: object) -> None:
        """The session is connected: nobody can take it up."""
        self._open.add(owner)

    def left(self, owner: object) -> None:
        """The session is not connected any more."""
        self._open.discard(owner)


class Resumption:
    """What one session tells its client of handles: `sessionResumptionUpdate`."""

    def __init__(
        self, handles: Handles, lifetime_s: float, period_s: float, *, transparent: bool, now: float
    ) -> None:
        """With ``period_s`` updates come that often, besides those at the ends of turns."""
        self._handles, self._lifetime_s, self._period_s = handles, lifetime_s, period_s
        self._transparent = transparent
        self._issued: tuple[str, tuple[Said, ...]] | None = None
        self.due: float | None = now if period_s else None
        """When the next of the regular updates is to come."""
        handles.opened(self)

    def update(
        self, said: tuple[Said, ...], now: float, consumed: int, *, resumable: bool = True
    ) -> dict[str, Any]:
        """The message, after so many messages of the client.

        While an answer is generated, or a call is pending, it has no handle, and says by that
        that the session cannot be resumed: JSON of protocol buffers leaves `false` out.
        """
        if self._period_s:
            self.due = now + self._period_s
        if not resumable:
            return {"sessionResumptionUpdate": {}}
        if self._issued is None or self._issued[1] is not said or not self._period_s:
            handle = self._handles.issue(said, now, self, self._lifetime_s)
            self._issued = handle, said
        update: dict[str, Any] = {"newHandle": self._issued[0], "resumable": True}
        if self._transparent and consumed:
            update["lastConsumedClientMessageIndex"] = str(consumed)
        return {"sessionResumptionUpdate": update}

    def end(self) -> None:
        """The connection is closed."""
        self._handles.left(self)
