"""Filter and find in the workbench, live and on recordings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tests.core.test_broken_recordings import Written
from tests.rehearsal import Rehearsal, conversation
from tests.screens.test_recorded import until
from tests.test_app import drained
from tui import saved_filters
from tui.core.query import parse
from tui.core.search import Search
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.screens.help import Help
from tui.screens.language import Language
from tui.screens.workbench import Workbench
from tui.widgets.composer import Composer
from tui.widgets.filter_bar import FilterBar
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList


def messages(pilot: Pilot[None]) -> MessageList:
    return pilot.app.screen.query_one(MessageList)


def bar(pilot: Pilot[None]) -> FilterBar:
    return pilot.app.screen.query_one(FilterBar)


def shown(pilot: Pilot[None]) -> list[int]:
    """The records that the list shows."""
    rows = messages(pilot).rows
    return [record for row in range(len(rows)) for record in rows.frames(row)]


def matching(pilot: Pilot[None], query: str) -> list[int]:
    return list(Search(messages(pilot).rows.log, parse(query)).run().hits)


async def enter(pilot: Pilot[None], query: str, key: str = "slash") -> None:
    """Paste a query into the bar, and wait until it is searched."""
    await pilot.press(key)
    pilot.app.post_message(Paste(query))
    await pilot.press("enter")
    rows = messages(pilot).rows
    if key == "slash":
        await until(pilot, lambda: not rows.matches or rows.matches.upto == len(rows.log))
    await pilot.pause(0.1)


@asynccontextmanager
async def live(play: Rehearsal, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    async with play.app().run_test(size=size) as pilot:
        await drained(pilot)
        await pilot.press("f3")
        yield pilot


@asynccontextmanager
async def recorded(folder: Path, frames: int = 300) -> AsyncIterator[tuple[Pilot[None], Written]]:
    written = Written(folder / "a.jsonl")
    written.frames(frames)
    reader = Reader(open_recording(written.path))
    async with Desk(reader).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: len(messages(pilot).rows.log) == frames)
        yield pilot, written
    reader.stop()
    written.storage.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_enter_hides_what_does_not_match_and_escape_shows_it_again(
    size: tuple[int, int],
) -> None:
    play = conversation()
    play.engine.playback = type(play.engine.playback)(device="default")
    async with live(play, size) as pilot:
        total = len(messages(pilot).rows.log)
        await enter(pilot, "kind:audio -dir:send")
        assert shown(pilot) == matching(pilot, "kind:audio -dir:send") != []
        assert messages(pilot).has_focus
        assert f"/{total}" in (messages(pilot).border_subtitle or "")
        assert bar(pilot).region.height == 1
        play.complete()
        await drained(pilot)
        await pilot.press("escape")
        assert sorted(shown(pilot)) == list(range(len(messages(pilot).rows.log)))
        assert not bar(pilot).display


async def test_escape_interrupts_while_the_model_speaks_and_a_filter_stays() -> None:
    play = conversation()
    async with live(play) as pilot:
        await enter(pilot, "kind:audio")
        await pilot.press("escape")
        assert play.engine.commands[-1] == ("interrupt",)
        assert messages(pilot).rows.matches is not None


async def test_escape_in_the_line_leaves_it_and_does_not_interrupt() -> None:
    play = conversation()
    async with live(play) as pilot:
        await pilot.press("slash", "x", "escape")
        await pilot.pause()
        assert ("interrupt",) not in play.engine.commands
        assert messages(pilot).has_focus
        assert not bar(pilot).display
        await pilot.press("i", "escape")
        assert play.engine.commands[-1] == ("interrupt",)


async def test_a_filter_goes_on_with_what_comes() -> None:
    play = conversation()
    async with live(play) as pilot:
        await enter(pilot, "albatross")
        assert shown(pilot) == []
        play.speak("the albatross flies")
        await drained(pilot)
        await until(pilot, lambda: len(shown(pilot)) == 1)
        assert shown(pilot) == matching(pilot, "albatross")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_mistake_is_pointed_at_below_the_line(size: tuple[int, int]) -> None:
    async with live(conversation(), size) as pilot:
        await pilot.press("slash", *"size>lots")
        await pilot.pause(0.1)
        hint = bar(pilot).query_one("#filter-hint")
        assert hint.region.height >= 1
        assert bar(pilot).region.bottom == hint.region.bottom
        await pilot.press("f3")
        await pilot.pause(0.1)
        assert bar(pilot).region.height == 1


async def test_the_first_key_after_the_slash_is_the_query_s() -> None:
    async with live(conversation()) as pilot:
        for key in ("slash", "k", "n"):
            pilot.app.simulate_key(key)
        await pilot.pause(0.1)
        assert bar(pilot).query_text == "kn"


async def test_letters_typed_in_the_line_are_no_commands() -> None:
    play = conversation()
    async with live(play) as pilot:
        before = list(play.engine.commands)
        await pilot.press("slash", *"qmcdvVpr z?n", "space", "1")
        assert bar(pilot).query_text == "qmcdvVpr z?n 1"
        assert play.engine.commands == before


async def test_find_marks_and_jumps_and_hides_nothing(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (pilot, _):
        await enter(pilot, "seq:50|100|150", "backslash")
        await until(pilot, lambda: messages(pilot).record_row == 49)
        assert len(shown(pilot)) == 300
        await pilot.press("n")
        assert messages(pilot).record_row == 99
        await pilot.press("n", "n")
        assert messages(pilot).record_row == 149
        await pilot.press("N")
        assert messages(pilot).record_row == 99
        await pilot.press("escape", "n")
        assert messages(pilot).record_row == 99


async def test_a_recording_that_grows_is_searched_on(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (pilot, written):
        await enter(pilot, "seq>290")
        assert len(shown(pilot)) == 10
        written.frames(5)
        await until(pilot, lambda: len(shown(pilot)) == 15)


async def test_a_new_query_takes_the_place_of_the_one_that_is_searched(tmp_path: Path) -> None:
    async with recorded(tmp_path, 5000) as (pilot, _):
        await pilot.press("slash", *"-nothing", "enter", "slash", *"seq:7", "enter")
        await until(pilot, lambda: shown(pilot) == [6])
        await pilot.press("slash", "delete", "enter")
        await until(pilot, lambda: len(shown(pilot)) == 5000)


async def test_a_kind_and_a_value_make_a_filter() -> None:
    play = conversation()
    async with live(play) as pilot:
        await enter(pilot, "kind:clientContent")
        await pilot.press("escape", "home")
        messages(pilot).go_to(1)
        await pilot.press("asterisk")
        await pilot.pause(0.2)
        assert bar(pilot).query_text == "kind=setup"
        assert shown(pilot) == [1]
        inspector = pilot.app.screen.query_one(Inspector)
        await until(pilot, lambda: inspector.record is not None and inspector.record.seq == 2)
        await pilot.press("f4")
        while inspector.copy_path() != "setup.model":
            await pilot.press("down")
        await pilot.press("asterisk")
        await pilot.pause(0.2)
        assert bar(pilot).query_text == "path:setup.model=models/gemini-2.0-flash-exp"
        assert shown(pilot) == [1]


async def test_a_query_is_saved_and_used_by_its_name(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (pilot, _):
        await pilot.press("slash", *"seq<4", "ctrl+s", *"first", "enter")
        await pilot.pause()
        assert saved_filters.load().queries == {"first": "seq<4"}
        await pilot.press("escape")
        await enter(pilot, "@first -seq:2")
        assert shown(pilot) == [0, 2]


async def test_what_lint_finds_later_comes_into_the_filter() -> None:
    play = conversation()
    async with live(play) as pilot:
        await enter(pilot, "finding:tool-response-unknown")
        assert shown(pilot) == []
        response = {"id": "nobody", "name": "f", "response": {}}
        play.send(toolResponse={"functionResponses": [response]})
        await drained(pilot)
        await until(pilot, lambda: len(shown(pilot)) == 1)
        assert messages(pilot).rows.log.kinds(shown(pilot)[0]) == ("toolResponse",)


async def test_a_bad_file_of_filters_is_said_and_filtering_works(tmp_path: Path) -> None:
    path = saved_filters.place(os.environ)
    path.parent.mkdir(parents=True)
    path.write_text("filters = [")
    async with recorded(tmp_path) as (pilot, _):
        await enter(pilot, "seq<4")
        assert any("no TOML" in note.message for note in pilot.app._notifications)
        assert len(shown(pilot)) == 3


async def test_the_language_is_explained_from_the_line_and_from_the_help(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (pilot, _):
        await pilot.press("slash", "x", "f1")
        assert isinstance(pilot.app.screen, Language)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Workbench)
        assert bar(pilot).query_text == "x"
        await pilot.press("escape", "f1", "slash")
        assert isinstance(pilot.app.screen, Language)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Help)


async def test_a_pattern_that_takes_too_long_ends_the_search_with_a_sentence() -> None:
    play = conversation()
    for _ in range(30):
        play.receive(serverContent={"modelTurn": {"parts": [{"text": "a" * 4000 + "!"}]}})
    async with live(play) as pilot:
        await pilot.press("slash", *"re:/(?:a|aa)+b/", "enter")
        await until(
            pilot, lambda: any("too long" in note.message for note in pilot.app._notifications)
        )
        await until(pilot, lambda: messages(pilot).rows.matches is None)


async def test_the_composer_keeps_its_slash() -> None:
    play = conversation()
    async with live(play) as pilot:
        await pilot.press("i", "slash", "n", "asterisk")
        assert pilot.app.screen.query_one(Composer).text == "/n*"
        assert not bar(pilot).display
