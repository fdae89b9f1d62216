from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.widgets.wire_log import PCM, WireLog, content
from tui.core.content import folded
from tui.core.fields import QueryError
from tui.core.frame import BINARY, Direction, Event, Frame, Record
from tui.core.journal import FileStorage, Journal, Place
from tui.core.log import SessionLog
from tui.core.query import All, Either, Node, Not, parse
from tui.core.recording import read_line
from tui.core.search import MOST_TOO_SLOW, Search
from tui.core.secrets import Mask
from tui.core.terms import ColumnTerm, Word

# ---- what a search is held against: everything decoded, nothing passed over


MEDIA = re.compile(r'"data"\s{0,16}:\s{0,16}"([^" ]{256,})"')


def naive(log: SessionLog, node: Node) -> list[int]:
    return [row for row in range(len(log)) if holds(log, node, row)]


def holds(log: SessionLog, node: Node, row: int) -> bool:
    match node:
        case All(parts):
            return all(holds(log, part, row) for part in parts)
        case Either(parts):
            return any(holds(log, part, row) for part in parts)
        case Not(part):
            return not holds(log, part, row)
        case Word(words):
            return any(stands(words, text) for text in readings(log.record(row)))
        case ColumnTerm():
            return node.bind(log)(row)
    raise AssertionError(node)


def readings(record: Record) -> list[str]:
    if isinstance(record, Event):
        text = f"{record.name}\n{orjson.dumps(record.detail).decode()}"
    else:
        text = record.payload.decode("utf-8", "replace")
    return [text, resolved(text)]


def resolved(text: str) -> str:
    """JSON's escapes resolved, one character after the other."""
    out, at = "", 0
    while at < len(text):
        if text[at] == "\\" and re.match(r"u[0-9a-fA-F]{4}", text[at + 1 : at + 6]):
            out += chr(int(text[at + 2 : at + 6], 16))
            at += 6
        elif text[at] == "\\" and text[at + 1 : at + 2] in set('"\\/bfnrt'):
            out += json.loads(f'"{text[at : at + 2]}"')
            at += 2
        else:
            out += text[at]
            at += 1
    return re.sub(
        "[\ud800-\udbff][\udc00-\udfff]",
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"),
        out,
    )


def stands(words: str, text: str) -> bool:
    if words == words.lower():
        text = folded(text)
    media = [found.span(1) for found in MEDIA.finditer(text)] if len(words) < 12 else []
    places = (found.start() for found in re.finditer(f"(?={re.escape(words)})", text))
    return any(
        not any(start <= at and at + len(words) <= end for start, end in media) for at in places
    )


# ---- logs to search


class Lines:
    """A log over lines as somebody may have written them."""

    def __init__(self, *lines: bytes) -> None:
        self.data = b'{"v":1,"type":"header"}\n'
        self.log = SessionLog(lambda offset, size: self.data[offset : offset + size])
        for line in lines:
            self.add(line)

    def add(self, line: bytes) -> None:
        record = read_line(line)
        assert isinstance(record, (Frame, Event))
        place = Place(len(self.data), len(line))
        self.data += line + b"\n"
        self.log.ingest(record, place)


def message(payload: str, *, ascii_only: bool = False, **more: Any) -> bytes:
    """The line of a message, as the journal writes it or with all else than ASCII escaped."""
    row = {"v": 1, "seq": 1, "type": "receive", "time": 1.5, "mono": 1.5, "opcode": 2, "size": 1}
    row |= {"text": payload} | more
    return json.dumps(row, ensure_ascii=True).encode() if ascii_only else orjson.dumps(row)


def found(log: SessionLog, query: str) -> list[int]:
    return list(Search(log, parse(query)).run().hits)


SPELT = (
    '{"text": "Grüße aus Köln"}',
    json.dumps({"text": "Grüße aus Köln"}),
    '{"text": "\\u0047\\u0072\\u00fc\\u00DFe aus K\\u00f6ln"}',
)


