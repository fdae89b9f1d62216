"""Sessions on which the wire goes wrong: they live on, and the journal has every byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Direction
from tui.core.log import SessionLog
from tui.core.turn import Lane

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]

MESSAGES = Path(__file__).parents[1] / "data" / "messages"

DEEP = b"[" * 100_000
FIVE_MB = json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": "x" * 5_000_000}]}}})
PCM = {"mimeType": "audio/pcm", "data": 5}

WILD: dict[str, str | bytes] = {
    "only an unknown key": b'{"brandNew": {"answer": 42}}',
    "an error object": b'{"error": {"code": 500, "message": "Internal error encountered."}}',
    "an array": b"[1, 2]",
    "a number": b"3",
    "a string": '"serverContent"',
    "null": b"null",
    "nothing": b"",
    "nothing as text": "",
    "cut JSON": b'{"serverContent": {"modelTurn"',
    "binary rubbish": bytes(range(256)),
    "text that is no JSON": "upstream connect error",
    "deep JSON": DEEP,
    "5 MB": FIVE_MB,
    "5 MB of rubbish": b"\x9d" * 5_000_000,
    "a huge number": b'{"usageMetadata": {"totalTokenCount": 1' + b"0" * 400 + b"}}",
    "content of the wrong type": b'{"serverContent": []}',
    "a turn of the wrong type": b'{"serverContent": {"modelTurn": "words"}}',
    "parts of the wrong type": b'{"serverContent": {"modelTurn": {"parts": {"text": "hi"}}}}',
    "a part of the wrong type": b'{"serverContent": {"modelTurn": {"parts": [7, null, []]}}}',
    "text of the wrong type": b'{"serverContent": {"modelTurn": {"parts": [{"text": 7}]}}}',
    "audio of the wrong type": json.dumps(
        {"serverContent": {"modelTurn": {"parts": [{"inlineData": PCM}]}}}
    ),
    "audio that is no base64": json.dumps(
        {"serverContent": {"modelTurn": {"parts": [{"inlineData": {**PCM, "data": "%%%"}}]}}}
    ),
    "a flag of the wrong type": b'{"serverContent": {"interrupted": "no", "turnComplete": 0}}',
    "transcription of the wrong type": b'{"serverContent": {"outputTranscription": [1]}}',
    "tools of the wrong type": b'{"toolCall": {"functionCalls": {"id": 1}}}',
    "usage of the wrong type": b'{"usageMetadata": "many"}',
    "a handle of the wrong type": b'{"sessionResumptionUpdate": {"newHandle": [1]}}',
    "a lone surrogate": b'{"serverContent": {"\\ud800": "\\udfff"}, "\\ud800": 1}',
    "keys that come twice": b'{"serverContent": {}, "serverContent": {"turnComplete": null}}',
}


@pytest.mark.parametrize("name", WILD)
def test_a_session_outlives_a_wild_frame(on_stage: Serve, talk: Begin, name: str) -> None:
    async def go_wild(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(WILD[name])
        await peer.answer("All ", "is well.")
        await peer.listen()

    played = on_stage(go_wild)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    assert heard.ask("Are you there?").endswith("All is well.")
    assert heard.frames(Direction.RECEIVE) == played.peers[0].sent
    heard.engine.disconnect().result()
    assert kept(heard, Direction.RECEIVE) == played.peers[0].sent
    assert kept(heard, Direction.SEND) == played.peers[0].heard


def test_one_session_outlives_them_all(on_stage: Serve, talk: Begin) -> None:
    async def go_wild(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(*WILD.values())
        await peer.answer("All ", "is well.")
        await peer.listen()

    played = on_stage(go_wild)
    heard = talk()
    heard.connect()
    heard.ask("Are you there?")
    assert heard.frames(Direction.RECEIVE) == played.peers[0].sent
    assert heard.session.connected
    heard.until(lambda _: len(heard.events("sdk.error")) > 10)
    complaints = [event["message"] for event in heard.events("sdk.error")]
    assert max(len(complaint) for complaint in complaints) < 400, "they quote no message"


@pytest.mark.parametrize("file", sorted(MESSAGES.glob("*.jsonl")), ids=lambda file: file.stem)
def test_a_session_outlives_all_that_was_ever_seen(
    on_stage: Serve, talk: Begin, file: Path
) -> None:
    messages = [message for line in file.read_text().splitlines() for message in found(line)]

    async def recite(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(*messages)
        await peer.answer("The end.")
        await peer.listen()

    played = on_stage(recite)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.engine.say("Say them all.")
    heard.until(lambda _: heard.frames(Direction.RECEIVE)[-1:] == played.peers[0].sent[-1:])
    assert heard.frames(Direction.RECEIVE) == played.peers[0].sent
    assert heard.session.connected


def found(line: str) -> list[dict[str, Any]]:
    """The messages that a line of the collections holds, wherever it keeps them."""
    row = json.loads(line)
    values = [row, *row.values()] if isinstance(row, dict) else []
    return [value for value in values if isinstance(value, dict)]


def test_messages_in_fragments_are_one_message(on_stage: Serve, talk: Begin) -> None:
    whole = json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": "in pieces"}]}}})

    async def stammer(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send_fragments([whole[at : at + 7] for at in range(0, len(whole), 7)])
        await peer.answer(", whole")
        await peer.listen()

    played = on_stage(stammer)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    assert heard.ask("How?") == "in pieces, whole"
    assert heard.frames(Direction.RECEIVE) == played.peers[0].sent


def test_thoughts_and_unspoken_text_stay_out_of_the_answer(on_stage: Serve, talk: Begin) -> None:
    async def think(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        parts = [{"text": "Hm.", "thought": True}, {"text": "**Plan**"}]
        await peer.send({"serverContent": {"modelTurn": {"parts": parts}}})
        await peer.send({"serverContent": {"outputTranscription": {"text": "Yes."}}})
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.listen()

    on_stage(think)
    heard = talk()
    heard.connect()
    assert heard.ask("Well?") == "Yes."
    lanes = [piece.lane for piece in heard.session.turns[0].pieces]
    assert lanes == [Lane.THOUGHT, Lane.UNSPOKEN, Lane.SPEECH]


def kept(heard: Talk, direction: Direction) -> list[bytes]:
    """What the file on the disk says crossed the socket one way."""
    assert heard.rig.recording is not None
    log = SessionLog.open(heard.rig.recording)
    letter = ord(direction.value[0])
    rows = [row for row in range(len(log)) if log.directions[row] == letter]
    records = [log.record(row) for row in rows]
    log.close()
    return [getattr(record, "payload", b"") for record in records]
