"""A recording in the workbench: read while it is shown, followed while it grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from tests.core.test_broken_recordings import Written
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.strip import NoticeBar
from tui.widgets.transcript import Transcript


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError("It did not come about.")


async def test_it_is_shown_from_its_beginning_and_followed(tmp_path: Path) -> None:
    written = Written(tmp_path / "a.jsonl")
    written.frames(3000)
    reader = Reader(open_recording(written.path))
    async with Desk(reader).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        messages = screen.query_one(MessageList)
        await until(pilot, lambda: len(messages.rows.log) == 3000)
        assert messages.record_row == 0
        assert not messages.following
        await until(pilot, lambda: screen.query_one(Inspector).record is not None)
        transcript = screen.query_one(Transcript)

        def told(word: str) -> bool:
            rows = range(transcript.size.height)
            return any(word in transcript.render_line(y).text for y in rows)

        await until(pilot, lambda: told(" 3000"))
        written.frames(2)
        await until(pilot, lambda: told(" 3002"))
        assert messages.record_row == 0
        assert len(messages.rows.log) == 3002
    reader.stop()
    written.storage.close()


async def test_what_is_wrong_with_the_file_is_said(tmp_path: Path) -> None:
    written = Written(tmp_path / "a.jsonl")
    written.frames(1)
    written.raw(b'{"v":1,"seq":9')
    reader = Reader(open_recording(written.path))
    async with Desk(reader).run_test(size=(120, 40)) as pilot:
        notice = pilot.app.screen.query_one(NoticeBar)
        await until(pilot, lambda: "middle of a line" in notice.notice.text)
    reader.stop()
    written.storage.close()
