"""The screen, grabbed from an X server of the test's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.media.virtual_screen import VirtualScreen, missing
from tui.core.video import Lens, Picture
from tui.media.eye import Eye
from tui.media.picture import pixels
from tui.media.screen import Screen

PATIENCE_S = 20.0
with_screen = pytest.mark.skipif(bool(missing()), reason=missing())


class Watcher:
    """Keeps the last picture of a monitor, and always wants the next."""

    def __init__(self, monitor: int) -> None:
        self.picture: Picture | None = None
        self.eye = Eye(Screen(monitor), self._take, 768)
        self.eye.open()
        self.eye.want()

    def until(self, true: Callable[[Lens], object]) -> Lens:
        end_s = time.monotonic() + PATIENCE_S
        while not true(lens := self.eye.snapshot()):
            assert time.monotonic() < end_s, lens
            time.sleep(0.01)
        return lens

    def shows(self, rgb: tuple[int, int, int]) -> bool:
        seen = pixels(self.picture, 1, 1) if self.picture else ()
        return bool(seen) and max(abs(a - b) for a, b in zip(seen, rgb, strict=True)) < 12

    def _take(self, picture: Picture) -> None:
        self.picture = picture
        self.eye.want()


@pytest.fixture
def watch() -> Iterator[Callable[[int], Watcher]]:
    begun: list[Watcher] = []

    def begin(monitor: int) -> Watcher:
        begun.append(Watcher(monitor))
        return begun[-1]

    yield begin
    for each in begun:
        each.eye.close()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualScreen]:
    begun = VirtualScreen(1600, 900)
    monkeypatch.setenv("DISPLAY", begun.display)
    yield begun
    begun.stop()


@with_screen
@pytest.mark.parametrize("monitor", [0, 1])
def test_what_is_on_the_screen_is_seen(
    screen: VirtualScreen, watch: Callable[[int], Watcher], monitor: int
) -> None:
    screen.fill(0xC83C00)
    seen = watch(monitor)
    seen.until(lambda _: seen.shows((0xC8, 0x3C, 0)))
    assert seen.picture is not None
    assert (seen.picture.width_px, seen.picture.height_px) == (768, 432)
    screen.fill(0x0000DC)
    lens = seen.until(lambda _: seen.shows((0, 0, 0xDC)))
    assert (lens.state, lens.name) == ("on", "monitor 1" if monitor else "all monitors")


@with_screen
def test_a_monitor_that_is_not_there(
    screen: VirtualScreen, watch: Callable[[int], Watcher]
) -> None:
    assert watch(4).until(lambda lens: lens.problem).problem == (
        "The screen is off: there is no monitor 4; this display has 1. --screen takes its number, "
        "0 is all of them."
    )


@with_screen
def test_a_display_that_goes_is_lost(
    screen: VirtualScreen, watch: Callable[[int], Watcher]
) -> None:
    seen = watch(1)
    seen.until(lambda lens: lens.state == "on")
    screen.stop()
    lens = seen.until(lambda lens: lens.state == "lost")
    assert lens.problem.startswith("The screen is off: monitor 1 has gone (")
    seen.until(lambda lens: "there is no display to look at" in lens.problem)


def test_no_display_is_one_sentence(
    watch: Callable[[int], Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":71")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    lens = watch(1).until(lambda lens: lens.problem)
    assert lens.state == "none"
    assert lens.problem.startswith("The screen is off: there is no display to look at (")
    assert lens.problem.endswith(
        "). Start bidiscope in a desktop session, or name its display in DISPLAY. "
        "bidiscope tries again every second."
    )
    assert "\n" not in lens.problem
