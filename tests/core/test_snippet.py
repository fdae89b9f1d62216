"""Snippets are run: Python by the real SDK on a socket that notes, shell lines by a real bash."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from google import genai
from google.genai.live import AsyncSession

from tui.core import wire
from tui.core.sdk_call import NoCall, call
from tui.core.snippet import ENDPOINT, javascript, python, shell
from tui.core.text import safe

CAPTURED = Path(__file__).parents[1] / "data/messages/captured_sdk_client_frames.jsonl"

HOSTILE = "\x1b]52;c;QUJD\x07\u202e'; touch pwned; $(touch pwned) `touch pwned` \\ \" \ufe0f\u2028"


def captured() -> Iterator[Any]:
    """What google-genai for Python has really sent."""
    seen = set()
    for line in CAPTURED.read_text().splitlines():
        row = json.loads(line)
        key = json.dumps(row.get("message"))
        if "(Python)" in row["source"] and "message" in row and key not in seen:
            seen.add(key)
            name = row["source"].partition("[")[2].rstrip("]")
            yield pytest.param(row["message"], "vertex" in name, id=name)


class Socket:
    """Notes what is sent, and accepts a set-up."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    async def recv(self, decode: bool | None = None) -> bytes:
        return b'{"setupComplete": {}}'


def run(code: str, vertex: bool = False) -> Any:
    """What the code sends."""
    socket = Socket()
    client = genai.Client(api_key="none")
    client._api_client.vertexai = vertex
    session = AsyncSession(api_client=client._api_client, websocket=socket)  # type: ignore[arg-type]
    names: dict[str, Any] = {"session": session, "client": client}
    body = textwrap.indent(code, "    ")
    exec(f"async def main():\n{body}", names)

    @asynccontextmanager
    async def connect(*_: Any, **__: Any) -> Any:
        yield socket

    with patch("google.genai.live.ws_connect", connect):
        asyncio.run(names["main"]())
    (message,) = socket.sent
    return message


def alike(message: Any) -> Any:
    """Canonical, one base64 alphabet, numbers and roles as the SDK writes them."""
    text = json.dumps(wire.canonical(message)).replace("-", "+").replace("_", "/")
    return json.loads(text)


@pytest.mark.filterwarnings("ignore:Setting `LiveConnectConfig.generation_config`")
@pytest.mark.parametrize(("message", "vertex"), [*captured()])
def test_python_sends_the_same_message(message: Any, vertex: bool) -> None:
    if "setup" in message and vertex:
        pytest.skip("a set-up for Vertex needs its credentials")
    if message == {"realtime_input": {"media_chunks": None}}:
        assert python(message, True).startswith("# No call")
        return
    assert alike(run(python(message, True), vertex)) == alike(message)


@pytest.mark.parametrize(
    "message",
    [
        {"clientContent": {"turns": []}},
        {"realtimeInput": {"text": HOSTILE}},
        {"realtimeInput": {"audio": {"data": "AAA", "mimeType": "audio/pcm;rate=16000"}}},
        {"toolResponse": {"functionResponses": [{"id": "1", "response": {"a_b": 1}}]}},
        {"contextUpdate": {"systemInstruction": {"parts": [{"text": "x"}], "role": "user"}}},
        {"setup": {"model": "models/m", "tools": [{"googleSearch": {}}], "labels": {"my_t": "x"}}},
    ],
)
def test_python_of_what_another_client_sent(message: Any) -> None:
    sent = run(python(message, True))
    assert alike(sent) == alike(message) or "AAA=" in json.dumps(sent)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"future": 1},
        {"setup": {"model": "m", "future": 1}},
        {"realtimeInput": {"text": "a", "audioStreamEnd": True}},
        {"realtimeInput": {"mediaChunks": []}},
        {"setup": {}, "clientContent": {}},
        {"realtimeInput": {"audio": {"data": "!", "mimeType": "audio/pcm"}}},
        {"clientContent": "words"},
        {HOSTILE: HOSTILE},
    ],
)
def test_what_no_call_makes_is_sent_as_it_is(message: Any) -> None:
    with pytest.raises(NoCall):
        call(message)
    code = python(message, True)
    assert code.startswith("# No call of google-genai makes this message: ")
    assert run(code) == message


def test_a_message_of_the_server_is_a_dict() -> None:
    message = {"serverContent": {"turnComplete": True, "n": None, "words": ["x" * 99, HOSTILE]}}
    names: dict[str, Any] = {}
    exec(python(message, False), names)
    assert names["message"] == message


def test_javascript_is_json_and_means_the_same() -> None:
    message = {"client_content": {"turns": [{"parts": [{"text": HOSTILE}]}], "turn_complete": True}}
    code = javascript(message, True)
    head, tail = "ws.send(JSON.stringify(", "));\n"
    assert code.startswith(head)
    assert code.endswith(tail)
    assert json.loads(code.removeprefix(head).removesuffix(tail)) == wire.canonical(message)
    assert javascript({"a": 1}, False) == 'const message = {\n  "a": 1\n};\n'


def test_a_prototype_is_not_set() -> None:
    message = {"a": {"__proto__": {"b": 1}}}
    code = javascript(message, False)
    assert code.startswith("const message = JSON.parse(")
    inside = code.removeprefix("const message = JSON.parse(").removesuffix(");\n")
    assert json.loads(json.loads(inside)) == message


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_shell_sends_the_set_up_and_the_message(tmp_path: Path) -> None:
    setup, message = {"setup": {"model": "m'"}}, {"realtimeInput": {"text": HOSTILE}}
    line = shell(message, True, setup)
    heard = bash(f'websocat() {{ echo "$@" >&2; cat; }}; sleep() {{ :; }}\n{line}', tmp_path)
    assert [json.loads(each) for each in heard.stdout.splitlines()] == [setup, message]
    assert heard.stderr.decode() == f"{ENDPOINT}?key=none\n"
    assert list(tmp_path.iterdir()) == [], "nothing of it was run"
    assert shell(setup, True, setup) == shell(setup, True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_shell_hands_a_message_of_the_server_to_jq(tmp_path: Path) -> None:
    message = {"serverContent": {HOSTILE: [1, HOSTILE]}}
    heard = bash(f"jq() {{ cat; }}\n{shell(message, False)}", tmp_path)
    assert json.loads(heard.stdout) == message


def bash(script: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={"GEMINI_API_KEY": "none", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
        timeout=20,
    )


def test_nothing_of_a_snippet_acts_on_a_terminal() -> None:
    message = {HOSTILE: {"a": HOSTILE}}
    for write in (python, javascript, shell):
        for sent in (True, False):
            text = write(message, sent)
            assert safe(text, lines=True) == text


def test_what_nests_too_deep_is_said() -> None:
    deep = orjson.loads(b'{"a":' * 900 + b"1" + b"}" * 900)
    for write in (python, javascript, shell):
        with pytest.raises(ValueError, match="too deep"):
            write(deep, True)
