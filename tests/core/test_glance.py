"""A glance says what the whole line says, but for the media's content."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core import media
from tui.core.frame import Direction, Frame
from tui.core.glance import LEAST_CHARS, Glancer
from tui.core.journal import Journal, JournalError, MemoryStorage
from tui.core.log import SessionLog
from tui.core.recording import read_line
from tui.core.secrets import Mask


def line_of(payload: bytes, direction: Direction = Direction.RECEIVE) -> bytes:
    storage = MemoryStorage()
    _, place = Journal(storage, {}, Mask()).frame(direction, 2, payload, time_s=9.5, mono_s=0.25)
    return storage.read(place.offset, place.length)


def glance(line: bytes) -> Frame:
    record = Glancer().read(line)
    assert isinstance(record, Frame)
    return record


def audio(data: str, **more: Any) -> bytes:
    blob = {"data": data, "mimeType": "audio/pcm;rate=24000"}
    turn = {"parts": [{"inlineData": blob}]}
    return json.dumps({"serverContent": {"modelTurn": turn, **more}}, indent=2).encode()


@given(size=st.integers(0, 3000), indent=st.sampled_from([None, 2]), sent=st.booleans())
def test_all_but_the_media_is_there(size: int, indent: int | None, sent: bool) -> None:
    data = base64.b64encode(bytes(n * 7 % 256 for n in range(size))).decode()
    blob = {"mimeType": "audio/pcm;rate=16000", "data": data}
    message = {"realtimeInput": {"audio": blob}} if sent else json.loads(audio(data))
    payload = json.dumps(message, indent=indent).encode()
    line = line_of(payload, Direction.SEND if sent else Direction.RECEIVE)
    whole, seen = read_line(line), glance(line)
    assert isinstance(whole, Frame)
    assert (seen.seq, seen.mono_s, seen.time_s, seen.direction, seen.opcode) == (
        whole.seq, whole.mono_s, whole.time_s, whole.direction, whole.opcode,
    )  # fmt: skip
    assert seen.size == whole.size == len(payload)
    [fact], [expected] = seen.facts, whole.facts
    assert (fact.kind, fact.path, fact.family) == (expected.kind, expected.path, expected.family)
    assert media.size_bytes(fact.value) == media.size_bytes(expected.value) == size
    assert media.audio_seconds(fact.value, 1) == media.audio_seconds(expected.value, 1)
    assert (seen.left_out > 0) is (len(data) >= LEAST_CHARS)
    assert seen.payload == payload.replace(data.encode(), b"" if seen.left_out else data.encode())


def test_media_that_were_left_out_cannot_be_mistaken_for_silence() -> None:
    fact = glance(line_of(audio("A" * 4000))).facts[0]
    with pytest.raises(ValueError, match="left out"):
        media.data_bytes(fact.value)


def test_a_frame_of_several_media_is_read_whole() -> None:
    parts = [{"inlineData": {"data": "A" * 400, "mimeType": "audio/pcm"}} for _ in range(3)]
    content = {"modelTurn": {"parts": parts}, "outputTranscription": {"text": 'say "data":"x"'}}
    line = line_of(json.dumps({"serverContent": content}).encode())
    assert glance(line) == read_line(line)


@pytest.mark.parametrize(
    "data",
    [
        "B" * 300 + "\n" + "B" * 300,
        "long words, " * 60,
        "é" * 400,
        'x"' * 300,
        "\\" * 300,
        "<" * 300,
    ],
)
def test_what_is_no_plain_base64_is_read_whole(data: str) -> None:
    line = line_of(audio(data))
    assert glance(line) == read_line(line)
    assert glance(line).facts == getattr(read_line(line), "facts", None)


def test_what_was_learnt_of_one_message_is_not_told_of_another() -> None:
    glancer = Glancer()
    lines = [
        line_of(audio("A" * 400)),
        line_of(audio("A" * 400), Direction.SEND),
        line_of(audio("A" * 404)),
        line_of(audio("A" * 400, turnComplete=True)),
        line_of(audio("A" * 398 + "==")),
    ]
    for line in [*lines, *lines]:
        seen, whole = glancer.read(line), read_line(line)
        assert isinstance(seen, Frame)
        assert isinstance(whole, Frame)
        assert [fact.kind for fact in seen.facts] == [fact.kind for fact in whole.facts]
        assert sizes(seen) == sizes(whole)


def sizes(frame: Frame) -> list[int]:
    return [media.size_bytes(fact.value) for fact in frame.facts if isinstance(fact.value, dict)]


@pytest.mark.parametrize("cut", [2, 3, 40, 300])
def test_a_torn_line_is_no_record(cut: int) -> None:
    with pytest.raises(JournalError):
        Glancer().read(line_of(audio("A" * 600))[:-cut])


def test_a_line_that_goes_on_after_its_text_is_read_whole() -> None:
    line = line_of(audio("A" * 600)).rstrip()[:-1] + b',"masked":true}\n'
    assert glance(line) == read_line(line)
    assert glance(line).masked


def test_the_log_glances_at_a_row() -> None:
    storage = MemoryStorage()
    journal = Journal(storage, {"tool": "x"}, Mask())
    log = SessionLog(storage.read)
    log.ingest(*journal.frame(Direction.RECEIVE, 2, audio("A" * 600), time_s=0, mono_s=0))
    seen = log.glance(0)
    assert isinstance(seen, Frame)
    assert seen.left_out == 600
    assert log.record(0) != seen
    assert log.header["tool"] == "x"
