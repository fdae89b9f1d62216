"""Whether, when and how a connection is made again after one has ended. No clock, no I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass

ATTEMPTS = 6
"""So often in a row, about a minute; then a person must ask."""
SOON_S, LATE_S = 0.5, 15.0
"""The first pause between attempts, which doubles, and the longest."""
YOUNG_S = 5.0
"""A connection that ends before is a failed attempt: a resumed session that died of 1011 may die
again half a second after it begins (discuss.ai.google.dev/t/175234)."""
MARGIN = 0.2
"""Of the time that a goAway leaves, so much is kept for connecting anew; at most `MARGIN_S`."""
MARGIN_S = 5.0
UNKNOWN_S = 60.0
"""What the service leaves (Firebase documentation), where a goAway does not say."""

_REFUSALS = (1002, 1003, 1007, 1008, 1009, 1010)
"""Closed over what was sent; sent again, it is refused again."""
_HOPELESS = ("API key", "API Key", "Token has been used", "RESOURCE_EXHAUSTED", "quota")
"""Parts of reasons that do not pass by waiting a minute."""


@dataclass(frozen=True, slots=True)
class Loss:
    """How a connection ended, or an attempt at one."""

    code: int | None
    """None when there was no session."""
    reason: str
    by: str
    """"server", "client" or "network"."""
    open_s: float | None
    """How long it was open; None when the setup was not accepted."""
    resumed: bool
    """Its setup held a handle."""


@dataclass(frozen=True, slots=True)
class Plan:
    """To connect again."""

    attempt: int
    """1 is the first after a connection that had been open."""
    delay_s: float
    fresh: bool
    """Without the handle, which is what failed."""


def plan(loss: Loss, attempts: int, dice: random.Random) -> Plan | str:
    """What follows from a loss; a clause that says why nothing does, where nothing does.

    Args:
        loss: what happened.
        attempts: how many came before, since a connection was open for `YOUNG_S`.
        dice: decides the jitter, so that many clients do not come back at once.
    """
    failed = loss.open_s is None or loss.open_s < YOUNG_S
    fresh = loss.resumed and failed and (loss.by == "server" or attempts > 1)
    if loss.by == "client":
        return "this side ended it"
    if any(part in loss.reason for part in _HOPELESS):
        return "the same would be refused again"
    if loss.code in _REFUSALS and not fresh:
        return "the same would be refused again"
    if loss.code is None and loss.by == "server" and "HTTP 5" not in loss.reason:
        return "the server does not want it"
    attempt = attempts + 1 if failed else 1
    if attempt > ATTEMPTS:
        return f"{ATTEMPTS} attempts in a row have failed"
    if attempt == 1 or fresh:
        return Plan(attempt, 0.0, fresh)
    return Plan(attempt, _pause_s(attempt, dice), fresh)


def follow(open_s: float, attempts: int, dice: random.Random) -> Plan | str:
    """What follows from a goAway on a connection that has been open for so long.

    A server that sends one at once, again and again, is followed no further than a lost one.
    """
    attempt = attempts + 1 if open_s < YOUNG_S else 1
    if attempt > ATTEMPTS:
        return f"{ATTEMPTS} connections in a row were to end at once"
    return Plan(attempt, 0.0 if attempt == 1 else _pause_s(attempt, dice), fresh=False)


def leave_s(left_s: float) -> float:
    """How long after a goAway one must go, quiet or not; ``left_s`` 0 says that nobody knows."""
    left_s = left_s or UNKNOWN_S
    return left_s - min(MARGIN_S, left_s * MARGIN)


def _pause_s(attempt: int, dice: random.Random) -> float:
    longest_s = min(LATE_S, SOON_S * 2.0 ** (attempt - 1))
    return dice.uniform(longest_s / 2, longest_s)
