from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.frame import Direction, Event, Frame
from tui.core.journal import FileStorage, Journal, JournalError, MemoryStorage
from tui.core.log import SessionLog
from tui.core.recording import Recording, read_line
from tui.core.secrets import Mask

KEY = "AIzaSyD" + "x" * 32
HEADER = {"tool": "bidiscope 0", "model": "gemini-3.8-live"}


def journal_at(path: Path) -> tuple[Journal, FileStorage]:
    storage = FileStorage(path)
    return Journal(storage, HEADER, Mask([KEY])), storage


@given(payloads=st.lists(st.binary(max_size=300), max_size=12))
@settings(max_examples=60)
def test_every_payload_is_read_back_to_the_byte(payloads: list[bytes]) -> None:
    storage = MemoryStorage()
    journal = Journal(storage, HEADER, Mask())
    for payload in payloads:
        frame, place = journal.frame(Direction.RECEIVE, 2, payload, time_s=1.5, mono_s=0.25)
        assert read_line(storage.read(place.offset, place.length)) == frame
        assert frame.payload == payload or frame.masked


def test_a_message_line_is_a_superset_of_chromes_har_entry(tmp_path: Path) -> None:
    journal, storage = journal_at(tmp_path / "a.jsonl")
    journal.frame(Direction.SEND, 1, b'{"setup":{}}', time_s=1795363809.5, mono_s=0.5)
    journal.frame(Direction.RECEIVE, 2, b"\xff\x00", time_s=1795363810.5, mono_s=1.5)
    storage.close()
    header, text, data = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert header == {"v": 1, "type": "header", **HEADER}
    assert text == {
        "v": 1,
        "seq": 1,
        "type": "send",
        "time": 1795363809.5,
        "mono": 0.5,
        "opcode": 1,
        "size": 12,
        "text": '{"setup":{}}',
    }
    assert data["encoding"] == "base64"
    assert base64.b64decode(data["data"]) == b"\xff\x00"


def test_only_the_owner_may_read_a_recording(tmp_path: Path) -> None:
    _, storage = journal_at(tmp_path / "new" / "a.jsonl")
    storage.close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "a.jsonl").stat().st_mode) == 0o600


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("precious")
    with pytest.raises(JournalError, match=r"a\.jsonl.*--record DIR"):
        FileStorage(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == "precious"


def test_a_torn_last_line_is_passed_over_and_counted(tmp_path: Path) -> None:
    journal, storage = journal_at(tmp_path / "a.jsonl")
    journal.event("error", {"message": "one"}, time_s=1, mono_s=1)
    journal.event("error", {"message": "two"}, time_s=2, mono_s=2)
    storage.close()
    whole = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(whole[:-9])
    recording = Recording(tmp_path / "a.jsonl")
    events = [record for record, _ in recording.records()]
    recording.close()
    assert [event.detail["message"] for event in events if isinstance(event, Event)] == ["one"]
    assert recording.torn


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"[1]", b"\xff\xfe", b'{"type":"send"}'])
def test_a_file_that_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.txt").write_bytes(content)
    with pytest.raises(JournalError, match=r"other\.txt is not a bidiscope recording"):
        Recording(tmp_path / "other.txt")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(JournalError, match="Cannot open nowhere: No such file"):
        Recording(Path("nowhere"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"type":"send"}',
        b'{"type":"sideways","seq":1,"mono":1,"time":1,"opcode":1,"text":""}',
        b'{"type":"send","seq":"x","mono":1,"time":1,"opcode":1,"text":""}',
        b'{"type":"receive","seq":1,"mono":1,"time":1,"opcode":1,"data":"?"}',
        b'{"type":"event","seq":1,"mono":1,"time":1,"name":"x","detail":7}',
    ],
)
def test_a_line_that_is_no_record_says_so(line: bytes) -> None:
    with pytest.raises(JournalError):
        read_line(line)


def test_credentials_never_reach_the_file(tmp_path: Path) -> None:
    journal, storage = journal_at(tmp_path / "a.jsonl")
    spelled = "".join(f"\\u{ord(c):04x}" for c in KEY)
    for payload in (KEY, spelled, f"?key={KEY}", f'{{"x-goog-api-key":"{KEY}"}}'):
        frame, _ = journal.frame(Direction.SEND, 1, payload.encode(), time_s=0, mono_s=0)
        assert frame.masked
    journal.event("connection.opening", {"url": f"wss://h/?key={KEY}"}, time_s=0, mono_s=0)
    storage.close()
    written = (tmp_path / "a.jsonl").read_bytes()
    assert KEY.encode() not in written
    assert KEY[4:-4].encode() not in written
    assert written.count(b'"masked":true') == 4
    assert b"AIza***xxxx" in written


def test_a_full_disk_stops_the_recording_and_not_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, storage = journal_at(tmp_path / "a.jsonl")
    before, place_before = journal.frame(Direction.SEND, 1, b"kept", time_s=0, mono_s=0)

    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        after, place_after = journal.frame(Direction.SEND, 1, b"in memory", time_s=0, mono_s=0)
    assert "No space left on device" in storage.problem
    assert read_line(storage.read(place_before.offset, place_before.length)) == before
    assert read_line(storage.read(place_after.offset, place_after.length)) == after
    storage.close()


def test_a_log_reads_any_record_again(tmp_path: Path) -> None:
    journal, storage = journal_at(tmp_path / "a.jsonl")
    frame, _ = journal.frame(Direction.RECEIVE, 2, b'{"setupComplete":{}}', time_s=1, mono_s=1)
    event, _ = journal.event("error", {"message": "x"}, time_s=2, mono_s=2)
    storage.close()
    log = SessionLog.open(tmp_path / "a.jsonl")
    assert [log.record(row) for row in range(len(log))] == [frame, event]
    assert log.kinds(0) == ("setupComplete",)
    assert log.kinds(1) == ("error",)
    assert isinstance(log.record(0), Frame)
    log.close()
