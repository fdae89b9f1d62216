"""The key is used on the wire and stands in no file, however a server spells it back."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.live.conftest import Talk
from tests.stage import API_KEY, Peer, Stage
from tui.core.configuration.message import Configuration
from tui.core.frame import Direction

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]

JSON_ESCAPED = "".join(f"\\u{ord(char):04x}" for char in API_KEY)
URL_ESCAPED = "".join(f"%{ord(char):02X}" for char in API_KEY)
HALF_ESCAPED = "".join(f"\\u{ord(char):04X}" if at % 3 else char for at, char in enumerate(API_KEY))

ECHOES: dict[str, str | bytes] = {
    "plain": json.dumps({"error": {"message": f"API key {API_KEY} is not valid."}}),
    "as a key": json.dumps({API_KEY: {API_KEY: [API_KEY]}}),
    "in JSON escapes": f'{{"debug": "{JSON_ESCAPED}"}}',
    "partly escaped": f'{{"debug": "key={HALF_ESCAPED}"}}',
    "in JSON in JSON": json.dumps({"debug": f'{{"key": "{JSON_ESCAPED}"}}'}),
    "in a URL": json.dumps({"url": f"wss://host/ws?key={API_KEY}&alt=ws"}),
    "in a URL with escapes": json.dumps({"url": f"wss://host/ws?key={URL_ESCAPED}"}),
    "in a quoted URL": json.dumps({"url": quote(f"https://host/?key={API_KEY}", safe="")}),
    "as a bearer token": json.dumps({"headers": {"Authorization": f"Bearer {API_KEY}"}}),
    "in words of an answer": json.dumps(
        {"serverContent": {"modelTurn": {"parts": [{"text": f"Your key: {API_KEY}."}]}}}
    ),
    "in a value of the wrong type": json.dumps({"serverContent": f"{'x' * 40}{API_KEY}"}),
    "in text that is no JSON": f"GET /?key={API_KEY} HTTP/1.1",
    "in binary rubbish": b"\xff\xfe" + API_KEY.encode() + b"\x00\xff",
    "in the handle": json.dumps(
        {"sessionResumptionUpdate": {"newHandle": API_KEY, "resumable": True}}
    ),
    "in goAway": json.dumps({"goAway": {"timeLeft": API_KEY}}),
}


async def echo(peer: Peer) -> None:
    """Give the key back in every way, then close with it."""
    await peer.accept(sessionId=API_KEY)
    await peer.hear()
    await peer.send(*ECHOES.values())
    await peer.answer("That was all.")
    await peer.cue()
    await peer.close(1008, f"API key {API_KEY} was reported as leaked.")


def test_no_spelling_of_the_key_reaches_a_file(
    on_stage: Serve, talk: Begin, tmp_path: Path
) -> None:
    played = on_stage(echo)
    asked = Configuration({"system_instruction": f"My key is {API_KEY}."})
    heard = talk(view="text", model="gemini-2.0-flash-exp", configuration=asked)
    heard.connect()
    heard.engine.say(f"Is {API_KEY} my key?")
    heard.until(lambda session: session.turns and session.turns[0].completed_s)
    played.give_cue()
    session = heard.until(lambda session: session.problem)
    assert played.peers[0].headers["x-goog-api-key"] == API_KEY, "the wire has the key itself"
    assert "API key AIza***aZ4t was reported as leaked." in session.problem
    assert "Your key: AIza***aZ4t." in session.turns[0].answer
    assert leaks(tmp_path / "data") == []


@pytest.mark.parametrize("name", ECHOES)
def test_masking_changes_nothing_but_the_key(on_stage: Serve, talk: Begin, name: str) -> None:
    async def echo_one(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(ECHOES[name])
        await peer.answer("That was it.")
        await peer.listen()

    played = on_stage(echo_one)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.ask("What is my key?")
    frames = heard.frames(Direction.RECEIVE)
    assert b"***" in frames[1]
    before, *_, after = frames[1].split(b"***")
    sent = played.peers[0].sent
    assert sent[1].startswith(before[:-4])
    assert sent[1].endswith(after[4:])
    assert frames[:1] + frames[2:] == sent[:1] + sent[2:]


def test_a_refusal_that_names_the_key(on_stage: Serve, talk: Begin, tmp_path: Path) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.hear()
        await peer.send(f"not JSON, and key {API_KEY}")
        await peer.listen()

    on_stage(refuse)
    heard = talk()
    heard.engine.connect()
    heard.until(lambda session: session.problem)
    assert leaks(tmp_path / "data") == []


def test_recordings_are_for_their_owner_alone(on_stage: Serve, talk: Begin) -> None:
    on_stage(Peer.greet)
    heard = talk()
    assert heard.rig.recording is not None
    assert heard.rig.recording.stat().st_mode & 0o777 == 0o600
    assert heard.rig.recording.parent.stat().st_mode & 0o777 == 0o700


def leaks(folder: Path) -> list[str]:
    """Files under the folder in which more than the two ends of the key can be read."""
    files = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    assert any(file.suffix == ".jsonl" for file in files)
    parts = [API_KEY[start : start + 12].encode() for start in range(len(API_KEY) - 11)]
    encoded = [base64.b64encode(b"x" * lead + API_KEY.encode())[4:-4] for lead in range(3)]
    return [
        f"{part!r} in {file}"
        for file in files
        for part in (*parts, *encoded)
        if part in unescaped(file.read_bytes())
    ]


def unescaped(text: bytes) -> bytes:
    """All escapes of ASCII characters resolved, however many backslashes a file puts before."""
    escape = re.compile(rb"\\+u00([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})")
    return escape.sub(lambda found: bytes.fromhex((found[1] or found[2]).decode()), text)


@pytest.mark.parametrize("spelling", [API_KEY, JSON_ESCAPED, URL_ESCAPED, HALF_ESCAPED])
def test_a_leak_would_be_found(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "leaky.jsonl").write_text(json.dumps({"text": json.dumps({"key": spelling})}))
    assert leaks(tmp_path)
