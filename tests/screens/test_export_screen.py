from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, ProgressBar, Static

from tests.rehearsal import Rehearsal, conversation
from tui import exports
from tui.core.journal import JournalError
from tui.exporters.formats import FORMATS
from tui.importers.opening import open_log
from tui.screens.export import Export


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the app is started in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def settled(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(400):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError(f"it did not come true; {said(pilot)!r}")


async def opened(pilot: Pilot[None], play: Rehearsal) -> Export:
    await settled(pilot, lambda: not play.engine.inbox)
    await pilot.press("f3", "e")
    await settled(pilot, lambda: isinstance(pilot.app.screen, Export))
    screen = pilot.app.screen
    assert isinstance(screen, Export)
    return screen


def said(pilot: Pilot[None]) -> str:
    found = pilot.app.screen.query("#export-said")
    return str(found.first(Static).render()) if found else ""


def place(pilot: Pilot[None]) -> Input:
    return pilot.app.screen.query_one("#export-place", Input)


def put(path: str, text: str) -> None:
    Path(path).write_text(text)


def only(folder: Path) -> Path:
    """The one file in it."""
    [path] = folder.iterdir()
    return path


async def test_a_live_session_is_exported_as_far_as_it_has_come(here: Path) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        out = here / f"{play.recording.stem}.har"
        assert place(pilot).value == str(out)
        await pilot.press("enter")
        await settled(pilot, lambda: "Written" in said(pilot))
        assert said(pilot).splitlines() == [
            f"Written to {out}",
            "Removed: 1 times a credential.",
        ]
        [entry] = json.loads(out.read_text())["log"]["entries"]
        count = len(entry["_webSocketMessages"])
        await pilot.press("escape")
        play.ask("And now?")
        await opened(pilot, play)
        place(pilot).value = str(here / "later.har")
        await pilot.press("ctrl+s")
        await settled(pilot, lambda: "Written" in said(pilot))
    [entry] = json.loads((here / "later.har").read_text())["log"]["entries"]
    assert len(entry["_webSocketMessages"]) == count + 1


async def test_every_format_is_there_with_a_place_of_its_own(here: Path) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        places = []
        for _ in FORMATS:
            places.append(Path(place(pilot).value))
            await pilot.press("down")
            await pilot.pause()
        assert places == [each.place(here, play.recording.stem) for each in FORMATS.values()]
        assert len(set(places)) == len(places)


async def test_what_is_taken_away_is_chosen(here: Path) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, play)
        level = screen.query_one("#export-level", Static)
        shown = [str(level.render())]
        for _ in range(4):
            await pilot.press("ctrl+r")
            shown.append(str(level.render()))
        assert len(set(shown)) == 4 and shown[0] == shown[4]
        await pilot.press("ctrl+r", "up", "ctrl+s")  # words go; the last format is the journal
        await settled(pilot, lambda: "Written" in said(pilot))
    log = open_log(only(here))
    assert log.header["redacted"] == "text"
    log.close()


async def test_a_file_that_is_there_stays_and_the_sentence_says_so(here: Path) -> None:
    play = conversation()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await opened(pilot, play)
        put(place(pilot).value, "precious")
        await pilot.press("ctrl+s")
        await settled(pilot, lambda: "there already" in said(pilot))
        assert not pilot.app.screen.query_one("#export-progress").display
    assert only(here).read_text() == "precious"


class Work:
    """An export that goes on until it is told to end."""

    def __init__(self) -> None:
        self.thread = ""
        self.ended = ""
        self.goes_on = threading.Event()
        self.over = threading.Event()

    def run(self, *arguments: Any) -> Sequence[str]:
        report = arguments[-1]
        self.thread = threading.current_thread().name
        try:
            while not self.goes_on.wait(0.02):
                report("Writing", 0.42)
        except BaseException as error:
            self.ended = type(error).__name__
            self.over.set()
            raise
        raise JournalError("No space left \x1b[2J[bold]x[/nope]")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    made = Work()
    monkeypatch.setattr(exports, "run", made.run)
    return made


async def test_says_how_far_it_is_and_can_be_cancelled(work: Work) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        await pilot.press("ctrl+s")
        bar = pilot.app.screen.query_one("#export-progress", ProgressBar)
        await settled(pilot, lambda: bar.progress == 0.42 and said(pilot) == "Writing…")
        assert bar.display and "MainThread" not in work.thread
        await pilot.press("ctrl+s", "escape")
        await settled(pilot, lambda: said(pilot) == "Cancelled: nothing was written.")
        assert work.ended == "Stopped" and not bar.display
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, Export)


async def test_a_problem_is_only_words(work: Work) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        await pilot.press("ctrl+s")
        work.goes_on.set()
        await settled(pilot, lambda: "No space left" in said(pilot))
        assert said(pilot) == "No space left ␛[2J[bold]x[/nope]"


async def test_leaving_the_app_ends_the_work(work: Work) -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        await pilot.press("ctrl+s")
        await settled(pilot, lambda: bool(work.thread))
    assert work.over.wait(5)
    assert work.ended == "Stopped"


async def test_the_path_is_copied(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    play, copied = conversation(), list[str]()

    def copy(text: str, *_: object) -> str:
        copied.append(text)
        return "Copied."

    monkeypatch.setattr("tui.desk.terminal.copy", copy)
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot, play)
        await pilot.press("ctrl+y")
        assert "nothing to copy yet" in said(pilot) and not copied
        await pilot.press("ctrl+s")
        await settled(pilot, lambda: "Written" in said(pilot))
        await pilot.press("ctrl+y")
        await pilot.pause()
    assert copied == [str(here / f"{play.recording.stem}.har")]


async def test_the_whole_screen_fits(here: Path) -> None:
    for size in ((80, 24), (60, 16)):
        play = conversation()
        async with play.app().run_test(size=size) as pilot:
            screen = await opened(pilot, play)
            for name in ("#export-format", "#export-level", "#export-place", "#export-said"):
                region = screen.query_one(name).region
                assert region.height >= 1 and region.bottom <= size[1], (name, size)
            assert screen.query_one(OptionList).region.height >= 2
