from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from tests.core.script import Script, conversation
from tests.widgets.wire_log import BareApp
from tui.core.anchoring import UNMARKED
from tui.core.session import Session
from tui.widgets.latency import BLOCKS, Latency, LatencyTurns


class LatencyApp(BareApp):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield Latency()

    @on(Latency.Chosen)
    def _keep(self, event: Latency.Chosen) -> None:
        self.chosen.append(event.row)

    @property
    def pane(self) -> Latency:
        return self.query_one(Latency)

    def say(self, id_: str) -> str:
        return str(self.query_one(f"#{id_}", Static).content)

    def lines(self, width: int = 110) -> list[str]:
        turns = self.query_one(LatencyTurns)
        return [turns.draw(line, width).text.rstrip() for line in range(turns.line_count)]


@asynccontextmanager
async def shown(
    script: Script | None = None, size: tuple[int, int] = (110, 16)
) -> AsyncIterator[tuple[LatencyApp, Pilot[None]]]:
    app = LatencyApp()
    async with app.run_test(size=size) as pilot:
        if script is not None:
            app.pane.show(script.log, script.session)
        app.pane.focus()
        await pilot.pause()
        yield app, pilot


async def test_each_turn_has_a_bar_its_anchor_and_its_parts() -> None:
    async with shown(conversation()) as (app, _):
        first, second, third = app.lines()
    assert first.split()[:3] == ["1", "600", "ms"]
    assert "server VAD → sound" in first and "░ 400 ms ▒ 100 ms █ 100 ms" in first
    assert "1.20 s" in second and "local VAD → sound" in second and second.endswith("✂")
    assert "clientContent → first byte" in third and "▚ 300 ms ▓ 200 ms" in third


async def test_parts_of_a_bar_are_as_long_as_they_lasted() -> None:
    async with shown(conversation()) as (app, _):
        bars = [line[12:44] for line in app.lines()]
    counts = [[bar.count(block) for block in BLOCKS.values()] for bar in bars]
    cells_a_second = sum(counts[1]) / 1.2
    seconds = [[0.4, 0.1, 0, 0, 0.1], [0, 1.0, 0, 0, 0.2], [0, 0.5, 0.3, 0.2, 0]]
    for counted, lasted in zip(counts, seconds, strict=True):
        assert counted == pytest.approx([each * cells_a_second for each in lasted], abs=1.01)


async def test_the_head_has_percentiles_with_their_number() -> None:
    async with shown(conversation()) as (app, _):
        head = app.say("latency-head")
    assert "sound 600 ms/1.20 s (2) · 1st byte 500 ms/1.00 s (3)" in head
    assert (
        "connect 250 ms (1) · tool 300 ms (1) · interrupted 400 ms (1) · silent 420 ms (1)" in head
    )


async def test_the_turn_under_the_cursor_is_said_in_words() -> None:
    async with shown(conversation()) as (app, pilot):
        await pilot.press("home", "down")
        await pilot.pause()
        words = app.say("latency-turn")
    assert words == (
        "Turn 2 from local VAD → sound; wait 1.00 s, play 200 ms; "
        "interrupted by local VAD: 400 ms, silent after 420 ms; gaps 0 (0 ms), underruns 0"
    )


async def test_enter_goes_to_the_first_byte() -> None:
    script = conversation()
    async with shown(script) as (app, pilot):
        await pilot.press("home", "enter")
        await pilot.pause()
    (row,) = app.chosen
    assert script.log.kinds(row) == ("serverContent.modelTurn.audio",)
    assert script.log.mono_s[row] == 4.0


async def test_turns_that_come_are_listed_and_the_cursor_rides_along() -> None:
    script = conversation()
    async with shown(script) as (app, pilot):
        for number in range(10):
            script.ask(100.0 + 10 * number, "And now?")
            script.audio(101.5 + 10 * number)
            script.complete(103.0 + 10 * number)
            app.pane.show(script.log, script.session)
        await pilot.pause()
        assert len(app.lines()) == 13
        assert app.query_one(LatencyTurns).cursor == 12
        script.event(193.0, "playback.started", turn=13)
        app.pane.show(script.log, script.session)
        assert "3.00 s" in app.lines()[12]
        await pilot.press("up")
        script.ask(300.0, "And then?")
        script.audio(301.0)
        app.pane.show(script.log, script.session)
        assert app.query_one(LatencyTurns).cursor == 11, "who looks back is left there"


async def test_an_earlier_state_shows_what_was_known_then() -> None:
    script = conversation()
    async with shown(script) as (app, _):
        row = list(script.log.mono_s).index(4.2)
        app.pane.show(script.log, script.log.state_at(row))
        assert len(app.lines()) == 1
        app.pane.show(script.log, Session())
        assert app.lines() == [] and app.say("latency-head") == "No answer yet."


def unmarked(script: Script) -> None:
    script.mic(30.0, 33.0)
    script.audio(33.0)


def late(script: Script) -> None:
    script.ask(30.0, "Hm?")
    script.audio(31.0, 0.5)
    script.audio(40.0, 0.5)


@pytest.mark.parametrize(
    ("happens", "line", "words"),
    [
        (unmarked, f"n/a {' ' * 33}{UNMARKED}", f"Turn 4 n/a: {UNMARKED}"),
        (late, "⚠", "gaps 1 (8.50 s)"),
    ],
)
async def test_what_is_amiss_is_said(
    happens: Callable[[Script], None], line: str, words: str
) -> None:
    script = conversation()
    happens(script)
    async with shown(script) as (app, _):
        assert line in app.lines()[-1]
        assert words in app.say("latency-turn")


async def test_a_recording_without_times_says_so() -> None:
    script = conversation()
    script.log.__dict__["header"] = {"timed": False}
    async with shown(script) as (app, _):
        assert app.lines() == []
        assert "no times" in app.say("latency-head")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
async def test_a_line_fits_any_width(width: int) -> None:
    script = conversation()
    script.ask(50.0, "Hm?")
    script.audio(5000.0)
    async with shown(script) as (app, _):
        assert all(len(line) <= width for line in app.lines(width))
