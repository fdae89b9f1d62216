from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exporters.sessions import HANDLE, KEY, SECRETS, log_of, secret_session
from tests.rehearsal import Rehearsal, conversation
from tui.core import media
from tui.core.frame import BINARY, Direction, Event, Frame
from tui.core.journal import Journal, MemoryStorage, Place
from tui.core.log import SessionLog
from tui.core.recording import read_line
from tui.core.redaction import Level, Redactor
from tui.core.secrets import Mask
from tui.exporters import journal
from tui.exporters.material import gather

MESSAGES = Path(__file__).parent.parent / "data" / "messages"
BEYOND = [Level.TEXT, Level.MEDIA, Level.ALL]


def wire() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every message of the fixtures."""
    for path in sorted(MESSAGES.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if isinstance(row.get("message"), dict):
                yield row.get("direction", "server"), row["message"]


def frame(message: object, direction: Direction = Direction.RECEIVE) -> Frame:
    return Frame(1, 0.5, 1.5, direction, BINARY, json.dumps(message).encode())


def redacted(message: object, level: Level, direction: Direction = Direction.RECEIVE) -> Any:
    record = Redactor(level).record(frame(message, direction))
    assert isinstance(record, Frame)
    return json.loads(record.payload)


def reopened(log: SessionLog, level: Level) -> SessionLog:
    """The log of the redacted journal."""
    material = gather(log, level)
    storage = MemoryStorage()
    storage.append(journal.header(material))
    again = SessionLog(storage.read)
    for _, _, line in journal.lines(material):
        record, offset = read_line(line), storage.append(line)
        assert not isinstance(record, dict)
        again.ingest(record, Place(offset, len(line)))
    return again


@pytest.mark.parametrize("level", list(Level))
def test_a_redacted_journal_opens_as_the_same_rows(level: Level) -> None:
    for play in (conversation(), secret_session()):
        log = log_of(play)
        again = reopened(log, level)
        for column in ("mono_s", "seqs", "turns", "directions", "families", "unknown"):
            assert getattr(again, column) == getattr(log, column), column
        rows = range(len(log))
        assert [again.kinds(row) for row in rows] == [log.kinds(row) for row in rows]
        assert again.header["redacted"] == level


@pytest.mark.parametrize("level", list(Level))
def test_a_turn_keeps_its_times_and_lengths(level: Level) -> None:
    log = log_of(conversation())
    turns = reopened(log, level).session.turns
    for before, after in zip(log.session.turns, turns, strict=True):
        assert after.audio_s == pytest.approx(before.audio_s)
        assert (after.asked_s, after.interrupted_s, after.heard_s, after.usage) == (
            before.asked_s,
            before.interrupted_s,
            before.heard_s,
            before.usage,
        )


@pytest.mark.parametrize("level", BEYOND)
def test_every_message_known_keeps_its_kinds(level: Level) -> None:
    for way, message in wire():
        direction = Direction.SEND if way == "client" else Direction.RECEIVE
        before, after = frame(message, direction), Redactor(level).record(frame(message, direction))
        assert isinstance(after, Frame)
        kinds = [(fact.kind, fact.path, bool(fact.unknown)) for fact in before.facts]
        assert [(f.kind, f.path, bool(f.unknown)) for f in after.facts] == kinds, message


def test_no_words_are_left_at_the_level_text() -> None:
    said = ("Hi Ann", "thinks of Ann", "print('Ann')", "Ann out", "Ann Smith", "555", "Ann!")
    parts = [
        {"text": said[0]},
        {"text": said[1], "thought": True},
        {"executableCode": {"language": "PYTHON", "code": said[2]}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": said[3]}},
    ]
    content = {"modelTurn": {"parts": parts}, "turnCompleteReason": "NEED_MORE_INPUT"}
    calls = [{"name": "call", "id": "c1", "args": {said[4]: said[5]}}]
    shown = redacted(
        {"serverContent": content, "toolCall": {"functionCalls": calls}, "new": {"a": said[6]}},
        Level.TEXT,
    )
    assert not any(each in json.dumps(shown) for each in said)
    assert shown["serverContent"]["turnCompleteReason"] == "NEED_MORE_INPUT"
    assert shown["serverContent"]["modelTurn"]["parts"][0] == {"text": "[6 characters removed]"}
    assert shown["toolCall"]["functionCalls"][0]["name"] == "call"
    assert shown["toolCall"]["functionCalls"][0]["id"] == "c1"


def test_a_field_that_only_sounds_like_a_name_of_the_protocol_is_not_believed() -> None:
    setup = {"setup": {"model": "models/m\n my secret", "systemInstruction": {"role": "user"}}}
    shown = redacted(setup, Level.TEXT, Direction.SEND)["setup"]
    assert "secret" not in shown["model"]
    assert shown["systemInstruction"] == {"role": "user"}


def test_media_leave_how_much_they_were() -> None:
    data = base64.b64encode(bytes(3200)).decode()
    sound = {"mimeType": "audio/pcm;rate=16000", "data": data}
    message = {"realtimeInput": {"audio": sound}}
    [shown] = Redactor(Level.MEDIA).record(frame(message, Direction.SEND)).facts  # type: ignore[union-attr]
    assert shown.value["data"] == "[3200 bytes removed]"
    assert media.audio_seconds(shown.value, 16_000) == 0.1
    with pytest.raises(ValueError, match="redacted"):
        media.data_bytes(shown.value)
    assert redacted(message, Level.TEXT, Direction.SEND) == message


def test_media_are_found_by_name_by_place_and_by_length() -> None:
    data = base64.b64encode(bytes(300)).decode()
    message = {
        "a": {"mime_type": "x/y", "data": "AAAA"},
        "imageData": "AAAA",
        "b": [data],
        "c": "A",
    }
    shown = redacted(message, Level.MEDIA)
    assert shown["a"]["data"] == shown["imageData"] == "[3 bytes removed]"
    assert shown["b"] == ["[300 bytes removed]"]
    assert shown["c"] == "A"


@pytest.mark.parametrize("level", BEYOND)
@pytest.mark.parametrize("payload", [b"{torn Ann", b"\xff\x00Ann", b"[" * 2000 + b"Ann"])
def test_what_is_no_message_goes_whole(level: Level, payload: bytes) -> None:
    before = Frame(1, 0.5, 1.5, Direction.RECEIVE, BINARY, payload)
    after = Redactor(level).record(before)
    assert isinstance(after, Frame)
    assert after.payload == f"[{len(payload)} bytes removed]".encode()
    assert [fact.kind for fact in after.facts] == ["invalid"]


@pytest.mark.parametrize("level", BEYOND)
def test_what_is_nested_too_deep_to_be_looked_at_goes(level: Level) -> None:
    deep: Any = "Ann" * 100
    for _ in range(500):
        deep = {"a": deep}
    assert "Ann" not in json.dumps(redacted({"serverContent": {"modelTurn": deep}}, level))


@pytest.mark.parametrize("level", list(Level))
def test_credentials_go_at_every_level(level: Level) -> None:
    log = log_of(secret_session())
    material = gather(log, level)
    lines = b"".join(line for _, _, line in journal.lines(material))
    assert not any(secret.encode() in lines for secret in SECRETS)
    if level is Level.CREDENTIALS:
        assert material.redactor.removed.credentials == 3
        assert b"AIza***xxxx" in lines and b"Cihi***bGZQ" not in lines and b"Cihi***" in lines
    assert HANDLE in material.known and KEY not in material.known


def test_of_events_what_the_service_said_and_names_stay() -> None:
    play = Rehearsal()
    play.event("connection.closed", code=1007, reason="no such model", by="server", message="m")
    play.event("microphone", device="Ann's headset", problem="", heard_s=1.5)
    play.event("unreadable", reason="torn", line='{"text":"Ann')
    log, redactor = log_of(play), Redactor(Level.TEXT)
    details = [
        dict(event.detail)
        for event in (redactor.record(log.record(row)) for row in range(len(log)))
        if isinstance(event, Event)
    ]
    assert details == [
        {"code": 1007, "reason": "no such model", "by": "server", "message": "m"},
        {"device": "[13 characters removed]", "problem": "", "heard_s": 1.5},
        {"reason": "[4 characters removed]", "line": "[12 characters removed]"},
    ]


def test_what_needs_no_redaction_is_the_same_object() -> None:
    record = frame({"serverContent": {"modelTurn": {"parts": [{"text": "Hi"}]}}})
    assert Redactor(Level.CREDENTIALS).record(record) is record


def test_says_what_it_has_removed() -> None:
    redactor = Redactor(Level.ALL)
    assert str(redactor.removed) == "Nothing was found to remove."
    redactor.record(frame({"serverContent": {"inputTranscription": {"text": "x" * 1234}}}))
    sound = {"mimeType": "audio/pcm", "data": "AAAA"}
    redactor.record(frame({"realtimeInput": {"audio": sound}}, Direction.SEND))
    redactor.name(f"Bearer {KEY}")
    said = "Removed: 1 times a credential, 1,234 characters of text, 3 bytes of sound and pictures."
    assert str(redactor.removed) == said


def test_a_live_session_keeps_its_own_handle() -> None:
    journal_, payload = Journal(MemoryStorage(), {}, Mask()), b'{"newHandle":"h-0123456789"}'
    kept, _ = journal_.frame(Direction.RECEIVE, BINARY, payload, time_s=0, mono_s=0)
    assert kept.payload == payload
