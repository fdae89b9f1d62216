"""The script really runs, with the unchanged SDK, in a process of its own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exporters.sessions import log_of, material_of, noise, speak
from tests.media.films import RED, jpeg
from tests.rehearsal import Rehearsal
from tests.stage import Peer, stage
from tui.core import schema
from tui.core.journal import JournalError
from tui.core.redaction import Level
from tui.exporters.formats import FORMATS, write
from tui.live.local import LocalEmulator

MESSAGES = Path(__file__).parent.parent / "data" / "messages"
SETUP = {
    "model": "models/gemini-3.8-live",
    "generationConfig": {
        "responseModalities": ["AUDIO"],
        "topP": 0.5,
        "speechConfig": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}}},
    },
    "systemInstruction": {"parts": [{"text": "Be \"brief\".\n'''\\ \u202e"}], "role": "user"},
    "tools": [
        {
            "functionDeclarations": [
                {"name": "get_weather", "parameters_json_schema": {"type": "object", "aB_c": 1}}
            ]
        }
    ],
    "outputAudioTranscription": {},
    "realtimeInputConfig": {"automatic_activity_detection": {"silence_duration_ms": 500}},
}


def program(play: Rehearsal, folder: Path, level: Level = Level.CREDENTIALS) -> Path:
    write(material_of(play, level), FORMATS["script"], folder / "script")
    return folder / "script" / "repeat.py"


def run(script: Path, environment: dict[str, str], *flags: str) -> str:
    """What it prints."""
    done = subprocess.run(
        [sys.executable, str(script), *flags],
        env={**os.environ, **environment},
        cwd=script.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def canonical(payload: bytes) -> Any:
    """A message whose base64 is in one alphabet, too."""
    read, unknown = schema.read(json.loads(payload), schema.client())
    assert not unknown
    return json.loads(json.dumps(read).replace("-", "+").replace("_", "/"))


def repeated(
    play: Rehearsal, tmp_path: Path, script: Callable[[Peer], Any], connections: int = 1
) -> list[list[Any]]:
    """What a server hears of the script that is made of a session."""
    heard: list[list[Any]] = []
    with stage(tmp_path / "authority", script) as server:
        path = program(play, tmp_path)
        run(path, server.environment, "--patience", "5")
        heard = [[canonical(payload) for payload in peer.heard] for peer in server.peers]
    assert len(heard) == connections
    return heard


def sent(play: Rehearsal) -> list[Any]:
    """What the session sent, in the same form."""
    log = log_of(play)
    records = (log.record(row) for row in range(len(log)) if log.directions[row] == ord("s"))
    return [canonical(record.payload) for record in records]  # type: ignore[union-attr]


def begun(**setup: Any) -> Rehearsal:
    play = Rehearsal()
    play.event("connection.opening", model="m", host="h")
    play.send(setup={**SETUP, **setup})
    play.receive(setupComplete={})
    return play


async def answers_everything(peer: Peer) -> None:
    """Ends a turn after whatever asks for an answer."""
    await peer.accept()
    while True:
        message = await peer.hear()
        if message.get("client_content", {}).get("turnComplete") or "text" in message.get(
            "realtime_input", {}
        ):
            await peer.answer("yes")


def everything() -> Rehearsal:
    play = begun()
    image = base64.b64encode(jpeg(RED)).decode()
    play.send(realtime_input={"activityStart": {}})
    speak(play, noise(0.5, 16_000))
    play.send(realtime_input={"activityEnd": {}})
    play.send(realtime_input={"audioStreamEnd": True})
    play.send(realtime_input={"video": {"data": image, "mime_type": "image/jpeg"}})
    play.send(realtime_input={"text": "hi '''\"\\\n\u202e \ud83d\ude00"})
    play.write("yes")
    play.complete()
    parts = [{"text": "see"}, {"inlineData": {"data": image, "mime_type": "image/jpeg"}}]
    play.send(client_content={"turns": [{"parts": parts, "role": "user"}], "turnComplete": True})
    play.complete()
    play.send(client_content={"turnComplete": False})
    play.send(contextUpdate={"systemInstruction": {"parts": [{"text": "x"}], "role": "user"}})
    play.send(contextUpdate={"tools": {"tools": []}})
    media = {"data": base64.b64encode(bytes(640)).decode(), "mime_type": "audio/pcm;rate=16000"}
    play.send(realtime_input={"mediaChunks": [media]})
    play.send(realtime_input={"audio": {"data": "AA==", "mime_type": "audio/pcm;rate=16000"}})
    return play


def test_the_server_hears_the_same_again(tmp_path: Path) -> None:
    [heard] = repeated(everything(), tmp_path, answers_everything)
    assert heard == sent(everything())


def test_is_safe_to_move_and_its_media_are_files(tmp_path: Path) -> None:
    script = program(everything(), tmp_path)
    names = sorted(path.name for path in (script.parent / "media").iterdir())
    assert names == ["000005.wav", "000012.jpg", "000017.jpg", "000023.wav", "000024.bin"]
    assert (script.parent / "media" / "000012.jpg").read_bytes() == jpeg(RED)
    assert "\u202e" not in script.read_text("utf-8")


async def calls_back(peer: Peer) -> None:
    await peer.accept()
    await peer.hear()
    call = {"name": "get_weather", "args": {}, "id": "new-1"}
    await peer.send({"toolCall": {"functionCalls": [{**call, "name": "other", "id": "0"}, call]}})
    await peer.hear()
    await peer.answer("done")
    await peer.listen()


def test_answers_the_calls_that_come_now_not_those_that_came_then(tmp_path: Path) -> None:
    play = begun()
    play.ask("weather?")
    call = {"name": "get_weather", "id": "old-1"}
    play.receive(toolCall={"functionCalls": [call]})
    response = {**call, "response": {"temp_c": 3, "aB": 1}, "scheduling": "SILENT"}
    play.send(toolResponse={"functionResponses": [response]})
    play.complete()
    [heard] = repeated(play, tmp_path, calls_back)
    answered = {"toolResponse": {"functionResponses": [{**response, "id": "new-1"}]}}
    assert heard[2] == canonical(json.dumps(answered).encode())


async def hands_out(peer: Peer) -> None:
    await peer.accept()
    await peer.send({"sessionResumptionUpdate": {"newHandle": "handle 2", "resumable": True}})
    await answers_rest(peer)


async def answers_rest(peer: Peer) -> None:
    while True:
        await peer.hear()
        await peer.answer("yes")


def test_a_connection_resumes_with_the_handle_of_the_one_before(tmp_path: Path) -> None:
    play = begun(sessionResumption={})
    play.receive(sessionResumptionUpdate={"newHandle": "handle-1-of-then", "resumable": True})
    play.ask("one")
    play.complete()
    play.event("connection.closed", code=1000, by="client", reason="", message="")
    play.event("connection.opening", model="m", host="h")
    play.send(setup={**SETUP, "sessionResumption": {"handle": "handle-1-of-then"}})
    play.receive(setupComplete={})
    play.ask("two")
    play.complete()
    first, second = repeated(play, tmp_path, hands_out, connections=2)
    assert first[0]["setup"]["sessionResumption"] == {}
    assert second[0]["setup"]["sessionResumption"] == {"handle": "handle 2"}
    assert [len(first), len(second)] == [2, 2]


def test_what_the_sdk_has_no_call_for_goes_as_it_was(tmp_path: Path) -> None:
    play = begun()
    play.send(brandNew={"a": "'''\n\u2028"})
    [heard] = repeated_raw(play, tmp_path)
    assert json.loads(heard[1]) == {"brandNew": {"a": "'''\n\u2028"}}


def repeated_raw(play: Rehearsal, tmp_path: Path) -> list[list[bytes]]:
    async def listens(peer: Peer) -> None:
        await peer.accept()
        await peer.listen()

    with stage(tmp_path / "authority", listens) as server:
        run(program(play, tmp_path), server.environment, "--patience", "1")
        return [peer.heard for peer in server.peers]


def setups() -> Iterator[dict[str, Any]]:
    """The set-ups that the SDKs really send to the Gemini API."""
    path = MESSAGES / "captured_sdk_client_frames.jsonl"
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        setup = row.get("message", {}).get("setup") if row["frame"] == "text" else None
        if setup and "[gemini" in row["source"] and "Python" in row["source"]:
            yield setup


def test_every_known_setup_is_one_again(tmp_path: Path) -> None:
    """All in one script, a connection each."""
    wanted = sent(connections())
    heard = repeated(connections(), tmp_path, answers_everything, connections=len(wanted))
    assert len(wanted) == 4
    for got, want in zip(heard, wanted, strict=True):
        want["setup"].get("sessionResumption", {}).pop("handle", None)
        assert got == [want]


def connections() -> Rehearsal:
    play = Rehearsal()
    for setup in setups():
        play.event("connection.opening", model="m", host="h")
        play.send(setup=setup)
        play.receive(setupComplete={})
    return play


def test_without_media_it_still_runs(tmp_path: Path) -> None:
    script = program(everything(), tmp_path, Level.ALL)
    assert list((script.parent / "media").iterdir()) == []
    with stage(tmp_path / "authority", answers_everything) as server:
        run(script, server.environment, "--patience", "5")
        [peer] = server.peers
    assert b"characters removed" in b"".join(peer.heard)


def test_a_session_without_a_setup_is_a_sentence(tmp_path: Path) -> None:
    play = Rehearsal()
    play.send(realtime_input={"text": "hi"})
    with pytest.raises(JournalError, match="no setup"):
        program(play, tmp_path)


def test_the_emulator_answers_it_as_it_answered_the_session(tmp_path: Path) -> None:
    play = Rehearsal()
    play.event("connection.opening", model="gemini-2.0-flash-exp", host="h")
    play.send(
        setup={
            "model": "models/gemini-2.0-flash-exp",
            "generationConfig": {"responseModalities": ["TEXT"]},
        }
    )
    play.receive(setupComplete={})
    for question in ("My number is 42.", "What number did I tell you?"):
        play.ask(question)
        play.write("…")
        play.complete()
    emulator = LocalEmulator(lambda row: None)
    try:
        endpoint = emulator.endpoint()
        printed = run(
            program(play, tmp_path),
            {"SSL_CERT_FILE": str(endpoint.ca)},
            *("--base-url", str(endpoint.base_url), "--speed", "10"),
        )
    finally:
        emulator.stop()
    assert printed.count("(turn complete)") == 2
    words = "".join(line.partition("< ")[2].strip() for line in printed.splitlines())
    assert "Youtoldmethenumber42." in words.replace(" ", "")
