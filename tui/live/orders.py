"""Orders from any thread, carried out on a thread and loop of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeAlias

Order: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class Orders:
    """A loop on a thread. Orders return at once, with a future for whoever wants to wait.

    Args:
        begin: called on the thread before the first order.
        end: called on the thread after the last.
        failed: an order has raised.
    """

    def __init__(
        self,
        begin: Callable[[], None],
        end: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._begin, self._end, self._failed = begin, end, failed
        self._turn: asyncio.Lock
        self._waiting: set[asyncio.Task[None]] = set()
        """Orders in turn that are under way or wait for theirs."""
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def running(self) -> bool:
        """Whether orders are carried out."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to carry out orders."""
        self._thread.start()

    def stop(self) -> None:
        """Carry out no more, and wait for the end of the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def at_once(self, order: Order) -> Future[None]:
        """Carry an order out, whatever else is under way."""
        return asyncio.run_coroutine_threadsafe(self._guarded(order), self.loop)

    def in_turn(self, order: Order) -> Future[None]:
        """Carry an order out after those that were given before."""
        return self.at_once(lambda: self._when_due(order))

    async def drop_then(self, order: Order) -> None:
        """Give up what is under way and what waits, and carry this order out in their place."""
        for task in self._waiting:
            task.cancel()
        async with self._turn:
            await order()

    async def _when_due(self, order: Order) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            async with self._turn:
                await order()
        finally:
            self._waiting.discard(task)

    async def _guarded(self, order: Order) -> None:
        try:
            await order()
        except Exception as error:
            self._failed(error)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self._turn = asyncio.Lock()
        self._begin()
        self.loop.run_forever()
        self._end()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
