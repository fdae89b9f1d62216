"""The eye and its thread, with sources that misbehave as drivers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.media.films import RED, plain
from tui.core.video import Picture
from tui.media.eye import Eye, SourceError
from tui.media.picture import Image

PATIENCE_S = 20.0


class Driver:
    """A source that does what a test wants."""

    name = "driver"
    period_s = 0.01

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.error: Exception | None = None
        self.opened = self.advanced = self.asked = self.closed = 0

    def open(self) -> None:
        self.opened += 1

    def advance(self) -> None:
        self.goes_on.wait()
        self.advanced += 1
        if self.error is not None:
            raise self.error

    def image(self) -> Image:
        self.asked += 1
        return plain(RED)

    def close(self) -> None:
        self.closed += 1


class Looking(Driver):
    """The driver with an eye on it."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[Picture] = []
        self.eye = Eye(self, self.pictures.append, 64)
        self.eye.open()

    def until(self, true: Callable[[Looking], object]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not true(self):
            assert time.monotonic() < end_s, self.eye.snapshot()
            time.sleep(0.005)


@pytest.fixture
def look() -> Iterator[Looking]:
    looking = Looking()
    yield looking
    looking.goes_on.set()
    looking.eye.close()
    looking.eye._thread.join(PATIENCE_S)


def test_pictures_are_made_only_when_wanted(look: Looking) -> None:
    look.until(lambda look: look.advanced > 20)
    assert look.asked == 0
    look.eye.want()
    look.until(lambda look: look.pictures)
    before = look.advanced
    look.until(lambda look: look.advanced > before + 20)
    assert (look.asked, len(look.pictures)) == (1, 1)


def test_a_driver_that_hangs_stalls_and_holds_nobody(look: Looking) -> None:
    look.until(lambda look: look.eye.snapshot().state == "on")
    look.goes_on.clear()
    look.eye.want()
    look.until(lambda look: look.eye.snapshot().state == "stalled")
    look.eye.close()
    assert look.eye._thread.is_alive()
    assert look.eye._thread.daemon
    look.goes_on.set()
    look.until(lambda look: look.closed)


def test_a_driver_that_hangs_and_goes_on_is_on_again(look: Looking) -> None:
    look.goes_on.clear()
    look.until(lambda look: look.eye.snapshot().state in ("stalled", "opening"))
    look.goes_on.set()
    look.until(lambda look: look.eye.snapshot().state == "on")
    assert look.opened == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SourceError("It is gone."), "It is gone."),
        (ZeroDivisionError("odd"), "driver failed (odd). bidiscope tries again every second."),
    ],
)
def test_a_lost_source_is_closed_and_opened_again(
    look: Looking, error: Exception, words: str
) -> None:
    look.until(lambda look: look.eye.snapshot().state == "on")
    look.error = error
    look.until(lambda look: look.eye.snapshot().state == "lost")
    assert look.eye.snapshot().problem == words
    look.error = None
    look.until(lambda look: look.eye.snapshot().state == "on")
    assert look.eye.snapshot().problem == ""
    assert look.opened > look.closed > 0
