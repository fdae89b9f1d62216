"""Faults are chosen on a screen, told in a red line, and had of the emulator only."""

from __future__ import annotations

import pytest
from textual.app import SystemCommand
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from tests.rehearsal import Rehearsal
from tests.test_app import drained
from tui.core.fault import kinds
from tui.options import Options
from tui.rig import Rig
from tui.screens.faults import Faults
from tui.screens.live import Live


async def opened(pilot: Pilot[None]) -> Faults:
    await drained(pilot)
    await pilot.press("f3", "x")
    await pilot.pause()
    assert isinstance(pilot.app.screen, Faults)
    return pilot.app.screen


def banner(pilot: Pilot[None]) -> str:
    line = pilot.app.screen.query_one("#fault-banner", Static)
    return str(line.render()) if line.display else ""


async def test_every_fault_is_in_the_list_with_its_keys() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        options = screen.query_one(OptionList)
        for number, kind in enumerate(kinds().values()):
            options.highlighted = number
            await pilot.pause()
            assert screen.query_one(Input).value == kind.example
            keys = str(screen.query_one("#fault-keys", Static).render())
            assert all(each.means in keys for each in kind.parameters)


async def test_many_faults_are_in_view_on_a_small_terminal() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert screen.query_one(OptionList).size.height >= 10
        assert screen.query_one(OptionList).virtual_size.height == len(kinds()), "a line each"


async def test_a_fault_is_brought_about_as_it_was_edited() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("down", "down", "down", "tab")
        screen.query_one(Input).value = "stall:for=300ms,turn=each"
        await pilot.press("enter")
        await pilot.pause()
        assert play.engine.commands[-1] == ("arm", "stall:for=0.3,turn=each")
        assert isinstance(pilot.app.screen, Live)


async def test_what_is_no_fault_stays_to_be_mended() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        screen.query_one(Input).value = "stall:fore=[b]5[/]"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert pilot.app.screen is screen
        told = str(screen.query_one("#fault-keys", Static).render())
        assert told == "stall has no 'fore' (for?); it has for, at, frame, turn, chance."
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Live)
        assert not [command for command in play.engine.commands if command[0] == "arm"]


async def test_a_red_line_tells_how_the_fault_stands() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        assert banner(pilot) == ""
        play.event("fault", fault="stall:for=10", state="armed")
        await drained(pilot)
        assert banner(pilot).startswith("FAULT ARMED: stall:for=10. The server says nothing")
        play.event("fault", fault="stall:for=10", state="happened")
        await drained(pilot)
        assert banner(pilot).startswith("FAULT 0:00 ago: stall:for=10. ")
        play.event("fault", fault="off", state="armed")
        await drained(pilot)
        assert banner(pilot) == ""


async def test_an_armed_fault_ends_with_its_connection_and_an_old_one_is_told_a_while() -> None:
    play = Rehearsal()
    play.connect()
    play.event("fault", fault="drop:turn=3", state="armed")
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        assert "drop:turn=3" in banner(pilot)
        play.connect()
        await drained(pilot)
        assert banner(pilot) == ""
        play.event("fault", fault="drop", state="happened")
        play.connect()
        await drained(pilot)
        assert "FAULT" in banner(pilot)
        play.event("view", after_s=61.0, view="audio")
        await drained(pilot)
        assert banner(pilot) == ""


async def test_what_a_foreign_file_says_of_a_fault_is_shown_as_text() -> None:
    play = Rehearsal()
    play.connect()
    play.event("fault", fault="\x1b[31m[red]zap[/]", state="happened")
    play.event("fault", fault=7, state=None)
    play.event("fault")
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        assert "\x1b" not in banner(pilot)


async def test_the_palette_has_every_fault_where_there_is_an_emulator() -> None:
    play = Rehearsal()
    async with play.app().run_test() as pilot:
        found = {each.title: each for each in pilot.app.get_system_commands(pilot.app.screen)}
        assert {f"Fault: {name}" for name in kinds()} <= {*found}
        command = found["Fault: silent-audio"]
        assert isinstance(command, SystemCommand)
        command.callback()
        assert play.engine.commands[-1] == ("arm", "silent-audio")


async def test_the_real_service_cannot_be_asked_to_fail() -> None:
    play = Rehearsal()
    play.no_faults = "Not here."
    play.connect()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "x")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Live)
        assert [each.message for each in pilot.app._notifications] == ["Not here."]
        titles = [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]
        assert not [title for title in titles if title.startswith("Fault:")]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("AIzaSyD3-bNx_0Qk7Wf2uTjLmR5pVhGc8sEaZ4t", "Faults come about only in the local emulator"),
        ("", "The emulator is not there yet."),
    ],
)
def test_a_rig_says_why_there_are_no_faults(
    monkeypatch: pytest.MonkeyPatch, key: str, why: str
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", key)
    rig = Rig(Options(recorded=False), lambda: pytest.fail("it is never started"))
    assert rig.no_faults.startswith(why)
    rig.arm("drop")
    rig.engine._orders.loop.close()
