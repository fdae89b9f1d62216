"""Recordings that are broken, grow or shrink."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.core import recording as module
from tui.core.frame import Direction, Event, Frame
from tui.core.glance import Glancer
from tui.core.journal import FileStorage, Journal, JournalError
from tui.core.log import CHECKPOINT_ROWS, SessionLog
from tui.core.recording import UNREADABLE, Recording
from tui.core.secrets import Mask
from tui.core.session import Session


class Written:
    """A recording that is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.storage = FileStorage(path)
        clock = {"time": 1000.0, "mono": 0}
        self.journal = Journal(self.storage, {"tool": "x", "clock": clock}, Mask())
        self.count = 0

    def frames(self, count: int) -> None:
        for _ in range(count):
            self.count += 1
            text = f'{{"serverContent":{{"outputTranscription":{{"text":"{self.count} "}}}}}}'
            self.journal.frame(
                Direction.RECEIVE, 1, text.encode(), time_s=1000 + self.count, mono_s=self.count
            )

    def raw(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    written = Written(tmp_path / "a.jsonl")
    yield written
    written.storage.close()


def test_a_growing_file_is_followed(written: Written) -> None:
    recording = Recording(written.path)
    assert not list(recording.records())
    written.frames(3)
    assert [record.seq for record, _ in recording.records()] == [1, 2, 3]
    assert not list(recording.records())
    written.frames(2)
    assert [record.seq for record, _ in recording.records()] == [4, 5]
    recording.close()


def test_a_line_that_is_half_written_is_waited_for(written: Written) -> None:
    written.frames(1)
    whole = written.path.read_bytes().splitlines(keepends=True)[1]
    recording = Recording(written.path)
    list(recording.records())
    written.raw(whole[:30])
    assert not list(recording.records())
    assert recording.torn
    written.raw(whole[30:])
    assert [record.seq for record, _ in recording.records()] == [1]
    assert not recording.torn
    recording.close()


def test_a_whole_last_line_needs_no_line_feed(written: Written) -> None:
    written.frames(2)
    written.path.write_bytes(written.path.read_bytes().rstrip())
    recording = Recording(written.path)
    assert len(list(recording.records())) == 2
    assert not recording.torn
    written.raw(b"\n")
    assert not list(recording.records())
    recording.close()


@pytest.mark.parametrize(
    "line", [b"\xff\x00\x1b[2J", b"{}", b'{"type":"send","seq":1}', b"[" * 9000]
)
def test_a_line_that_is_no_record_is_a_row_that_says_so(written: Written, line: bytes) -> None:
    written.frames(1)
    written.raw(line + b"\n")
    written.frames(1)
    log = SessionLog.open(written.path)
    assert len(log) == 3
    assert log.kinds(1) == (UNREADABLE,)
    event = log.record(1)
    assert isinstance(event, Event)
    assert "no journal record" in event.detail["reason"]
    assert event.detail["line"] == line[: module.SHOWN_BYTES].decode("utf-8", "replace")
    assert (event.mono_s, event.time_s) == (1.0, 1001.0)
    log.close()


def test_of_a_line_that_is_too_long_only_the_beginning_is_read(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE_BYTES", 5 << 20)
    written.frames(1)
    written.raw(b"x" * (9 << 20) + b"\n")
    written.frames(1)
    log = SessionLog.open(written.path)
    assert [log.kinds(row)[0] == UNREADABLE for row in range(3)] == [False, True, False]
    event = log.record(1)
    assert isinstance(event, Event)
    assert len(event.detail["line"]) == module.SHOWN_BYTES
    assert log.session.turns[0].answer == "1 2 "
    log.close()


def test_a_file_that_shrinks_says_so(written: Written) -> None:
    written.frames(3)
    log = SessionLog.open(written.path)
    written.path.write_bytes(written.path.read_bytes()[:-20])
    assert isinstance(log.record(1), Frame)
    with pytest.raises(JournalError, match="shrunk"):
        log.record(2)
    log.close()


def test_the_state_at_any_row_is_that_of_a_session_up_to_there(written: Written) -> None:
    count = CHECKPOINT_ROWS * 2 + 10
    written.frames(count)
    log = SessionLog.open(written.path)
    session = Session()
    wanted = {0, 1, CHECKPOINT_ROWS - 2, CHECKPOINT_ROWS - 1, CHECKPOINT_ROWS, count - 1}
    for row in range(count):
        session.apply(log.record(row))
        if row in wanted:
            assert log.state_at(row) == session, row
    assert log.state_at(count - 1) == log.session
    log.close()


def test_a_state_is_the_callers_own(written: Written) -> None:
    written.frames(CHECKPOINT_ROWS)
    log = SessionLog.open(written.path)
    log.state_at(CHECKPOINT_ROWS - 1).turns[0].pieces.clear()
    assert log.state_at(CHECKPOINT_ROWS - 1).turns[0].answer == log.session.turns[0].answer != ""
    log.close()


def test_glances_and_whole_lines_make_the_same_session(written: Written) -> None:
    written.frames(20)
    quick, whole = Recording(written.path, Glancer()), Recording(written.path)
    assert list(quick.records()) == list(whole.records())
    quick.close()
    whole.close()