@pytest.mark.parametrize("payload", SPELT)
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("query", ['"grüße aus"', "GRÜSSE", "Grüße", "köln", "aus", "ße"])
def test_words_are_found_however_they_are_escaped(
    payload: str, ascii_only: bool, query: str
) -> None:
    log = Lines(message(payload, ascii_only=ascii_only)).log
    assert found(log, query) == ([] if query == "GRÜSSE" else [0])


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [
        ("élan", "ÉLAN", True),
        ("Élan", "élan", False),
        ("straße", "STRAßE", True),
        ("kelvin", "\u212aelvin", False),
        ("\u212aelvin", "\u212aelvin", True),
        ("istanbul", "İstanbul", False),
        ("σ", "Σα", True),
    ],
)
def test_small_letters_find_capital_ones(words: str, text: str, stands: bool) -> None:
    log = Lines(message(f'{{"text": "{text}"}}'), message(json.dumps({"text": text}))).log
    assert found(log, words) == ([0, 1] if stands else [])


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        ('say "hi"', '{"text": "say \\"hi\\""}'),
        ("a\\\\b", '{"text": "a\\\\b"}'),
        ("one\\ntwo", '{"text": "one\\ntwo"}'),
        ("one\\ntwo", '{"text": "one\\u000Atwo"}'),
        ("and/or", '{"text": "and\\/or"}'),
        ("😀", '{"text": "\\ud83d\\ude00"}'),
        ("😀", '{"text": "😀"}'),
        ("<b>", '{"text": "\\u003cb\\u003e"}'),
        ("\\\\u003c", '{"text": "\\u003cb\\u003e"}'),
        ('"text": "x', '{"text": "x"}'),
        ("日本", '{"text": "\\u65e5\\u672c語"}'),
        ("{not json", "{not json"),
    ],
)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_quotes_lines_and_signs_are_found(words: str, payload: str, ascii_only: bool) -> None:
    quoted = words.replace('"', '\\"')
    log = Lines(message(payload, ascii_only=ascii_only), message('{"text": ""}')).log
    assert found(log, f'"{quoted}"') == [0]


def test_the_end_of_a_long_text_is_searched() -> None:
    log = Lines(message(json.dumps({"text": "x" * 300_000 + "needle"}))).log
    assert found(log, "needle") == [0]


def test_what_stands_around_a_payload_is_not_searched() -> None:
    log = Lines(message('{"goAway": {}}'), message('{"goAway": {}}', note="receive")).log
    for words in ("opcode", "receive", "mono", "size"):
        assert found(log, words) == []


def test_short_words_are_not_found_in_media_by_chance_but_long_ones_are() -> None:
    sound = base64.b64encode(b"".join(b"%09d" % n for n in range(200))).decode()
    blob = json.dumps({"audio": {"mimeType": "audio/pcm", "data": sound}})
    text = json.dumps({"text": sound})
    log = Lines(message(blob), message(text)).log
    assert found(log, sound[80:88]) == [1]
    assert found(log, sound[80:88].lower()) == [1]
    assert found(log, sound[80:100]) == [0, 1]
    assert found(log, "mimetype") == [0]
    assert found(log, f'"{sound[-3:]}\\""') == [0, 1]


def test_messages_that_are_no_text_are_searched() -> None:
    data = base64.b64encode(b"\xff\xfe albatross").decode()
    line = orjson.dumps(
        {"v": 1, "seq": 1, "type": "send", "time": 1, "mono": 1, "opcode": 2, "size": 3}
        | {"data": data, "encoding": "base64"}
    )
    assert found(Lines(line).log, "albatross") == [0]


def test_events_are_searched_by_name_and_detail() -> None:
    wire = WireLog()
    wire.happened("connection.closed", code=1011, reason="Grüße")
    assert found(wire.log, "connection.closed") == [0]
    assert found(wire.log, "grüße 1011") == [0]
    assert found(wire.log, "path:code=1011") == [0]
    assert found(wire.log, "path:reason~grü") == [0]


WORDS = st.sampled_from(
    [*'éÉßKkİi"\\/\n😀 <aςΣ\ud83d', "albatross", "Albatross", "ALBA", "日本", "data", "text", "the"]
)
TEXTS = st.lists(WORDS, max_size=6).map("".join)


@st.composite
def payloads(draw: st.DrawFn) -> str:
    """JSON whose strings are spelt in one of many ways, with media between, or no JSON."""
    text = draw(TEXTS)
    spelt = "".join(draw(st.sampled_from(_spellings(char))) for char in text)
    media = draw(
        st.sampled_from(
            ["", "albatross" * 30, "albatross \\u003d" * 30, "k" * 256, "kid" * 400, "É" * 600]
        )
    )
    key = draw(st.sampled_from(["data", "Data", "text"]))
    gap = draw(st.sampled_from(["", " ", "\n  "]))
    return f'{{"{key}":{gap}"{media}","text":{gap}"{spelt}"}}' + draw(st.sampled_from(["", "}"]))


def _spellings(char: str) -> list[str]:
    units = char.encode("utf-16-be", "surrogatepass")
    number = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    ways = [number, number.upper().replace("\\U", "\\u"), json.dumps(char)[1:-1]]
    plain = char not in '"\\\n' and not "\ud800" <= char <= "\udfff"
    return [*ways, char, char] if plain else ways


