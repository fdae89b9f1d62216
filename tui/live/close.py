"""How a connection ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Close:
    """``code`` is None when there never was a connection."""

    code: int | None
    reason: str
    by: str
    """"server", "client" or "network"."""


class ConnectError(Exception):
    """No session came about."""

    def __init__(self, close: Close) -> None:
        super().__init__(close.reason)
        self.close = close
