"""How long a connection lives: a `goAway`, and a close for the client that stays."""

from __future__ import annotations

WARNING_S = 60.0
"""So long before its end a connection is announced to end (firebase.google.com, Live API)."""


class Lifetime:
    """The clock of one connection."""

    def __init__(self, ends_at: float | None = None) -> None:
        """It goes on for ever where no end is given."""
        self._ends_at = ends_at
        self._warned = ends_at is None

    @property
    def due(self) -> float | None:
        """When there is something to say, or to do."""
        if self._ends_at is None or self._warned:
            return self._ends_at
        return self._ends_at - WARNING_S

    def warn(self, now: float, left_s: float | None = None) -> float | None:
        """The seconds that are left, to be told now; None when they were told before.

        With ``left_s`` the end is decided here.
        """
        if left_s is not None:
            self._ends_at, self._warned = now + left_s, False
        elif self._warned:
            return None
        assert self._ends_at is not None
        self._warned = True
        return self._ends_at - now

    def over(self, now: float) -> bool:
        """The time has come."""
        return self._ends_at is not None and self._ends_at <= now
