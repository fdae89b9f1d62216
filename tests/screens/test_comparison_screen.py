"""Two sessions side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.core.script import conversation
from tests.widgets.wire_log import BareApp
from tui.compare import of_files
from tui.core.comparison import Comparison
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.screens.comparison import ComparisonScreen
from tui.screens.sessions import Sessions
from tui.widgets.comparison import ComparisonView


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    conversation(tmp_path / "a.jsonl")
    other = conversation(tmp_path / "b.jsonl", model="unheard-of")
    other.ask(30.0, "One [bold]more?\x1b[31m")
    other.audio(31.0)
    other.words(31.1, "Yes, " + "and on it goes " * 30)
    return tmp_path / "a.jsonl", tmp_path / "b.jsonl"


class ComparisonApp(BareApp):
    def __init__(self, compare: Callable[[], Comparison]) -> None:
        super().__init__()
        self._compare = compare

    def on_mount(self) -> None:
        self.push_screen(ComparisonScreen("a │ b", self._compare))

    @property
    def view(self) -> ComparisonView:
        return self.screen.query_one(ComparisonView)

    @property
    def lines(self) -> list[str]:
        view = self.view
        return [view.draw(line, view.text_width).text for line in range(view.line_count)]


async def ready(app: ComparisonApp, pilot: Pilot[None]) -> None:
    async with asyncio.timeout(20):
        while not app.view.line_count:
            await pilot.pause(0.02)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_both_sides_stand_beside_each_other(
    files: tuple[Path, Path], size: tuple[int, int]
) -> None:
    app = ComparisonApp(partial(of_files, *files))
    async with app.run_test(size=size) as pilot:
        await ready(app, pilot)
        lines = app.lines
        assert app.view.scroll_offset.y == app.view.cursor == 0
        assert {len(line) <= app.view.text_width for line in lines} == {True}
    (model,) = [line for line in lines if line.startswith("≠ model  ")]
    left, right = model.split("│")
    assert '"gemini-3.8-live"' in left and '"unheard-of"' in right
    (turns,) = [line for line in lines if line.startswith("≠ turns ")]
    assert turns.rstrip().endswith("4  +1")
    assert any(line.startswith("> Turn – │ 4  One [bold]more?␛[31m") for line in lines)
    assert any("What is six" in line and line.startswith("= asked") for line in lines)
    assert "".join(lines).count("goes") >= 30


async def test_n_goes_from_difference_to_difference(files: tuple[Path, Path]) -> None:
    app = ComparisonApp(partial(of_files, *files))
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(app, pilot)
        seen = []
        for _ in range(4):
            await pilot.press("n")
            seen.append(app.lines[app.view.cursor][:2])
        assert seen[0] == "≠ " and "= " not in seen
        below = app.view.cursor
        await pilot.press("N")
        assert app.view.cursor < below
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, ComparisonScreen)


async def test_a_session_is_no_different_from_itself(files: tuple[Path, Path]) -> None:
    app = ComparisonApp(partial(of_files, files[0], files[0]))
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(app, pilot)
        assert not [line for line in app.lines if line[:1] in "≠<>" and line[:1].strip()]


async def test_what_cannot_be_read_is_said_on_the_screen(files: tuple[Path, Path]) -> None:
    rubbish = files[0].with_name("rubbish.jsonl")
    rubbish.write_bytes(b"\x00")
    app = ComparisonApp(partial(of_files, files[0], rubbish))
    async with app.run_test(size=(100, 30)) as pilot:
        async with asyncio.timeout(20):
            while "Comparing" in (state := str(app.screen.query_one("#comparison-state").render())):
                await pilot.pause(0.02)
        assert "rubbish.jsonl" in state
        assert not app.view.display


async def test_what_was_said_is_no_markup(files: tuple[Path, Path]) -> None:
    app = ComparisonApp(partial(of_files, *files))
    async with app.run_test(size=(100, 60)) as pilot:
        await ready(app, pilot)
        await pilot.press("end")
        assert app.actions() == set()


async def test_the_palette_offers_the_recordings_beside_this_one(
    files: tuple[Path, Path],
) -> None:
    reader = Reader(open_recording(files[0]))
    reader.start()
    app = Desk(reader)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            commands = {each.title: each for each in app.get_system_commands(app.screen)}
            assert "Compare with a.jsonl" not in commands
            commands["Compare with b.jsonl"].callback()
            async with asyncio.timeout(20):
                while not isinstance(view := app.focused, ComparisonView) or not view.line_count:
                    await pilot.pause(0.02)
            assert any("unheard-of" in view.draw(line, 110).text for line in range(8))
    finally:
        reader.stop()


async def test_two_recordings_marked_in_the_browser_are_compared(files: tuple[Path, Path]) -> None:
    reader = Reader(open_recording(files[0]))
    reader.start()
    app = Desk(reader)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            app.post_message(Sessions.Compared(*files))
            async with asyncio.timeout(20):
                while not isinstance(view := app.focused, ComparisonView) or not view.line_count:
                    await pilot.pause(0.02)
            assert any("unheard-of" in view.draw(line, 110).text for line in range(8))
    finally:
        reader.stop()
