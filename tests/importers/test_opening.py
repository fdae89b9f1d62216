"""Whatever recorded it, a file is opened by what is in it."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from tests.bench import hour
from tests.importers.recordings import (
    CONVERSATION,
    DONE,
    KEY,
    SAID,
    SETUP,
    START_S,
    elements,
    entry,
    har,
    lines,
)
from tui.core.frame import BINARY, TEXT, Direction, Event, Frame
from tui.core.journal import FileStorage, Journal, JournalError
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import gather
from tui.importers.opening import open_log, open_recording

FIXTURES = Path(__file__).parents[1] / "data" / "messages"
PACK: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private folders are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def opened(folder: Path, content: bytes) -> SessionLog:
    path = folder / "no.name"
    path.write_bytes(content)
    return open_log(path)


def journal(path: Path) -> bytes:
    storage = FileStorage(path)
    written = Journal(storage, {"tool": "x", "model": "m"}, Mask())
    for nth, (way, message) in enumerate(CONVERSATION):
        at = {"time_s": START_S + nth, "mono_s": float(nth)}
        written.frame(Direction(way), TEXT, json.dumps(message).encode(), **at)
    storage.close()
    return path.read_bytes()


def frames(log: SessionLog) -> list[Frame]:
    records = (log.record(row) for row in range(len(log)))
    return [record for record in records if isinstance(record, Frame)]


def events(log: SessionLog, name: str) -> list[Event]:
    records = (log.record(row) for row in range(len(log)))
    return [each for each in records if isinstance(each, Event) and each.name == name]


def wrapped(**names: str) -> bytes:
    way, payload, time = (names.get(key, key) for key in ("direction", "payload", "time"))
    return lines(
        *(
            {way: each, payload: message, time: START_S + nth / 2}
            for nth, (each, message) in enumerate(CONVERSATION)
        )
    )


FORMS: dict[str, bytes] = {
    "har": har(entry(elements())),
    "bare lines": lines(*(message for _, message in CONVERSATION)),
    "wrapped lines": wrapped(),
    "HAR's own messages as lines": lines(*elements()),
}


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("form", FORMS)
def test_all_forms_give_the_same_session(
    form: str, packing: str, tmp_path: Path, scratch: Path
) -> None:
    log = opened(tmp_path, PACK[packing](FORMS[form]))
    assert [json.loads(frame.payload) for frame in frames(log)] == [m for _, m in CONVERSATION]
    assert [frame.direction for frame in frames(log)] == [way for way, _ in CONVERSATION]
    session = log.session
    assert session.connections == 1
    assert session.connection is not None and session.connection.model == "gemini-3.8-live"
    assert [turn.answer for turn in session.turns] == ["hello"]
    assert log.header["model"] == "gemini-3.8-live"
    log.close()
    assert not list(scratch.iterdir())


@pytest.mark.parametrize("packing", PACK)
def test_a_recording_of_ours_opens_packed_or_not(packing: str, tmp_path: Path) -> None:
    log = opened(tmp_path, PACK[packing](journal(tmp_path / "own.jsonl")))
    assert len(frames(log)) == 4
    assert not events(log, "imported")
    log.close()


def test_what_is_unpacked_is_for_its_owner_alone(tmp_path: Path, scratch: Path) -> None:
    log = opened(tmp_path, gzip.compress(FORMS["har"]))
    (folder,) = scratch.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    log.close()


def test_no_credential_is_copied(tmp_path: Path, scratch: Path) -> None:
    setup = {"setup": {"model": "m", "labels": {"key": KEY}}}
    messages = [{**elements()[0], "data": json.dumps(setup)}, *elements()[1:]]
    log = opened(tmp_path, har(entry(messages)))
    (folder,) = scratch.iterdir()
    assert KEY.encode() not in b"".join(each.read_bytes() for each in folder.iterdir())
    assert log.session.connection is not None
    assert log.session.connection.host == "generativelanguage.googleapis.com"
    log.close()


def test_times_of_a_har_are_kept(tmp_path: Path) -> None:
    log = opened(tmp_path, FORMS["har"])
    assert [frame.time_s - START_S for frame in frames(log)] == [0.0, 0.5, 1.0, 1.5]
    assert [frame.mono_s for frame in frames(log)] == [0.0, 0.5, 1.0, 1.5]
    assert [frame.opcode for frame in frames(log)] == [TEXT, BINARY, BINARY, BINARY]
    assert log.header["timed"] is True
    log.close()


def test_times_that_are_not_there_are_not_invented(tmp_path: Path) -> None:
    log = opened(tmp_path, FORMS["bare lines"])
    assert log.header["timed"] is False
    assert "no times" in events(log, "imported")[0].detail["note"]
    assert {frame.mono_s for frame in frames(log)} == {0.0}
    log.close()


@pytest.mark.parametrize(
    "time",
    [START_S, START_S * 1e3, START_S * 1e9, "2026-11-22T16:00:00Z", "2026-11-22T17:00:00+01:00"],
)
def test_times_come_in_any_unit(time: Any, tmp_path: Path) -> None:
    log = opened(tmp_path, lines({"direction": "client", "message": SETUP, "timestamp": time}))
    assert frames(log)[0].time_s == pytest.approx(START_S)
    log.close()


@pytest.mark.parametrize("key", ["message", "payload", "data", "text"])
@pytest.mark.parametrize(
    ("sent", "received"), [("client", "server"), ("send", "recv"), ("send", "receive")]
)
def test_wrappers_have_many_names(key: str, sent: str, received: str, tmp_path: Path) -> None:
    rows = [{"direction": sent, key: SETUP}, {"direction": received, key: json.dumps(SAID)}]
    log = opened(tmp_path, lines(*rows))
    assert [json.loads(frame.payload) for frame in frames(log)] == [SETUP, SAID]
    log.close()


def test_a_direction_that_is_missing_is_read_from_the_message(tmp_path: Path) -> None:
    log = opened(tmp_path, lines({"message": SETUP}, {"message": {"server_content": {}}}))
    assert [frame.direction for frame in frames(log)] == ["send", "receive"]
    log.close()


def test_a_bare_line_is_the_message_to_the_byte(tmp_path: Path) -> None:
    line = b'{"serverContent" : {"turnComplete":true},"x":1e0}'
    log = opened(tmp_path, line + b"\n")
    assert frames(log)[0].payload == line
    log.close()


def test_the_end_of_one_of_ours_without_its_header_opens(tmp_path: Path) -> None:
    own = journal(tmp_path / "own.jsonl").splitlines(keepends=True)
    log = opened(tmp_path, b"".join(own[1:]))
    assert [json.loads(frame.payload) for frame in frames(log)] == [m for _, m in CONVERSATION]
    log.close()


def test_live_sessions_of_a_har_follow_each_other_and_others_are_left_out(tmp_path: Path) -> None:
    chat = entry([{"type": "send", "time": 1, "opcode": 1, "data": "hi"}], "wss://chat.example")
    unnamed = entry(elements(START_S + 60), "wss://relay.example/socket")
    log = opened(tmp_path, har(chat, entry(elements()), {"request": {"url": "x"}}, unnamed))
    assert len(frames(log)) == 8
    assert [event.detail["host"] for event in events(log, "connection.opening")] == [
        "generativelanguage.googleapis.com",
        "relay.example",
    ]
    assert "left out: 1" in events(log, "imported")[0].detail["note"]
    log.close()


def test_what_chrome_skips_in_a_har_is_a_row(tmp_path: Path) -> None:
    error = {"type": "error", "time": START_S + 9, "opcode": -1, "data": "it broke"}
    odd = [7, {"type": "receive", "opcode": 1}, error]
    log = opened(tmp_path, har(entry([*elements(), *odd])))
    assert len(frames(log)) == 4
    assert len(events(log, "unreadable")) == 2
    assert events(log, "error")[0].detail == {"message": "it broke"}
    assert log.session.problem == "it broke"
    log.close()


def test_data_that_is_no_base64_is_kept_as_it_is(tmp_path: Path) -> None:
    odd = {"type": "receive", "time": START_S, "opcode": 2, "data": "no base64!"}
    text = {"type": "receive", "time": START_S, "opcode": 2, "data": json.dumps(DONE)}
    log = opened(tmp_path, har(entry([*elements(), odd, text])))
    assert [frame.payload for frame in frames(log)[4:]] == [
        b"no base64!",
        json.dumps(DONE).encode(),
    ]
    log.close()


def test_a_close_frame_in_a_har_closes_the_connection(tmp_path: Path) -> None:
    # 1011 and "bye", as RFC 6455, 5.5.1 has them
    closing = {"type": "receive", "time": START_S + 9, "opcode": 8, "data": "A/NieWU="}
    log = opened(tmp_path, har(entry([*elements(), closing])))
    connection = log.session.connection
    assert connection is not None
    assert (connection.code, connection.reason, connection.by) == (1011, "bye", "server")
    log.close()


def test_a_torn_har_gives_what_was_written(tmp_path: Path) -> None:
    whole = har(entry(elements()))
    log = opened(tmp_path, whole[: whole.rindex(b'"type"')])
    assert len(frames(log)) == 3
    assert "torn" in events(log, "unreadable")[0].detail["reason"]
    log.close()


def test_lines_that_say_nothing_are_rows(tmp_path: Path) -> None:
    log = opened(tmp_path, lines(SETUP) + b"\n{broken\n[1]\n" + lines({"note": "x"}, DONE))
    assert len(frames(log)) == 2
    rows = [event.detail for event in events(log, "unreadable")]
    assert [row["number"] for row in rows] == [3, 4, 5]
    assert rows[0]["line"] == "{broken"
    log.close()


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*.jsonl")))
def test_collections_of_messages_open(name: str) -> None:
    path = FIXTURES / name
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    if not any("message" in row for row in rows):
        with pytest.raises(JournalError, match="is no recording"):
            open_log(path)
        return
    log = open_log(path)
    assert [json.loads(frame.payload) for frame in frames(log)] == [
        row["message"] for row in rows if isinstance(row.get("message"), dict)
    ]
    log.close()


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(FORMS["har"])
    (tmp_path / "link").symlink_to("real")
    log = open_log(tmp_path / "link")
    assert len(frames(log)) == 4
    log.close()


def test_what_is_no_recording_is_told_in_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    written = {
        "empty": b"",
        "rubbish": os.urandom(5000),
        "text": b"hello\n" * 100,
        "page.har": har({"request": {"url": "https://example.com"}}),
        "chat.har": har(entry([{"type": "send", "time": 1, "opcode": 1, "data": "hi"}], "wss://x")),
        "twice.gz": gzip.compress(gzip.compress(b"x")),
        "broken.gz": b"\x1f\x8b\x08\x00 rubbish",
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    for name in ("pipe", "folder", "loop", "missing", *written):
        with pytest.raises(JournalError) as failed:
            open_log(tmp_path / name)
        words = str(failed.value)
        assert name in words and words.endswith(".") and "\n" not in words


def test_lines_that_are_appended_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(lines(SETUP) + b'{"serverContent"')
    recording = open_recording(path)
    assert len([*recording.records()]) == 3
    assert recording.torn
    with path.open("ab") as file:
        file.write(b': {"turnComplete": true}}\n' + lines(SETUP)[:-1])
    records = [record for record, _ in recording.records()]
    assert [record.facts[0].kind for record in records if isinstance(record, Frame)] == [
        "serverContent.turnComplete",
        "setup",
    ]
    assert not recording.torn
    assert not [*recording.records()]
    assert recording.read_bytes == recording.size_bytes == path.stat().st_size
    recording.close()


def said(log: SessionLog) -> list[bytes]:
    """All payloads but those with handles, which exports mask."""
    return [each.payload for each in frames(log) if b"andle" not in each.payload]


def test_our_own_har_gives_the_session_back(tmp_path: Path) -> None:
    hour.write(tmp_path / "a.jsonl", 1 / 30)
    log = open_log(tmp_path / "a.jsonl")
    write(gather(log), FORMATS["har"], tmp_path / "a.har")
    again = open_log(tmp_path / "a.har")
    assert said(again) == said(log)
    assert [each.opcode for each in frames(again)] == [each.opcode for each in frames(log)]
    assert again.session.turns[-1].heard_s == log.session.turns[-1].heard_s
    assert again.session.connection is not None and log.session.connection is not None
    assert again.session.connection.code == log.session.connection.code == 1000
    assert again.session.connection.host == log.session.connection.host
    assert again.session.connections == log.session.connections
    names = [again.kinds(row) for row in range(1, len(again))]
    assert names == [log.kinds(row) for row in range(len(log))]
    again.close()
    log.close()
