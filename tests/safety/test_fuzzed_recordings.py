"""Recordings that nobody would think of: mutated, spliced and made up by hypothesis."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.importers.recordings import CONVERSATION, START_S, elements, entry, har, lines
from tests.safety.opened import outcome
from tui.core import schema

EXAMPLES = 400
"""Of each test: about a minute for all on two cores."""

pytestmark = pytest.mark.timeout(900)

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

HEADER = {"v": 1, "type": "header", "tool": "x", "clock": {"time": START_S, "mono": 0}}
OURS = lines(
    HEADER,
    *(
        {
            "v": 1,
            "seq": nth,
            "type": way,
            "time": START_S + nth,
            "mono": nth,
            "opcode": 2,
            "size": 2,
            "text": json.dumps(message),
        }
        for nth, (way, message) in enumerate(CONVERSATION)
    ),
    {"v": 1, "seq": 9, "type": "event", "time": 1, "mono": 9, "name": "view", "detail": {}},
)
SEEDS = {
    "ours": OURS,
    "har": har(entry(elements()), entry(elements(), "wss://x")),
    "messages": lines(*({"direction": way, "ts": 1, "data": m} for way, m in CONVERSATION)),
    "gzip": gzip.compress(OURS, mtime=0),
    "zstd": zstd.compress(OURS),
}
BITS = st.sampled_from(
    (
        *(b"", b"\n", b"\0", b'"', b"{", b"}", b"[", b"]", b",", b"\\", b"\xff", b"-", b"e9"),
        *(b"NaN", b"null", b"9" * 400, b"[" * 3000, b"A" * 700, b"\xc3", b"\\ud800", b"\x1b[2J"),
        *(b'{"log":', b'"data":', b'"text":"', b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xe2\x80\xae"),
    )
)

WORDS = sorted({*schema.either(), "direction", "type", "time", "mono", "seq", "opcode", "data"})
WORDS += ["text", "size", "v", "name", "detail", "turn", "send", "receive", "event", "header"]
WORDS += [
    "modelTurn",
    "parts",
    "inlineData",
    "mimeType",
    "functionCalls",
    "audio",
    "log",
    "entries",
]
STRINGS = st.sampled_from([*WORDS, "audio/pcm;rate=24000", "AAAA", "%", "1.5s"]) | st.text(
    max_size=8
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | STRINGS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=6)
SERVER, CLIENT = (
    st.dictionaries(st.sampled_from(sorted(each)), VALUES, min_size=1, max_size=3)
    for each in (schema.server(), schema.client())
)


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "recording")


def check(path: Path, content: bytes) -> None:
    """Rows or a sentence, and nothing that steers the terminal."""
    path.write_bytes(content)
    seen = outcome(path)
    said = seen["rows"] if "rows" in seen else [seen["error"]]
    assert "rows" in seen or (seen["error"].endswith(".") and "\n" not in seen["error"])
    assert not any(sign in line for line in said for sign in ("\x1b", "\n", "\u202e", "\x9b"))


@pytest.mark.parametrize("seed", SEEDS)
@fuzzed
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), BITS), max_size=6))
def test_a_file_with_pieces_cut_out_and_put_in(
    path: Path, seed: str, edits: list[tuple[float, int, bytes]]
) -> None:
    content = SEEDS[seed]
    for place, cut, put in edits:
        at = round(place * len(content))
        content = content[:at] + put + content[at + cut :]
    check(path, content)


@fuzzed
@given(rows=st.lists(OBJECTS | VALUES, max_size=6))
def test_lines_of_ours_with_any_values(path: Path, rows: list[Any]) -> None:
    check(path, lines(HEADER) + b"".join(map(_json, rows)))


@fuzzed
@given(messages=st.lists(st.tuples(st.booleans(), SERVER | CLIENT), max_size=6))
def test_messages_with_any_values(path: Path, messages: list[tuple[bool, Any]]) -> None:
    rows = (
        {
            "v": 1,
            "seq": 1,
            "type": "send" if sent else "receive",
            "time": 1,
            "mono": 1,
            "opcode": 1,
            "size": 2,
            "text": _json(message).decode(),
        }
        for sent, message in messages
    )
    check(path, lines(HEADER, *rows))


@fuzzed
@given(rows=st.lists(OBJECTS | SERVER | CLIENT, min_size=1, max_size=6))
def test_lines_of_others_with_any_values(path: Path, rows: list[Any]) -> None:
    check(path, b"".join(map(_json, rows)))


@fuzzed
@given(entries=st.lists(OBJECTS | st.builds(entry, st.lists(OBJECTS, max_size=3)), max_size=4))
def test_hars_with_any_values(path: Path, entries: list[Any]) -> None:
    check(path, har(*entries, entry(elements())))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"
