from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.recorded import log_of, timeline_of
from tests.rehearsal import conversation
from tests.test_app import drained
from tests.widgets.wire_log import BareApp
from tui.core.log import SessionLog
from tui.core.timeline import Lane, Timeline
from tui.screens.live import Live
from tui.widgets.timeline import LABEL_CELLS, TimelineView


class Shown(BareApp):
    """A timeline on its own."""

    CSS = "TimelineView { height: 100%; }"

    def __init__(self, log: SessionLog, timeline: Timeline, length_s: float | None = None) -> None:
        super().__init__()
        self.records, self.timeline = log, timeline
        self.length_s = timeline.end_s if length_s is None else length_s
        self.view = TimelineView()
        self.told: list[tuple[str, float, int]] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.attach(self.records, self.timeline, live=False)
        self.view.focus()
        self.call_after_refresh(self.view.show, self.length_s, 0.0)

    def on_timeline_view_moved(self, event: TimelineView.Moved) -> None:
        self.told.append(("moved", event.time_s, event.row))

    def on_timeline_view_chosen(self, event: TimelineView.Chosen) -> None:
        self.told.append(("chosen", event.time_s, event.row))

    async def shown(self, pilot: Pilot[None]) -> None:
        while self.view.lane is None:
            await pilot.pause(0.02)
        await pilot.pause()

    def lines(self) -> list[str]:
        return [self.view.render_line(y).text for y in range(self.view.size.height)]

    def line(self, lane: str) -> str:
        return next(line for line in self.lines() if line.startswith(lane))


@pytest.fixture
def app() -> Shown:
    log = log_of(conversation())
    return Shown(log, timeline_of(log))


async def test_lanes_stand_under_a_ruler_and_empty_ones_are_left_out(app: Shown) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shown(pilot)
        names = [line[:LABEL_CELLS].strip() for line in app.lines()]
        assert names[1:7] == ["user", "generation", "playback", "interrupted", "connection", ""]
        assert "0:01" in app.lines()[0]
        assert "My number is 4711." in app.line("user")
        assert "turn 1" in app.line("generation")
        assert app.line("interrupted").count("✂") == 1
        assert set("▆▇█") & set(app.line("playback"))
        assert all(len(line) == 80 for line in app.lines())


async def test_what_was_captured_cannot_act_on_the_terminal() -> None:
    play = conversation()
    play.ask("\x1b[31m[red]rot\u202e 你好")
    log = log_of(play)
    app = Shown(log, timeline_of(log), 20.0)
    async with app.run_test(size=(120, 24)) as pilot:
        await app.shown(pilot)
        line = app.line("user")
        assert "␛[31m[red]rot␦ 你好" in line
        assert not app.actions()


async def test_zooming_keeps_the_cursor_where_it_is(app: Shown) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shown(pilot)
        for _ in range(20):
            await pilot.press("right")
        before = app.view.window.cell(app.view.cursor_s)
        cell_s = app.view.window.cell_s
        await pilot.press("plus", "plus")
        assert app.view.window.cell_s == pytest.approx(cell_s / 4)
        assert abs(app.view.window.cell(app.view.cursor_s) - before) <= 1
        await pilot.press("minus", "minus", "minus")
        assert app.view.window.cell_s == pytest.approx(cell_s), "never less than everything"
        await pilot.press("plus", "0")
        assert app.view.window.start_s == 0.0
        assert app.view.window.end_s == pytest.approx(app.length_s)


async def test_the_window_goes_with_the_cursor_and_pages(app: Shown) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shown(pilot)
        await pilot.press("plus", "plus", "plus", "home")
        assert app.view.window.start_s == 0.0
        await pilot.press("shift+right")
        start_s = app.view.window.start_s
        assert start_s > 0
        assert app.view.window.shows(app.view.cursor_s)
        await pilot.press("end")
        assert app.view.window.shows(app.length_s - 1e-6)
        await pilot.press("shift+left", "shift+left")
        assert app.view.window.start_s < app.length_s


async def test_the_keys_tell_time_and_record_and_enter_chooses(app: Shown) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shown(pilot)
        await pilot.press("down", "down", "down")
        assert app.view.lane is Lane.INTERRUPTIONS
        await pilot.press("ctrl+right")
        what, time_s, row = app.told[-1]
        assert (what, app.records.kinds(row)) == ("moved", ("serverContent.interrupted",))
        assert time_s == app.records.mono_s[row]
        assert "interrupted" in app.lines()[-1]
        await pilot.press("enter")
        assert app.told[-1] == ("chosen", time_s, row)
        await pilot.press("up", "up", "up", "ctrl+left")
        assert app.records.kinds(app.told[-1][2]) == ("clientContent",)


async def test_a_click_puts_the_cursor_there_and_the_lane(app: Shown) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shown(pilot)
        await pilot.click(TimelineView, offset=(LABEL_CELLS + 30, 3))
        assert app.view.lane is Lane.PLAYBACK
        what, time_s, _ = app.told[-1]
        assert what == "chosen"
        assert time_s == pytest.approx(app.view.window.time_s(30), abs=app.view.window.cell_s)


async def test_a_low_one_scrolls_to_the_chosen_lane(app: Shown) -> None:
    async with app.run_test(size=(80, 5)) as pilot:
        await app.shown(pilot)
        assert app.lines()[1].startswith("user")
        await pilot.press(*["down"] * 9)
        assert any(line.startswith("connection") for line in app.lines())


async def test_a_recording_without_times_says_so() -> None:
    log = log_of(conversation())
    log.header = {"timed": False}
    app = Shown(log, Timeline())
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert "does not say when" in app.lines()[-1]


async def test_nothing_is_shown_of_nothing() -> None:
    app = Shown(SessionLog(lambda offset, size: b""), Timeline())
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("left", "right", "plus", "minus", "end", "ctrl+right", "down", "f", "0")
        assert "nothing to show yet" in app.lines()[-1]


async def until_built(pilot: Pilot[None], screen: Live) -> None:
    for _ in range(200):
        if screen._lanes.timeline.heard == len(screen._log):
            break
        await pilot.pause(0.05)
    await pilot.pause(0.6)


async def test_a_live_session_is_followed() -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Live)
        view = screen.query_one(TimelineView)
        await pilot.press("f3", "t")
        await until_built(pilot, screen)
        assert Lane.PLAYBACK in screen._lanes.timeline.lanes
        before = screen._lanes.timeline.rows
        play.ask("One more thing.")
        await until_built(pilot, screen)
        assert screen._lanes.timeline.rows > before
        texts = [view.render_line(y).text for y in range(view.size.height)]
        assert any("One more" in text for text in texts)
