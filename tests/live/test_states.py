"""A session held with the emulator, travelled through afterwards."""

from __future__ import annotations

from collections.abc import Callable

from tests.live.conftest import Talk
from tests.recorded import timeline_of
from tui.core.log import SessionLog
from tui.core.playhead import at_row
from tui.core.session import Session
from tui.core.time_machine import TimeMachine
from tui.core.timeline import Lane


def test_its_state_at_every_record_is_that_of_a_replay_from_the_start(
    talk: Callable[..., Talk],
) -> None:
    begun = talk(emulator=True, model="gemini-3.8-live")
    begun.connect()
    begun.hear("What is 6*7?")
    begun.hear("My number is 4711.")
    begun.engine.disconnect().result(10)
    assert begun.rig.recording is not None
    log = SessionLog.open(begun.rig.recording)
    timeline, fresh = timeline_of(log), Session()
    assert {Lane.USER, Lane.GENERATION, Lane.CONNECTION} <= set(timeline.lanes)
    machine = TimeMachine(log, timeline, None, lambda: 0.0)
    machine.advance()
    for row in range(len(log)):
        fresh.apply(log.record(row))
        machine.seek(at_row(log, row))
        assert machine.session == fresh
        assert machine.session == log.state_at(row)
    log.close()
