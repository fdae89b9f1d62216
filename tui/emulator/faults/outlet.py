"""Where effects wait for their time: they leave in the order in which they came."""

from __future__ import annotations

from collections import deque

from tui.emulator.effects import Close, Drop, Effect


class Outlet:
    """A queue with times. Nothing leaves behind the end of the connection."""

    def __init__(self) -> None:
        self.closed = False
        """The end has left."""
        self._waiting: deque[tuple[float, Effect]] = deque()
        self._floor = float("-inf")
        """What comes now leaves no earlier."""
        self._ending = False

    @property
    def due(self) -> float | None:
        """When the next one leaves."""
        return self._waiting[0][0] if self._waiting else None

    def put(self, effect: Effect, at: float) -> None:
        """It leaves then, or behind what came before it."""
        if not self._ending:
            self._floor = max(self._floor, at)
            self._waiting.append((self._floor, effect))
            self._ending = isinstance(effect, (Close, Drop))

    def hold(self, at: float, seconds: float) -> None:
        """What comes now leaves so much later than then."""
        self._floor = max(self._floor, at) + seconds

    def hold_all(self, until: float, told: Effect) -> None:
        """Nothing leaves before, but for what is ``told`` of it."""
        self._floor = max(self._floor, until)
        held = ((max(at, until), effect) for at, effect in self._waiting)
        self._waiting = deque([(float("-inf"), told), *held])

    def let_go(self, now: float) -> None:
        """All that waits leaves now."""
        self._floor = now
        self._waiting = deque((now, effect) for _, effect in self._waiting)

    def clear(self, now: float) -> None:
        """All that waits is lost."""
        self._waiting.clear()
        self._floor, self._ending = now, False

    def release(self, now: float) -> list[Effect]:
        """What leaves by ``now``."""
        left: list[Effect] = []
        while self._waiting and self._waiting[0][0] <= now:
            effect = self._waiting.popleft()[1]
            left.append(effect)
            self.closed = self.closed or isinstance(effect, (Close, Drop))
        return left
