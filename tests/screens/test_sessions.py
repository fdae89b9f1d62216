"""The sessions browser over a real folder."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.core.test_broken_recordings import Written
from tests.importers.recordings import DONE, SAID, START_S, elements, entry, har, lines
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.screens.question import Question
from tui.screens.recorded import Recorded
from tui.screens.sessions import Sessions
from tui.widgets.session_list import SessionList

CLOSED = {"code": 1011, "reason": "Deadline\x1b]52;c;x\x07 expired.", "by": "server"}


def record(
    folder: Path, name: str, started_s: float, model: str, turns: int, **closed: object
) -> Path:
    """A recording of ours that was written a while ago."""
    header = {"v": 1, "type": "header", "model": model, "clock": {"time": started_s, "mono": 0}}
    row = {"v": 1, "seq": 1, "time": started_s, "mono": 65.0}
    turn = (
        {**row, "type": "receive", "opcode": 1, "size": 2, "text": json.dumps(message)}
        for message in (SAID, DONE)
    )
    end = {**row, "type": "event", "name": "connection.closed", "detail": closed}
    path = folder / name
    path.write_bytes(lines(header, *[*turn] * turns, *[end] * bool(closed)))
    os.utime(path, (started_s, started_s))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "recordings"
    folder.mkdir(parents=True)
    record(folder, "a.jsonl", START_S, "gemini-3.8-live", 3, code=1000, by="client")
    record(folder, "b [bold]x[-].jsonl", START_S + 90_000, "gemini-2.0-flash-exp", 1, **CLOSED)
    record(folder, "c.jsonl", START_S - 90_000, "gemini-3.8-live", 2)
    (folder / "d.har").write_bytes(har(entry(elements(START_S - 9e6))))
    (folder / "notes.txt").write_text("no recording")
    (folder / "below").mkdir()
    return folder


@asynccontextmanager
async def browsing(
    folder: Path, size: tuple[int, int] = (120, 40), *, studied: bool = True
) -> AsyncIterator[tuple[Pilot[None], Sessions]]:
    reader = Reader(open_recording(folder / "a.jsonl"))
    try:
        async with Desk(reader).run_test(size=size) as pilot:
            await pilot.press("o")
            await until(pilot, lambda: isinstance(pilot.app.screen, Sessions))
            screen = pilot.app.screen
            assert isinstance(screen, Sessions)
            await until(pilot, lambda: bool(names(screen)))
            if studied:
                await until(pilot, lambda: "being read" not in head(screen))
            yield pilot, screen
    finally:
        reader.stop()


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(600):
        await pilot.pause(0.05)
        if true():
            return
    raise AssertionError("It did not come about.")


def rows(screen: Sessions) -> list[str]:
    shown = screen.query_one(SessionList)
    return [shown.render_line(y).text.rstrip() for y in range(shown.line_count)]


def names(screen: Sessions) -> list[str]:
    return [listing.path.name for listing in screen.query_one(SessionList)._listings]


def head(screen: Sessions) -> str:
    return str(screen.query_one("#sessions-head", Static).render())


def detail(screen: Sessions) -> str:
    return str(screen.query_one("#sessions-detail", Static).render())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_a_line_says_what_a_recording_is(folder: Path, size: tuple[int, int]) -> None:
    async with browsing(folder, size) as (_, screen):
        newest = rows(screen)[0]
        for said in ("gemini-2.0-fl", "1:05", " 1 1011 server", "B"):
            assert said in newest
        assert [row.split().count("cut") for row in rows(screen)] == [0, 0, 1, 0]
        assert head(screen).startswith("4 recordings in ")
        assert "Deadline␛]52" in detail(screen)
        assert not any(row.endswith("…") for row in rows(screen))


async def test_they_are_sorted_and_found(folder: Path) -> None:
    async with browsing(folder) as (pilot, screen):
        assert names(screen) == ["b [bold]x[-].jsonl", "a.jsonl", "c.jsonl", "d.har"]
        await pilot.press("s", "s", "s")  # model, length, turns
        assert names(screen)[0] == "a.jsonl"
        await pilot.press("S")
        assert names(screen)[-1] == "a.jsonl"
        await pilot.press("slash", *"3.8 cut")
        assert names(screen) == ["c.jsonl"]
        assert head(screen).startswith("1 of 4")
        await pilot.press("enter")
        assert names(screen) == ["c.jsonl"]
        await pilot.press("escape")
        assert len(names(screen)) == 4


async def test_one_is_opened_and_left_again(folder: Path) -> None:
    async with browsing(folder) as (pilot, _):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Recorded))
        assert pilot.app.screen.path.name == "b [bold]x[-].jsonl"  # type: ignore[attr-defined]
        await pilot.press("backspace")
        assert pilot.app.screen.path.name == "a.jsonl"  # type: ignore[attr-defined]


async def test_nothing_is_deleted_without_a_yes(folder: Path) -> None:
    async with browsing(folder) as (pilot, screen):
        for no in ("n", "enter", "escape"):
            await pilot.press("D")
            assert isinstance(pilot.app.screen, Question)
            await pilot.press(no)
            assert (folder / "b [bold]x[-].jsonl").exists()
        await pilot.press("D", "y")
        await until(pilot, lambda: len(names(screen)) == 3)
        assert not (folder / "b [bold]x[-].jsonl").exists()
        assert (folder / "notes.txt").exists()


async def test_a_link_is_deleted_and_not_what_it_points_to(folder: Path, tmp_path: Path) -> None:
    real = (folder / "c.jsonl").rename(tmp_path / "real.jsonl")
    (folder / "c.jsonl").symlink_to(real)
    async with browsing(folder) as (pilot, screen):
        await pilot.press("end", "up", "D", "y")
        await until(pilot, lambda: len(names(screen)) == 3)
        assert real.exists()
        assert not (folder / "c.jsonl").is_symlink()


async def test_a_name_is_changed_but_to_no_harm(folder: Path) -> None:
    async with browsing(folder) as (pilot, screen):
        field = screen.query_one(Input)
        for bad in ("a.jsonl", "../x.jsonl", ".x.jsonl", "x/y.jsonl", "x" * 300, "\u202ex"):
            await pilot.press("r")
            field.value = bad
            await pilot.press("enter")
            assert (folder / "b [bold]x[-].jsonl").exists()
        await pilot.press("r")
        field.value = "the bad one"
        await pilot.press("enter")
        await until(pilot, lambda: "the bad one.jsonl" in names(screen))
        assert not (folder / "b [bold]x[-].jsonl").exists()


async def test_two_are_compared(folder: Path) -> None:
    async with browsing(folder) as (pilot, screen):
        pairs: list[tuple[Path, Path]] = []
        screen.post_message = _catching(screen.post_message, pairs)  # type: ignore[method-assign]
        await pilot.press("c")
        assert not pairs
        await pilot.press("space", "down", "c")
        assert [(one.name, other.name) for one, other in pairs] == [
            ("b [bold]x[-].jsonl", "a.jsonl")
        ]


def _catching(post: Callable[..., bool], pairs: list[tuple[Path, Path]]) -> Callable[..., bool]:
    def caught(message: object) -> bool:
        if isinstance(message, Sessions.Compared):
            pairs.append((message.one, message.other))
        return post(message)

    return caught


async def test_one_that_is_being_written_is_marked_and_left_alone(folder: Path) -> None:
    written = Written(folder / "now.jsonl")
    written.frames(2)
    async with browsing(folder, studied=False) as (pilot, screen):
        at = names(screen).index("now.jsonl")
        screen.query_one(SessionList).move_cursor(at)
        assert " live " in rows(screen)[at]
        await pilot.press("D")
        assert pilot.app.screen is screen
        await pilot.press("r")
        assert not screen.query_one(Input).display
    written.storage.close()
