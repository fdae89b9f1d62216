"""Drivers that hang: their work goes on a thread that can be left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Late(Exception):
    """What was waited for did not come in time."""


def timely(items: Iterator[T], patience_s: float) -> Generator[T]:
    """The items of an iterator that works on a thread of its own.

    Its errors are raised here. When this generator is closed, the iterator is left at its next
    item, and a generator closed there.

    Raises:
        Late: an item, or the end, did not come within ``patience_s``; the thread is left behind.
    """
    come: SimpleQueue[tuple[T, ...] | BaseException | None] = SimpleQueue()
    left = threading.Event()

    def work() -> None:
        try:
            for item in items:
                come.put((item,))
                if left.is_set():
                    break
            if isinstance(items, Generator):
                items.close()
            come.put(None)
        except Exception as error:
            come.put(error)

    threading.Thread(target=work, name="driver", daemon=True).start()
    try:
        while (arrival := _next(come, patience_s)) is not None:
            if isinstance(arrival, BaseException):
                raise arrival
            yield from arrival
    finally:
        left.set()


def within(patience_s: float, work: Callable[[], T]) -> T:
    """What ``work`` returns.

    Raises:
        Late: it did not return within ``patience_s``.
    """
    (answer,) = timely((each() for each in (work,)), patience_s)
    return answer


def _next(come: SimpleQueue[T], patience_s: float) -> T:
    try:
        return come.get(timeout=patience_s)
    except Empty:
        raise Late(f"no answer within {patience_s:g} s") from None
