"""Half an hour with a farewell every two minutes, compressed: nothing is lost, nothing grows."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.conftest import Talk
from tui.core import renewal
from tui.live.link import Link

ROUNDS = 15
SETTLED = 4
"""After so many rounds all that is made once is made."""
FILES = Path("/proc/self/fd")
FAREWELL = ("--fault", "goaway:turn=1,left=50")
"""Behind the first piece of each connection's first answer."""


def footprint(heard: Talk) -> dict[str, int]:
    """What must not grow with the number of connections."""

    async def tasks() -> int:
        return len(asyncio.all_tasks())

    loop = heard.engine._orders.loop
    gc.collect()
    return {
        "tasks": asyncio.run_coroutine_threadsafe(tasks(), loop).result(10),
        "threads": threading.active_count(),
        "files": sum(1 for _ in FILES.iterdir()) if FILES.exists() else 0,
        "links": sum(isinstance(each, Link) for each in gc.get_objects()),
    }


def test_half_an_hour_of_farewells_loses_nothing_and_leaks_nothing(
    talk: Callable[..., Talk], quiet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "YOUNG_S", 0.0)
    heard = talk(
        emulator=True, model="gemini-3.8-live", mic=quiet, stays=True, emulator_flags=FAREWELL
    )
    heard.connect()
    prints = []
    for number in range(1, ROUNDS + 1):
        answer = heard.hear(f"What is {number} * 7?")
        assert answer == f"That is {number * 7}."
        heard.engine.interrupt()  # it need not be played to its end
        heard.until(lambda session: session.connections > session.turns[-1].number)
        heard.until(lambda session: session.connected)
        if number in (SETTLED, ROUNDS):
            prints.append(footprint(heard))
    session = heard.session
    assert [turn.answer for turn in session.turns] == [f"That is {n * 7}." for n in range(1, 16)]
    assert not any(turn.cut for turn in session.turns)
    assert [each.carry for each in session.opened] == ["new", *["handle"] * ROUNDS]
    assert {(each.code, each.by) for each in session.opened[:-1]} == {(1000, "client")}
    assert all(each.gap_s is not None for each in session.opened[1:])
    before, after = prints
    assert all(after[each] <= before[each] for each in before), (before, after)
    assert after["links"] <= 2
