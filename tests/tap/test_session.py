"""Bytes become records: in any pieces, compressed or not, whatever a side may send."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import BINARY, CLOSE, CONT, PING, TEXT, Close, Frame, Opcode

from tests.stage import API_KEY
from tests.tap.conftest import end, frames, read
from tui.core.frame import Direction, Event
from tui.core.journal import FileStorage
from tui.core.log import SessionLog
from tui.core.recording import Recording
from tui.tap.head import Head
from tui.tap.session import TappedSession
from tui.tap.upstream import Upstream

SEND, RECEIVE = Direction.SEND, Direction.RECEIVE
GOOGLE = Upstream.at("https://generativelanguage.googleapis.com")
DEFLATE = "permessage-deflate; server_max_window_bits=12; client_no_context_takeover"
SETUP = (
    b'{"setup": {"model": "models/gemini-2.0-flash-exp", '
    b'"generation_config": {"response_modalities": ["TEXT"]}}}'
)


class Wiretap:
    """A session that is fed by hand."""

    def __init__(self, folder: Path, *headers: str, target: str = "/ws") -> None:
        self.path = folder / "session.jsonl"
        request = Head.request(
            f"GET {target} HTTP/1.1\r\n".encode() + "\r\n".join(headers).encode()
        )
        self.session = TappedSession(request, GOOGLE, 1_000.0, lambda _: FileStorage(self.path))

    def accept(self, *fields: str) -> None:
        head = "\r\n".join(["HTTP/1.1 101 Switching Protocols", *fields]) + "\r\n\r\n"
        self.feed(RECEIVE, head.encode())

    def feed(self, direction: Direction, data: bytes, at_s: float = 0.5) -> None:
        self.session.passed(direction, data, at_s)

    def send(self, payload: bytes, **how: Any) -> None:
        self.feed(SEND, framed(payload, mask=True, **how))

    def receive(self, payload: bytes, **how: Any) -> None:
        self.feed(RECEIVE, framed(payload, mask=False, **how))


def framed(
    payload: bytes,
    *,
    mask: bool,
    opcode: Opcode = TEXT,
    fin: bool = True,
    deflate: PerMessageDeflate | None = None,
) -> bytes:
    extensions = [deflate] if deflate else []
    return Frame(opcode, payload, fin).serialize(mask=mask, extensions=extensions)


@pytest.fixture
def wiretap(tmp_path: Path) -> Iterator[Wiretap]:
    tapped = Wiretap(tmp_path, "X-Goog-Api-Client: google-genai-sdk/9", "Host: h")
    yield tapped
    tapped.session.close()


def test_a_session_reads_like_one_of_ours(wiretap: Wiretap) -> None:
    wiretap.accept()
    wiretap.send(SETUP)
    wiretap.receive(b'{"setupComplete": {}}', opcode=BINARY)
    wiretap.receive(Close(1011, "Internal error encountered.").serialize(), opcode=CLOSE)
    wiretap.send(Close(1011, "").serialize(), opcode=CLOSE)
    wiretap.session.ended(RECEIVE, "", 2.5)
    wiretap.session.ended(SEND, "", 2.6)
    assert wiretap.session.model == "gemini-2.0-flash-exp"
    assert wiretap.session.end == "1011 Internal error encountered."
    with contextlib.closing(Recording(wiretap.path)) as recording:
        header = recording.header
    assert (header["model"], header["origin"]) == ("gemini-2.0-flash-exp", "gemini")
    assert header["sdk"] == "google-genai-sdk/9"
    log = SessionLog.open(wiretap.path)
    connection = log.session.connection
    assert connection is not None
    assert (connection.model, connection.modality) == ("gemini-2.0-flash-exp", "TEXT")
    assert (connection.host, connection.opening_s) == ("generativelanguage.googleapis.com", 0.0)
    assert (connection.open_s, connection.closed_s) == (0.5, 2.5)
    assert (connection.code, connection.by) == (1011, "server")
    assert "Last sent: setup." in log.session.problem
    log.close()


@pytest.mark.parametrize("deflated", [False, True])
def test_any_pieces_give_the_same_messages(wiretap: Wiretap, deflated: bool) -> None:
    chance = random.Random(4)
    payloads = [chance.randbytes(size) + b"x" * size for size in (0, 1, 125, 126, 70_000, 65_536)]
    wiretap.accept(*([f"Sec-WebSocket-Extensions: {DEFLATE}"] if deflated else []))
    server = PerMessageDeflate(False, False, 15, 12) if deflated else None
    client = PerMessageDeflate(False, True, 15, 15) if deflated else None
    for direction, deflate in ((SEND, client), (RECEIVE, server)):
        stream = b""
        for payload in payloads:
            stream += framed(b"ping", mask=direction is SEND, opcode=PING)
            half = len(payload) // 2
            for part in ((TEXT, payload[:half], False), (CONT, payload[half:], True)):
                opcode, data, fin = part
                stream += framed(
                    data, mask=direction is SEND, opcode=opcode, fin=fin, deflate=deflate
                )
        while stream:
            size = chance.randrange(1, 9_000)
            wiretap.feed(direction, stream[:size])
            stream = stream[size:]
    wiretap.session.ended(SEND, "", 1.0)
    expected = [(way, 1, payload) for way in ("send", "receive") for payload in payloads]
    assert frames(read(wiretap.path)) == expected


def test_what_comes_with_and_before_the_handshake_is_read(wiretap: Wiretap) -> None:
    wiretap.send(SETUP)
    wiretap.feed(RECEIVE, b"HTTP/1.1 101 \r\nA: ")
    wiretap.feed(RECEIVE, b"b\r\n\r\n" + framed(b"{}", mask=False))
    wiretap.session.ended(SEND, "", 1.0)
    assert frames(read(wiretap.path)) == [("send", 1, SETUP), ("receive", 1, b"{}")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\nno\n", "HTTP 403 Forbidden"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer to the handshake was no HTTP"),
        (b"HTTP/1.1 101 " + b"x" * 70_000, "the answer to the handshake was no HTTP"),
    ],
)
def test_a_refused_handshake_is_recorded(wiretap: Wiretap, answer: bytes, reason: str) -> None:
    wiretap.feed(RECEIVE, answer)
    wiretap.feed(RECEIVE, b"more")
    wiretap.session.ended(RECEIVE, "", 1.0)
    assert end(read(wiretap.path)) == (None, reason, "server")
    with contextlib.closing(SessionLog.open(wiretap.path)) as log:
        assert reason in log.session.problem


WILD = {
    "a reserved opcode": b"\x83\x00",
    "a mask from the server": framed(b"x", mask=True),
    "reserved bits": b"\xf1\x00",
    "a continuation of nothing": framed(b"x", mask=False, opcode=CONT),
    "a message of 2^62 bytes": b"\x82\x7f\x40" + bytes(7),
    "a close without sense": b"\x88\x01x",
    "a close with a reason that is no UTF-8": b"\x88\x03\x03\xe8\xff",
}


@pytest.mark.parametrize("name", WILD)
def test_what_cannot_be_read_is_said_and_the_other_direction_goes_on(
    wiretap: Wiretap, name: str
) -> None:
    wiretap.accept()
    wiretap.receive(b"before")
    wiretap.feed(RECEIVE, WILD[name] + framed(b"after", mask=False))
    wiretap.send(b"still read")
    wiretap.session.ended(SEND, "", 1.0)
    records = read(wiretap.path)
    assert frames(records) == [("receive", 1, b"before"), ("send", 1, b"still read")]
    said = [
        each.detail["message"]
        for each in records
        if isinstance(each, Event) and each.name == "error"
    ]
    assert len(said) == 1
    assert said[0].startswith("What the server sends from here on is passed on but not recorded: ")


def test_a_bomb_is_not_inflated(wiretap: Wiretap) -> None:
    wiretap.accept("Sec-WebSocket-Extensions: permessage-deflate")
    bomb = framed(bytes(80 << 20), mask=False, deflate=PerMessageDeflate(False, False, 15, 15))
    assert len(bomb) < 1 << 20
    wiretap.feed(RECEIVE, bomb)
    wiretap.session.ended(SEND, "", 1.0)
    assert frames(read(wiretap.path)) == []


@pytest.mark.parametrize("named", ["x-unknown", "permessage-deflate; server_max_window_bits=99"])
def test_an_extension_that_is_not_known(wiretap: Wiretap, named: str) -> None:
    wiretap.accept(f"Sec-WebSocket-Extensions: {named}")
    wiretap.receive(b"packed somehow")
    wiretap.session.ended(SEND, "", 1.0)
    records = read(wiretap.path)
    assert frames(records) == []
    assert sum(isinstance(each, Event) and each.name == "error" for each in records) >= 1


@pytest.mark.parametrize(
    ("target", "header"),
    [
        (f"/ws?key={API_KEY}", "X: y"),
        (f"/ws?alt=ws&access_token={API_KEY}", "X: y"),
        ("/ws", f"x-goog-api-key: {API_KEY}"),
        ("/ws", f"Authorization: Bearer {API_KEY}"),
        ("/ws", f"authorization: Token {API_KEY}"),
    ],
)
@pytest.mark.parametrize("key", [API_KEY, "an-odd-key-of-no-known-shape"])
def test_no_credential_is_recorded(tmp_path: Path, target: str, header: str, key: str) -> None:
    wiretap = Wiretap(
        tmp_path,
        header.replace(API_KEY, key),
        f"User-Agent: python key={key}",
        target=target.replace(API_KEY, key),
    )
    wiretap.accept()
    wiretap.send(SETUP)
    escaped = "".join(f"\\u{ord(char):04x}" for char in key)
    wiretap.receive(json.dumps({"error": f"API key {key} not valid."}).encode())
    wiretap.receive(f'{{"echo": "{escaped}"}}'.encode())
    wiretap.receive(Close(1007, f"API key {key} not valid.").serialize(), opcode=CLOSE)
    wiretap.session.ended(RECEIVE, "", 1.0)
    text = wiretap.path.read_text()
    assert "not valid" in text
    assert key[6:-6] not in text
    assert key[6:-6] not in text.replace("\\\\u", "\\u").encode().decode("unicode_escape")
    assert key not in wiretap.session.end
