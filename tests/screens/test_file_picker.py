"""A path that is typed, completed and chosen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from tui.folder import listing
from tui.screens.file_picker import FilePicker


class PickerApp(App[None]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.picked: list[Path | None] = []

    def on_mount(self) -> None:
        self.push_screen(FilePicker(self.folder, listing), self.picked.append)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    for name in ("pictures/cat.png", "notes one.txt", "notes two.txt", ".hidden", "x\x1b[2Jy"):
        (tmp_path / name).write_text("12345")
    return tmp_path


async def rows(pilot: Pilot[None]) -> list[str]:
    """What is listed, once the folder in the line is."""
    screen = pilot.app.screen
    assert isinstance(screen, FilePicker)
    async with asyncio.timeout(20):
        while screen._typed[0] != screen._listing.path:
            await pilot.pause(0.01)
    await pilot.pause()
    options = screen.query_one("#file-list", OptionList)
    return [str(option.prompt) for option in options.options]


def line(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one(Input).value


def note(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#file-note", Static).render())


async def test_a_file_is_found_by_typing_and_completing(folder: Path) -> None:
    app = PickerApp(folder)
    async with app.run_test(size=(80, 24)) as pilot:
        assert await rows(pilot) == [
            *("../  ", "pictures/  ", "notes one.txt  5 B", "notes two.txt  5 B"),
            "x␛[2Jy  5 B",
        ]
        await pilot.press("n", "tab")
        assert (line(pilot), len(await rows(pilot))) == (f"{folder}/notes ", 2)
        await pilot.press("t", "w")
        assert await rows(pilot) == ["notes two.txt  5 B"]
        await pilot.press("enter")
        assert app.picked == [folder / "notes two.txt"]


async def test_folders_are_entered_and_left(folder: Path) -> None:
    app = PickerApp(folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await rows(pilot)
        await pilot.press("p", "tab")
        assert await rows(pilot) == ["../  ", "cat.png  5 B"]
        await pilot.press("up", "enter")
        assert len(await rows(pilot)) == 5 and line(pilot) == f"{folder}/"
        await pilot.press("enter")
        assert await rows(pilot) == ["../  ", "cat.png  5 B"]
        await pilot.press("enter")
        assert app.picked == [folder / "pictures" / "cat.png"]


async def test_hidden_files_are_there_for_who_asks(folder: Path) -> None:
    app = PickerApp(folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await rows(pilot)
        await pilot.press("full_stop", "h", "enter")
        assert app.picked == [folder / ".hidden"]


async def test_what_is_not_there_is_said(folder: Path) -> None:
    app = PickerApp(folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await rows(pilot)
        await pilot.press(*"zz")
        assert await rows(pilot) == [] and note(pilot) == "Nothing begins like that."
        await pilot.press("slash")
        await rows(pilot)
        assert "zz cannot be looked into: No such file or directory." in note(pilot)
        await pilot.press("ctrl+u", *"~nobody-here/", "escape")
        await pilot.pause()
        assert app.picked == [None]


async def test_a_name_that_steers_terminals_is_chosen_and_never_written(folder: Path) -> None:
    app = PickerApp(folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await rows(pilot)
        await pilot.press("x", "tab")
        assert line(pilot) == f"{folder}/x" and "do not show" in note(pilot)
        await pilot.press("enter")
        assert app.picked == [folder / "x\x1b[2Jy"]


def test_a_huge_folder_and_a_closed_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.folder.MOST", 2)
    seen = listing(folder)
    assert len(seen.entries) == 2 and "Only 2 entries" in seen.problem
    (folder / "gone").symlink_to(folder / "nowhere")
    monkeypatch.setattr("tui.folder.MOST", 100)
    gone = next(each for each in listing(folder).entries if each.name == "gone")
    assert (gone.folder, gone.size) == (False, "")