@st.composite
def queries(draw: st.DrawFn, text: str) -> Node:
    """A few words, cut out of the text or not, all or either or not."""
    leaves = [Word(each) for each in draw(st.lists(_cuts(text), min_size=1, max_size=3))]
    parts: list[Node] = [Not(each) if draw(st.booleans()) else each for each in leaves]
    parts += draw(st.sampled_from([[], [parse("kind:text")], [parse("size>40")]]))
    return All(tuple(parts)) if draw(st.booleans()) else Either(tuple(parts))


def _cuts(text: str) -> st.SearchStrategy[str]:
    start = st.integers(0, max(0, len(text) - 1))
    cut = st.tuples(start, st.integers(1, 14)).map(lambda at: text[at[0] : at[0] + at[1]])
    either = st.one_of(cut, cut.map(str.lower), WORDS, TEXTS)
    return either.filter(bool)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_finds_what_decoding_everything_finds(data: st.DataObject) -> None:
    lines = Lines()
    for payload in data.draw(st.lists(payloads(), min_size=1, max_size=5)):
        lines.add(message(payload, ascii_only=data.draw(st.booleans())))
    text = data.draw(st.sampled_from(readings(lines.log.record(0))))
    node = data.draw(queries(text))
    assert list(Search(lines.log, node).run().hits) == naive(lines.log, node)


# ---- columns


def talk() -> WireLog:
    """Turn 1 with voice and a tool, then turn 2; the record's row is in the comment."""
    wire = WireLog()
    wire.happened("connection.opening", model="m", modality="AUDIO")  # 0
    wire.sent({"setup": {"model": "models/m"}})  # 1
    wire.received({"setupComplete": {}})  # 2
    wire.sent({"clientContent": {"turns": [], "turnComplete": True}})  # 3
    wire.voice(2)  # 4, 5
    wire.received(content(outputTranscription={"text": "hello"}, futureField=1))  # 6
    wire.received(
        {"toolCall": {"functionCalls": [{"id": "1", "name": "f", "args": {"n": 7}}]}}
    )  # 7
    wire.turn_complete()  # 8
    wire.mic(2)  # 9, 10
    wire.received(content(modelTurn={"parts": [{"text": "a"}, {"inlineData": PCM}]}))  # 11
    return wire


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", range(12)),
        ("kind:audio", [4, 5, 9, 10, 11]),
        ("kind:modelTurn.audio", [4, 5, 11]),
        ("kind:serverContent", [4, 5, 6, 8, 11]),
        ("kind:server_content.*", [4, 5, 6, 8, 11]),
        ("kind:tool*", [7]),
        ("kind=toolCall", [7]),
        ("kind=audio", []),
        ("kind~transcript", [6]),
        ("kind:connection", [0]),
        ("kind:opening", [0]),
        ("dir:event", [0]),
        ("dir:send", [1, 3, 9, 10]),
        ("dir:recv kind:audio", [4, 5, 11]),
        ("unknown:yes", [6]),
        ("has:tool or has:text", [3, 6, 7, 11]),
        ("has:image", []),
        ("turn:0", [0, 1, 2, 3]),
        ("turn:1 -kind:audio", [6, 7, 8]),
        ("turn>=2", [11]),
        ("seq:5-6", [4, 5]),
        ("size>10k", [4, 5, 11]),
        ("size<30", [2]),
        ("t<25ms", [0, 1]),
        ("dt>0s", range(1, 12)),
        ("-dt>0s", [0]),
        ("path:toolCall", [7]),
        ("path:tool_call.function_calls.args.n=7", [7]),
        ("path:toolCall.functionCalls[0].args.n>6", [7]),
        ("path:toolCall.functionCalls[1]", []),
        ("path:toolCall.functionCalls.id=1", [7]),
        ("path:serverContent.modelTurn.parts[0].text=a", [11]),
        ("path:*.modelTurn.parts[].inlineData.mimeType~pcm", [4, 5, 11]),
        ("path:serverContent.turnComplete=true", [8]),
        ("path:clientContent~true", [3]),
        ("re:/hel+o/", [6]),
        ("re:/HELLO/i kind:outputTranscription", [6]),
        ("re:/HELLO/", []),
        ("-re:/./", []),
        ("hello or path:toolCall", [6, 7]),
        ("-hello dir:recv -kind:audio", [2, 7, 8]),
    ],
)
def test_terms_choose_rows(query: str, rows: Any) -> None:
    assert found(talk().log, query) == list(rows)


