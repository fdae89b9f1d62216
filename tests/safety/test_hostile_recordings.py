"""Recordings that are broken, absurd or made to harm: each is rows or a sentence, within bounds."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from tests.importers.recordings import DONE, KEY, SAID, SETUP, START_S, elements, entry, har, lines
from tests.safety.opened import outcome
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import gather
from tui.importers.opening import open_log

MOST_MB = 400
"""Of a process that reads one: the longest line that is parsed, some copies of it, and Python."""
MOST_S = 60.0
"""For a machine that is loaded six times over; where nothing is wrong none takes a second."""

HEADER = lines({"v": 1, "type": "header", "tool": "x", "clock": {"time": START_S, "mono": 0}})
DEEP = 100_000


def message(payload: bytes, **changes: Any) -> bytes:
    """A line of ours."""
    row = {"v": 1, "seq": 1, "type": "receive", "time": START_S, "mono": 1.0, "opcode": 2}
    return lines({**row, "size": len(payload), "text": payload.decode(), **changes})


def raw(**values: str) -> bytes:
    """A line of ours with values that JSON's writers refuse to write."""
    row = {"v": "1", "seq": "1", "type": '"receive"', "time": "1", "mono": "1", "opcode": "2"}
    row |= {"size": "2", "text": '"{}"', **values}
    return ("{" + ",".join(f'"{key}":{value}' for key, value in row.items()) + "}\n").encode()


def audio(data: str, mime_type: str = "audio/pcm;rate=24000") -> bytes:
    part = {"inlineData": {"mimeType": mime_type, "data": data}}
    return json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}}).encode()


GOOD = message(json.dumps(SAID).encode(), seq=8, mono=8.0)
NESTED = b"[" * DEEP + b"]" * DEEP
BAD_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1",
    "9" * 5000,
    "18446744073709551616",
    "null",
    '"x"',
    "[]",
    "{}",
    "true",
    "1.5",
)
PCM = base64.b64encode(b"\x01\x02" * 100).decode()

