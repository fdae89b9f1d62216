"""Findings in the workbench: of a recording while it grows, of a live session as they arise."""

from __future__ import annotations

from pathlib import Path

from tests.core.lint.wire import called, closed, content, logged, mic, opened, responded
from tests.rehearsal import Rehearsal
from tests.screens.test_recorded import until
from tui.core.journal import FileStorage
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.widgets.findings import FindingsPane
from tui.widgets.message_list import MessageList
from tui.widgets.strip import StatusStrip

WRONG = [*opened(), content(1, novelty=1), called(2), responded(3, id="c7")]
END = closed(9, 1011, "Internal error encountered.", "server")


async def test_a_recording_is_looked_at_and_the_evidence_gone_to(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "a.jsonl")
    logged(WRONG, storage)
    reader = Reader(open_recording(storage.path))
    reader.start()
    async with Desk(reader).run_test(size=(140, 50)) as pilot:
        screen = pilot.app.screen
        pane, messages = screen.query_one(FindingsPane), screen.query_one(MessageList)
        await until(pilot, lambda: "1 error" in str(pane.border_subtitle))
        await until(pilot, lambda: "1 error · 1 note" in strip(screen.query_one(StatusStrip)))
        assert not pane.display
        await pilot.press("w")
        assert pane.display
        assert pilot.app.focused is pane
        assert "never made" in pane.selected_text()
        await pilot.press("enter")
        await until(pilot, lambda: messages.record_row == 5)
        assert "⚑ tool-response-unknown" in messages.selected_text()
        await pilot.press("y")
        await pilot.press("down", "enter")
        await until(pilot, lambda: messages.record_row == 3)
    reader.stop()
    storage.close()


async def test_what_is_wrong_in_a_growing_recording_is_found_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    storage = FileStorage(tmp_path / "whole.jsonl")
    logged([*WRONG, mic(4), END], storage)
    storage.close()
    *lines, last = storage.path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    reader = Reader(open_recording(path))
    reader.start()
    async with Desk(reader).run_test(size=(140, 50)) as pilot:
        pane = pilot.app.screen.query_one(FindingsPane)
        await until(pilot, lambda: "1 error" in str(pane.border_subtitle))
        with path.open("ab") as file:
            file.write(lines[-1] + last)
        await until(pilot, lambda: "2 errors" in str(pane.border_subtitle))
        await pilot.press("w", "home")
        assert "Sent last" in pane.selected_text()
    reader.stop()


def strip(widget: StatusStrip) -> str:
    return widget.render_line(0).text


async def test_a_live_session_is_looked_at_as_it_goes() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(140, 50)) as pilot:
        pane = pilot.app.screen.query_one(FindingsPane)
        await until(pilot, lambda: len(pilot.app.screen.query_one(MessageList).rows) > 1)
        assert str(pane.border_subtitle or "") == ""
        play.send(toolResponse={"functionResponses": [{"id": "c1", "name": "f", "response": {}}]})
        await until(pilot, lambda: "1 error" in str(pane.border_subtitle))
        assert "1 error" in strip(pilot.app.screen.query_one(StatusStrip))
        play.ask("Are you there?")
        play.engine.clock.mono_s += 30
        await until(pilot, lambda: "1 warning" in str(pane.border_subtitle))
        await pilot.press("f2", "w", "end")
        assert "no-answer" in pane.selected_text()