def test_the_first_record_has_no_dt_and_every_other_that_since_the_one_before() -> None:
    lines = Lines(message("{}", mono=1.0), message("{}", mono=1.5), message("{}", mono=1.75))
    assert found(lines.log, "dt<1h") == [1, 2]
    assert found(lines.log, "dt:500ms-1s") == [1]


def test_null_is_not_set() -> None:
    log = Lines(message('{"goAway": null, "setupComplete": {"sessionId": null}}')).log
    assert found(log, "path:goAway") == []
    assert found(log, "path:setupComplete.sessionId") == []
    assert found(log, "path:setupComplete") == [0]


# ---- growing, stepping, failing


def test_goes_on_where_the_log_has_grown() -> None:
    wire = WireLog()
    search = Search(wire.log, parse("hello"))
    expected = []
    for number in range(50):
        words = "hello" if number % 7 == 0 else "bye"
        if words == "hello":
            expected.append(number)
        wire.received(content(outputTranscription={"text": words}))
        assert list(search.run().hits) == expected
        assert search.upto == len(wire.log)


def test_hits_come_step_by_step_in_order(tmp_path: FilePath) -> None:
    storage = FileStorage(tmp_path / "log.jsonl")
    journal, log = Journal(storage, {}, Mask()), SessionLog(storage.read)
    for number in range(600):
        payload = json.dumps({"text": "hello" * 1000, "n": number}).encode()
        log.ingest(*journal.frame(Direction.RECEIVE, BINARY, payload, time_s=0, mono_s=number))
    search = Search(log, parse("hello -path:n<100"))
    counts = [len(search.hits) for _ in search.steps()]
    assert len(counts) > 3
    assert counts == sorted(counts)
    assert 0 < counts[1] < counts[-1] == 500
    storage.close()


def test_next_and_last_hit() -> None:
    search = Search(talk().log, parse("kind:modelTurn.audio")).run()
    assert [search.following(row, True) for row in (0, 4, 5, 11)] == [4, 5, 11, None]
    assert [search.following(row, False) for row in (0, 4, 5, 11)] == [None, None, 4, 5]
    assert [row for row in range(12) if search.hit(row)] == [4, 5, 11]


def test_a_pattern_that_takes_for_ever_is_given_up() -> None:
    payload = json.dumps({"text": "a" * 4000 + "!"})
    lines = Lines(message(payload), message('{"text": "aaa"}'))
    search = Search(lines.log, parse(r"re:/(?:a|aa)+b|aaa\"/")).run()
    assert (list(search.hits), search.too_slow) == ([1], 1)
    lines = Lines(*[message(payload)] * (MOST_TOO_SLOW + 5))
    with pytest.raises(QueryError, match="takes too long"):
        Search(lines.log, parse("re:/(?:a|aa)+b/")).run()


def test_findings_are_asked_of_whoever_knows_them() -> None:
    log = talk().log
    findings: Mapping[int, str] = {4: "stall", 7: "tool-late"}

    def finding(row: int, name: str) -> bool:
        return row in findings and name in ("*", findings[row])

    assert list(Search(log, parse("finding:stall"), finding).run().hits) == [4]
    assert list(Search(log, parse("finding:* -kind:audio"), finding).run().hits) == [7]
    with pytest.raises(QueryError, match="not looked for here") as caught:
        Search(log, parse("a finding:stall"))
    assert caught.value.column == 10


def test_lines_that_are_gone_have_no_content() -> None:
    lines = Lines(message('{"text": "hello"}'), message('{"text": "hello"}'))
    lines.data = lines.data[: lines.log.offsets[1] + 9]
    assert found(lines.log, "hello") == [0]
    assert found(lines.log, "path:text") == [0]
    assert found(lines.log, "dir:recv") == [0, 1]


def test_deep_json_and_broken_lines_are_searched_as_text() -> None:
    deep = '{"a":' * 2000 + "1" + "}" * 2000
    log = Lines(message(deep), message("[" * 100_000)).log
    assert found(log, '"a\\":1"') == [0]
    assert found(log, "path:a~1") == []
    assert found(log, '"[[["') == [1]


def test_unreadable_lines_of_a_recording_are_searched(tmp_path: FilePath) -> None:
    path = tmp_path / "broken.jsonl"
    lines = [b'{"v":1,"type":"header"}', message('{"text": "hello"}'), b"rubbish albatross", b""]
    path.write_bytes(b"\n".join(lines))
    log = SessionLog.open(path)
    assert found(log, "albatross") == [1]
    assert found(log, "kind:unreadable") == [1]
    log.close()