LINES_OF_OURS: dict[str, bytes] = {
    "binary rubbish": os.urandom(3000) + b"\n",
    "zeros": b"\0" * 100_000 + b"\n",
    "deep line": NESTED + b"\n",
    "deep payload": message(NESTED),
    "deep objects": message(b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "deep in a field": message(b'{"serverContent":{"modelTurn":' + NESTED + b"}}"),
    "deep event": b'{"v":1,"seq":1,"type":"event","time":1,"mono":1,"name":"x","detail":{"a":'
    + NESTED
    + b"}}\n",
    "levels that orjson reads but does not write": message(b'{"a":' * 900 + b"1" + b"}" * 900),
    "no base64": raw(text="null", data='"%%%"', encoding='"base64"'),
    "media that is no base64": message(audio("%" * 400)),
    "media with base64 cut short": message(audio(PCM[:-3] + "A" * 402)),
    "odd PCM": message(audio(base64.b64encode(b"\1" * 999).decode())),
    "rate 0": message(audio(PCM, "audio/pcm;rate=0")),
    "rate beyond all": message(audio(PCM, "audio/pcm;rate=" + "9" * 400)),
    "rate below all": message(audio(PCM, "audio/pcm;rate=-24000")),
    "rate that is none": message(audio(PCM, "audio/pcm;rate=NaN")),
    "media of 40 MB": message(audio("A" * 40_000_000)),
    "an image that is none": message(audio(PCM, "image/jpeg")),
    "escapes": message(json.dumps({"\x1b]52;c;x\x07": "\u202e\x9b2J"}).encode()),
    "paths": lines(
        {
            "v": 1,
            "seq": 1,
            "type": "event",
            "time": 1,
            "mono": 1,
            "name": "../../etc/passwd",
            "detail": {"file": "/dev/zero", "recording": "../../../x"},
        }
    ),
    "half a character": message(b"{}", text="\ud800"),
    "integers for names": raw(name="7", type='"event"', detail="{}"),
    "a turn that is none": lines(
        {
            "v": 1,
            "seq": 1,
            "type": "event",
            "time": 1,
            "mono": 1,
            "name": "playback.started",
            "detail": {"turn": 10**400},
        }
    ),
    "a million empty lines": b"\n" * 1_000_000,
    "a line end of another system": GOOD.replace(b"\n", b"\r\n"),
    "a second header": HEADER,
    "a name of a megabyte": message(json.dumps({"k" * 1_000_000: 1}).encode()),
    "many fields": message(json.dumps({f"k{n}": n for n in range(20_000)}).encode()),
    "many parts": message(
        json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": "a"}] * 20_000}}}).encode()
    ),
    **{
        f"{key} {number[:12]}": raw(**{key: number})
        for key in ("seq", "time", "mono", "opcode", "size", "v")
        for number in BAD_NUMBERS
    },
    **{
        f"payload {number[:12]}": message(
            f'{{"usageMetadata":{{"promptTokenCount":{number}}}}}'.encode()
        )
        for number in BAD_NUMBERS
    },
}


@pytest.mark.parametrize("name", LINES_OF_OURS)
def test_what_follows_a_bad_line_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(HEADER + LINES_OF_OURS[name] + GOOD)
    seen = outcome(path)
    assert seen["opened_s"] < MOST_S
    assert any('outputTranscription: "hello"' in row for row in seen["rows"])
    assert not any("\x1b" in row or "\x9b" in row or "\u202e" in row for row in seen["rows"])


@pytest.mark.parametrize("name", LINES_OF_OURS)
def test_lines_of_others_are_no_better(name: str, tmp_path: Path) -> None:
    """The same rubbish in a file of messages, which is converted."""
    path = tmp_path / "a.log"
    path.write_bytes(lines(SETUP) + LINES_OF_OURS[name] + lines(SAID))
    seen = outcome(path)
    assert seen["opened_s"] < MOST_S
    assert any('outputTranscription: "hello"' in row for row in seen["rows"])


WHOLE = {
    "ours": HEADER + GOOD * 3,
    "har": har(entry(elements())),
    "messages": lines(SETUP, SAID, DONE),
    "gzip": gzip.compress(HEADER + GOOD * 3, mtime=0),
    "zstd": zstd.compress(HEADER + GOOD * 3),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_cut_off_anywhere_is_rows_or_a_sentence(name: str, tmp_path: Path) -> None:
    path, whole = tmp_path / "a", WHOLE[name]
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        seen = outcome(path)
        assert "rows" in seen or seen["error"].endswith(".")


def each_with(key: str, *values: Any) -> list[dict[str, Any]]:
    """Each message with each of these values."""
    return [{**each, key: value} for each in elements() for value in values]


HARS: dict[str, bytes] = {
    "deep": b'{"log":{"comment":'
    + NESTED
    + b',"entries":['
    + json.dumps(entry(elements())).encode()
    + b"]}}",
    "deep in a message": har(entry(elements())).replace(
        b'"opcode": 1', b'"x": ' + NESTED + b', "opcode": 1', 1
    ),
    "deep URL": har(entry(elements())).replace(b'"GET"', NESTED),
    "entries that are none": har(1, None, [], [[{}]], "x", entry(elements())),
    "messages that are none": har(entry([*elements(), 1, None, [], [[{}]], "x", {}, {"type": []}])),
    "messages that are an object": har({"_webSocketMessages": {"a": {}}}, entry(elements())),
    "times that are none": har(entry(each_with("time", "x", None, [], {}, -1, "1e999", 1e300))),
    "opcodes that are none": har(entry(each_with("opcode", "x", None, 3, -7, 1e300, 8, 9, []))),
    "a URL that is none": har(entry(elements(), "http://[::1")),
    "log twice": b'{"log":{"entries":[]},' + har(entry(elements()))[1:],
}


@pytest.mark.parametrize("name", HARS)
def test_hars_that_are_odd_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(HARS[name])
    seen = outcome(tmp_path / "a.har")
    assert seen["opened_s"] < MOST_S
    assert any('outputTranscription: "hello"' in row for row in seen["rows"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hello", b"\xff\xfe"),
        (b'"opcode": 1', b'"opcode": NaN'),
        (b'"opcode": 1', b'"opcode": ' + b"9" * 5000),
    ],
    ids=["no UTF-8", "NaN", "giant integer"],
)
def test_hars_that_are_no_json_are_rows_or_a_sentence(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    messages = [{**each, "opcode": 1} for each in elements()]
    messages[2]["data"] = json.dumps(SAID)
    (tmp_path / "a.har").write_bytes(har(entry(messages)).replace(old, new))
    seen = outcome(tmp_path / "a.har")
    assert "rows" in seen or "a.har" in seen["error"]


def long_line(start: bytes, end: bytes) -> Callable[[Path], None]:
    """A file whose one line is 100 MB and more."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            for _ in range(110):
                file.write(b"A" * 1_000_000)
            file.write(end)

    return write


def packed(make: Callable[[], Any]) -> Callable[[Path], None]:
    """A file that unpacks to 600 MB of zeros."""

    def write(path: Path) -> None:
        pack = make()
        block = b"\0" * (1 << 20)
        with path.open("wb") as file:
            for _ in range(600):
                file.write(pack.compress(block))
            file.write(pack.flush())

    return write


def gzip_packer() -> Any:
    return zlib.compressobj(wbits=31)


def zeros(path: Path) -> None:
    with path.open("wb") as file:
        file.write(HEADER)
        file.truncate(512 << 20)


def spaces(path: Path) -> None:
    path.write_bytes(b'{"log":' + b" " * 300_000_000)


BULKY: dict[str, Callable[[Path], None]] = {
    "a line of ours": long_line(HEADER + GOOD + message(b"")[:-3], b'"}\n' + GOOD),
    "the only line": long_line(b"", b""),
    "the first line": long_line(b"", b"\n" + GOOD),
    "a message among messages": long_line(
        lines(SETUP) + b'{"serverContent":"', b'"}\n' + lines(SAID)
    ),
    "a last line that does not end": long_line(lines(SETUP), b""),
    "a string in a HAR": long_line(har(entry(elements()))[:-3] + b',{"x":"', b'"}]}}'),
    "a HAR that never ends": long_line(b'{"log":{"comment":"', b""),
    "a HAR of spaces": spaces,
    "a gzip bomb": packed(gzip_packer),
    "a zstd bomb": packed(zstd.ZstdCompressor),
    "half a GB of zeros": zeros,
}


@pytest.mark.parametrize("name", BULKY)
def test_what_is_huge_stays_within_bounds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "big"
    BULKY[name](path)
    done = subprocess.run(
        [sys.executable, "-m", "tests.safety.opened", str(path)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=100,
    )
    path.unlink()
    seen = json.loads(done.stdout)
    assert seen["peak_mb"] < MOST_MB
    assert seen["opened_s"] < MOST_S
    assert "rows" in seen or seen["error"].endswith(".")
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("bidiscope-")]


def test_a_file_that_shrinks_while_open_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(HEADER + GOOD * 100)
    log = open_log(path)
    os.truncate(path, len(HEADER) + len(GOOD) + 20)
    assert isinstance(log.record(0), Frame)
    for row in (1, 99):
        for read in (log.record, log.glance):
            with pytest.raises(JournalError):
                read(row)
    with pytest.raises(JournalError):
        log.state_at(99)
    log.close()


@pytest.mark.parametrize("target", ["/dev/zero", "/proc/self/mem", ".", "a", "/nowhere"])
def test_links_to_what_is_no_file_are_a_sentence(target: str, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(target)
    seen = outcome(tmp_path / "a")
    assert str(tmp_path / "a") in seen["error"]


def test_a_key_in_a_recording_of_others_reaches_no_row(tmp_path: Path) -> None:
    odd = [{"type": "error", "time": 1, "opcode": -1, "data": f"GET wss://x/?key={KEY} failed"}]
    (tmp_path / "a.har").write_bytes(har(entry([*elements(), *odd])))
    assert KEY not in json.dumps(outcome(tmp_path / "a.har"))
    (tmp_path / "a.log").write_bytes(lines(SETUP) + f"url wss://x/?key={KEY}\n".encode())
    assert KEY not in json.dumps(outcome(tmp_path / "a.log"))


@pytest.mark.parametrize("name", FORMATS)
def test_all_of_it_is_exported_or_a_sentence_says_why_not(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    bulky = ("media of 40 MB", "a million empty lines")
    odd = (line for key, line in LINES_OF_OURS.items() if key not in bulky)
    path.write_bytes(HEADER + b"".join(odd) + GOOD)
    log = open_log(path)
    try:
        write(gather(log), FORMATS[name], tmp_path / "out")
    except JournalError as error:
        assert str(error).endswith(".")
    else:
        assert (tmp_path / "out").exists()
    log.close()
