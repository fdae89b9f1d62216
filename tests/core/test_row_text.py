from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest

from tui.core import row_text
from tui.core.frame import BINARY, Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.row_text import RowText
from tui.core.rows import Rows
from tui.core.secrets import Mask
from tui.core.wire import Family


def voice(samples: int) -> dict[str, Any]:
    data = base64.b64encode(bytes(2 * samples)).decode()
    blob = {"mimeType": "audio/pcm;rate=24000", "data": data}
    return {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}


def texts(*messages: dict[str, Any] | bytes, every_s: float = 0.1) -> list[RowText]:
    storage = MemoryStorage()
    log, journal = SessionLog(storage.read), Journal(storage, {}, Mask())
    for number, message in enumerate(messages):
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        log.ingest(
            *journal.frame(
                Direction.RECEIVE, BINARY, payload, time_s=0.0, mono_s=61 + number * every_s
            )
        )
    rows = Rows(log)
    return [row_text.row_text(rows, line) for line in range(len(rows))]


def test_a_message_in_words() -> None:
    first, second = texts(
        {"setupComplete": {}},
        {"serverContent": {"turnComplete": True}, "usageMetadata": {"totalTokenCount": 7}},
    )
    assert (first.seq, first.time, first.delta, first.direction) == (
        "1",
        "01:01.000",
        "",
        "received",
    )
    assert second.kinds == (
        ("turnComplete", Family.SERVER_CONTENT),
        ("usageMetadata", Family.METADATA),
    )
    assert (second.delta, second.size, second.count) == ("+100 ms", "82 B", "")
    assert second.gist.startswith("turn complete · ")


def test_a_run_says_how_much_audio_came_in_how_long() -> None:
    [run] = texts(voice(24), voice(12_000), voice(12_000))
    assert (run.mark, run.count, run.kinds) == ("▸", "×3", (("audio", Family.SERVER_CONTENT),))
    assert run.gist == "≈1.0 s of audio in 200 ms"


def test_a_run_whose_length_nobody_can_tell_says_how_long_it_took() -> None:
    blob = {"mimeType": "audio/opus", "data": "AAAA"}
    opus = {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}
    [run] = texts(opus, opus)
    assert run.gist == "audio in 100 ms"


def test_a_run_of_transcriptions_says_all_their_words() -> None:
    words = [{"serverContent": {"outputTranscription": {"text": text}}} for text in ("Hel", "lo")]
    [run, said] = texts(voice(24), words[0], voice(24), words[1])
    assert (run.count, said.count, said.gist) == ("×2", "×2", '"Hello"')


def test_an_event_in_words() -> None:
    storage = MemoryStorage()
    log, journal = SessionLog(storage.read), Journal(storage, {}, Mask())
    detail = {"code": 1007, "reason": "bad\x1b[31m", "by": "server"}
    log.ingest(*journal.event("connection.closed", detail, time_s=0.0, mono_s=0.5))
    text = row_text.row_text(Rows(log), 0)
    assert (text.direction, text.kinds) == ("event", (("connection.closed", Family.EVENTS),))
    assert (text.size, text.gist) == ("", "code 1007 · reason bad␛[31m · by server")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("text", "text"),
        (True, "true"),
        (None, "null"),
        ([1, {"a": 2}], '[1,{"a":2}]'),
        (orjson.loads(b"[" * 900 + b"]" * 900), "nested too deep to show in a line"),
    ],
)
def test_a_detail_of_any_kind_is_one_line(value: Any, words: str) -> None:
    assert row_text.event_gist({"key": value}) == f"key {words}"


def test_of_very_many_facts_a_row_tells_some() -> None:
    [text] = texts({f"field{number}": number for number in range(10_000)})
    assert len(text.kinds) == row_text.SHOWN_FACTS
    assert len(text.gist) < 300
    assert text.unknown


def test_a_line_that_is_gone_says_so_in_its_row() -> None:
    storage = MemoryStorage()
    log, journal = SessionLog(lambda offset, size: b""), Journal(storage, {}, Mask())
    log.ingest(*journal.frame(Direction.SEND, BINARY, b"{}", time_s=0.0, mono_s=0.0))
    text = row_text.row_text(Rows(log), 0)
    assert [kind for kind, _ in text.kinds] == ["empty"]
    assert text.gist == "The file has shrunk: the line is gone."


@pytest.mark.parametrize(
    ("kind", "short"),
    [
        ("serverContent.modelTurn.audio", "audio"),
        ("serverContent.outputTranscription", "outputTranscription"),
        ("realtimeInput.text", "text"),
        ("toolCall", "toolCall"),
        ("serverContent", "serverContent"),
        ("serverContent.\x1b]52;c;\x07", "␛]52;c;␇"),
    ],
)
def test_kinds_are_short_and_safe(kind: str, short: str) -> None:
    assert row_text.short_kind(kind) == short


@pytest.mark.parametrize(
    ("mono_s", "words"),
    [
        (0.0, "00:00.000"),
        (59.9996, "01:00.000"),
        (3723.5, "62:03.500"),
        (-1.0, "00:00.000"),
        (float("inf"), "99999:59.000"),
        (float("nan"), "00:00.000"),
    ],
)
def test_times_are_minutes_whatever_a_file_says(mono_s: float, words: str) -> None:
    assert row_text.clock(mono_s) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 ms"),
        (0.0124, "12 ms"),
        (0.9996, "1.00 s"),
        (59.99, "59.99 s"),
        (59.996, "1:00 min"),
        (187.4, "3:07 min"),
        (float("nan"), "0 ms"),
    ],
)
def test_durations_have_a_fitting_unit(seconds: float, words: str) -> None:
    assert row_text.duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (9_600, "9.6 kB"), (999_949, "999.9 kB"), (1_250_000, "1.2 MB")],
)
def test_sizes_have_a_fitting_unit(size: int, words: str) -> None:
    assert row_text.size_text(size) == words
