"""The whole screen, as pictures that are compared to the last that somebody has looked at."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.rehearsal import Rehearsal, conversation
from tests.test_app import drained
from tui.core.playback import Playback
from tui.options import Options
from tui.widgets.message_list import TAIL_DELAY_S


async def settle(pilot: Pilot[None]) -> None:
    """Wait for the list, and for the inspector, which follows it after a while."""
    await drained(pilot)
    await pilot.pause(2 * TAIL_DELAY_S)


SIZES = ((80, 24), (120, 40), (200, 50))


@pytest.mark.parametrize("theme", ["phosphor", "paper"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_conversation(snap_compare: Any, size: tuple[int, int], theme: str) -> None:
    play = conversation()

    assert snap_compare(play.app(Options(theme=theme)), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("key", ["f3", "f4"])
def test_narrow_panes(snap_compare: Any, key: str) -> None:
    play = conversation()

    async def choose(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)

    assert snap_compare(play.app(), terminal_size=(80, 24), run_before=choose)


def test_refused(snap_compare: Any) -> None:
    play = Rehearsal()
    play.event(
        "connection.opening",
        model="gemini-3.8-live",
        modality="TEXT",
        origin="gemini",
        host="generativelanguage.googleapis.com",
        carry="new",
    )
    play.send(setup={"model": "models/gemini-3.8-live"})
    play.event(
        "connection.closed",
        code=1007,
        reason="not supported",
        by="server",
        message="The server closed the connection (1007): not supported. Last sent: setup.",
    )
    play.engine.playback = Playback(problem="Sound is off: no sound device was found.")

    assert snap_compare(play.app(), terminal_size=(120, 40), run_before=settle)


def test_help(snap_compare: Any) -> None:
    play = Rehearsal()

    async def ask(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press("f1")
        await pilot.pause(0.3)

    assert snap_compare(play.app(), terminal_size=(120, 40), run_before=ask)


def test_tiny(snap_compare: Any) -> None:
    assert snap_compare(Rehearsal().app(), terminal_size=(50, 12))
