"""When to draw: as often as things move, as seldom as drawing costs too much."""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 0.15
"""How much of a core drawing may take: while one thread runs Python, the others wait for it."""
LONGEST_S = 0.5
"""No picture is older, be it that it costs too much or that only the clock moves."""
SETTLED_S = 5.0
"""After so long without news nothing moves any more, not even a peak that falls in a meter."""


class Pace:
    """Says when the next picture is due, on the thread that draws it.

    Args:
        clock: Seconds.
        processor: Seconds of a core that this thread has used.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._processor = clock, processor
        self._moved_s = clock()
        self._drawn_s, self._used_s = float("-inf"), 0.0
        """When the last picture was drawn, and what the thread had used until then."""

    def due(self, moves: bool) -> bool:
        """Whether to draw now, which the caller then does; ``moves``: there is something new."""
        now_s, used_s = self._clock(), self._processor()
        if moves:
            self._moved_s = now_s
        age_s = now_s - self._drawn_s
        still = now_s - self._moved_s > SETTLED_S
        if age_s < LONGEST_S and (still or used_s - self._used_s > SHARE * age_s):
            return False
        self._drawn_s, self._used_s = now_s, used_s
        return True
