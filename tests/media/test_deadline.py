from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.media.virtual_sound import until
from tui.media.deadline import Late, timely, within


def test_what_comes_in_time_is_handed_on_and_errors_are_raised_here() -> None:
    def work() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    taken = []
    with pytest.raises(ValueError, match="broken"):
        for item in timely(work(), 5):
            taken.append(item)
    assert taken == [1, 2]
    assert within(5, lambda: threading.current_thread().name) == "driver"


def test_what_hangs_is_left_behind() -> None:
    never = threading.Event()
    with pytest.raises(Late, match=r"no answer within 0\.1 s"):
        within(0.1, never.wait)
    never.set()


def test_an_iterator_is_closed_on_its_own_thread_when_nobody_wants_more() -> None:
    closed_on = []

    def work() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed_on.append(threading.current_thread().name)

    items = timely(work(), 5)
    next(items)
    items.close()
    until(lambda: bool(closed_on))
    assert closed_on == ["driver"]
