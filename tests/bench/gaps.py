"""How long an event loop was away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PERIOD_S = 0.005


async def gaps_s(done: Callable[[], bool]) -> list[float]:
    """How late a timer of `PERIOD_S` was, each time until ``done``."""
    late_s: list[float] = []
    while not done():
        start_s = time.perf_counter()
        await asyncio.sleep(PERIOD_S)
        late_s.append(time.perf_counter() - start_s - PERIOD_S)
    return late_s
