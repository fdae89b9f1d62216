from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tui import theming
from tui.core.playback import SILENCE_DB
from tui.widgets.meter import Meter, Peak


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class CountedMeter(Meter):
    rendered = 0

    def render_line(self, y: int) -> Strip:
        self.rendered += 1
        return super().render_line(y)


class MeterApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield CountedMeter("out", clock=self.clock)


def bar(pilot: Pilot[None]) -> str:
    """The line after the label, without the number."""
    return pilot.app.query_one(Meter).render_line(0).text[4:-7]


def line(pilot: Pilot[None]) -> str:
    return pilot.app.query_one(Meter).render_line(0).text.rstrip()


@pytest.mark.parametrize(
    ("level_db", "cells"),
    [(SILENCE_DB, 0.0), (-60.0, 0.0), (-30.0, 15.0), (-15.0, 22.5), (0.0, 30.0), (6.0, 30.0)],
)
async def test_the_bar_is_linear_in_decibels(level_db: float, cells: float) -> None:
    async with MeterApp().run_test(size=(41, 3)) as pilot:
        pilot.app.query_one(Meter).show(level_db, SILENCE_DB)
        drawn = bar(pilot)
        assert len(drawn) == 30
        assert drawn.count("█") + (0.5 if "▌" in drawn else 0) == cells


async def test_the_bar_has_three_zones() -> None:
    async with MeterApp().run_test(size=(71, 3)) as pilot:
        meter = pilot.app.query_one(Meter)
        meter.show(0.0, SILENCE_DB)
        zones = {
            meter.get_component_rich_style(f"meter--{zone}"): zone
            for zone in ("low", "mid", "high")
        }
        drawn = [(len(s.text), zones[s.style]) for s in meter.render_line(0) if s.style in zones]
        assert drawn == [(42, "low"), (12, "mid"), (6, "high")]


async def test_the_peak_is_held_and_numbered_then_falls() -> None:
    app = MeterApp()
    async with app.run_test(size=(41, 3)) as pilot:
        meter = app.query_one(Meter)
        meter.show(-30.0, -12.0)
        assert line(pilot).endswith("-12 dB")
        assert bar(pilot).index("▏") == 24
        app.clock.now_s += 1.4
        meter.show(-40.0, -40.0)
        assert line(pilot).endswith("-12 dB")
        app.clock.now_s += 0.6
        meter.show(-40.0, -40.0)
        assert line(pilot).endswith("-24 dB")
        app.clock.now_s += 60.0
        meter.show(SILENCE_DB, SILENCE_DB)
        assert line(pilot) == "out"


async def test_clipping_is_said_for_a_while() -> None:
    app = MeterApp()
    async with app.run_test(size=(41, 3)) as pilot:
        meter = app.query_one(Meter)
        meter.show(-3.0, 0.0)
        assert line(pilot).endswith("CLIP")
        app.clock.now_s += 1.6
        meter.show(-20.0, -20.0)
        assert "CLIP" not in line(pilot)


async def test_two_seconds_of_silence_in_an_answer_are_said_in_words() -> None:
    app = MeterApp()
    async with app.run_test(size=(41, 3)) as pilot:
        meter = app.query_one(Meter)
        for _ in range(20):
            app.clock.now_s += 0.09
            meter.show(SILENCE_DB, SILENCE_DB, playing=True)
        assert line(pilot) == "out"
        app.clock.now_s += 0.3
        meter.show(SILENCE_DB, SILENCE_DB, playing=True)
        assert line(pilot) == "out no signal"
        meter.show(-20.0, -10.0, playing=True)
        assert "no signal" not in line(pilot)


async def test_silence_between_answers_is_no_news() -> None:
    app = MeterApp()
    async with app.run_test(size=(41, 3)) as pilot:
        meter = app.query_one(Meter)
        app.clock.now_s += 60.0
        meter.show(SILENCE_DB, SILENCE_DB)
        meter.show(SILENCE_DB, SILENCE_DB, playing=True)
        assert line(pilot) == "out"


async def test_words_take_the_place_of_the_bar_and_are_made_safe() -> None:
    async with MeterApp().run_test(size=(41, 3)) as pilot:
        pilot.app.query_one(Meter).show(SILENCE_DB, SILENCE_DB, "no sound: \x1b[2Jgone")
        assert line(pilot) == "out no sound: ␛[2Jgone"


@pytest.mark.parametrize("width", [1, 4, 8, 12, 23, 24, 80])
async def test_any_width_is_filled_exactly(width: int) -> None:
    async with MeterApp().run_test(size=(width, 3)) as pilot:
        meter = pilot.app.query_one(Meter)
        meter.show(-3.0, 0.0)
        assert meter.render_line(0).cell_length == width


async def test_only_a_different_picture_is_drawn() -> None:
    async with MeterApp().run_test(size=(41, 3)) as pilot:
        meter = pilot.app.query_one(CountedMeter)
        meter.show(-30.0, -20.0)
        await pilot.pause()
        meter.rendered = 0
        meter.show(-30.05, -20.1)
        await pilot.pause()
        assert meter.rendered == 0
        meter.show(-29.0, -20.0)
        await pilot.pause()
        assert meter.rendered == 1


def test_a_higher_peak_replaces_a_falling_one_and_a_lower_does_not() -> None:
    peak = Peak()
    peak.feed(-10.0, 0.0)
    peak.feed(-20.0, 1.0)
    assert peak.value_db(1.0) == -10.0
    assert peak.value_db(2.0) == -22.0
    peak.feed(-15.0, 2.0)
    assert peak.value_db(3.0) == -15.0
