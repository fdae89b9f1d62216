"""A session that goes on with another configuration: told of it, or connected anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.live.test_push_to_talk import setups
from tests.stage import API_KEY, Peer, Stage
from tui.core.configuration.message import Configuration
from tui.core.frame import Frame
from tui.live.endpoint import chosen

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]

MODEL = "gemini-3.8-live"
TOKEN = "auth_tokens/0123456789abcdef"


def sent(heard: Talk, kind: str) -> list[Any]:
    """What was sent of a kind."""
    frames = (record for record in heard.records if isinstance(record, Frame))
    return [fact.value for frame in frames for fact in frame.facts if fact.kind == kind]


def test_another_voice_is_another_connection_that_remembers(talk: Begin) -> None:
    begun = talk(emulator=True, model=MODEL, mic="off")
    begun.connect()
    begun.ask("My number is 4711.")
    begun.rig.configure(begun.engine.wish.asked.with_values(voice="Kore", temperature=0.5))
    begun.until(lambda session: session.connections == 2 and session.connected)
    config = setups(begun)[1]["generationConfig"]
    assert config["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"] == "Kore"
    assert config["temperature"] == 0.5
    assert "4711" in begun.hear("What number did I tell you?")


def test_an_instruction_is_told_in_midsession(talk: Begin) -> None:
    begun = talk(emulator=True, model=MODEL, mic="off")
    begun.connect()
    asked = begun.engine.wish.asked.with_values(system_instruction="Your name is Ada.")
    begun.rig.configure(asked)
    begun.until(lambda _: sent(begun, "contextUpdate"))
    (update,) = sent(begun, "contextUpdate")
    assert update["systemInstruction"]["parts"] == [{"text": "Your name is Ada."}]
    assert begun.session.connections == 1 and begun.session.connected
    assert "Your name is Ada." in begun.ask("What is your system instruction?")
    begun.rig.configure(asked).result()
    assert len(sent(begun, "contextUpdate")) == 1, "nothing has changed"
    begun.rig.configure(asked.with_values(system_instruction=None))
    begun.until(lambda session: session.connections == 2 and session.connected)
    assert "systemInstruction" not in setups(begun)[1]


def test_no_message_where_the_model_has_none(talk: Begin) -> None:
    begun = talk(emulator=True, model="gemini-2.0-flash-exp", mic="off", view="text")
    begun.connect()
    begun.rig.configure(begun.engine.wish.asked.with_values(system_instruction="Be brief."))
    begun.until(lambda session: session.connections == 2 and session.connected)
    assert not sent(begun, "contextUpdate")
    assert setups(begun)[1]["systemInstruction"]["parts"] == [{"text": "Be brief."}]


def test_what_was_said_is_kept_to_oneself_when_that_is_asked_for(talk: Begin) -> None:
    begun = talk(emulator=True, model="gemini-2.0-flash-exp", mic="off", view="text")
    begun.connect()
    begun.ask("My number is 4711.")
    begun.rig.configure(begun.engine.wish.asked.with_values(history=False))
    begun.engine.connect()
    begun.until(lambda session: session.connections == 2 and session.connected)
    assert begun.events("connection.opening")[-1]["carry"] == "new"
    assert "4711" not in begun.ask("What number did I tell you?")


def test_a_setup_that_the_sdk_cannot_send_is_a_sentence(talk: Begin) -> None:
    begun = talk(emulator=True, model=MODEL, mic="off")
    begun.wrong = {"connection-failed"}
    asked = replace(begun.engine.wish.asked, rest={"labels": {"team": ["a"]}})
    begun.rig.configure(asked)
    session = begun.until(lambda session: session.problem)
    assert "the set-up cannot be sent" in session.problem and "labels" in session.problem
    begun.rig.configure(Configuration({**asked.values}))
    begun.until(lambda session: session.connected)


def test_a_key_for_this_run_reaches_the_wire_and_no_file(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = on_stage(Peer.greet)
    monkeypatch.delenv("GEMINI_API_KEY")
    begun = talk(mic="off", view="text")
    assert begun.rig.origin == "emulator"
    begun.connect()
    asked = begun.engine.wish.asked.with_values(service="gemini")
    begun.rig.configure(asked, API_KEY)
    begun.until(lambda session: session.connections == 2 and session.connected)
    assert played.peers[0].headers["x-goog-api-key"] == API_KEY
    begun.engine.say(f"Is {API_KEY} mine?")
    begun.until(lambda session: session.turns and session.turns[-1].completed_s)
    assert begun.rig.recording is not None
    assert API_KEY.encode() not in begun.rig.recording.read_bytes()
    assert begun.rig.origin == "gemini"


def test_a_token_takes_the_place_of_a_key(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = on_stage(Peer.greet)
    monkeypatch.delenv("GEMINI_API_KEY")
    begun = talk(mic="off", view="text", configuration=Configuration({"token": TOKEN}))
    begun.connect()
    headers = played.peers[0].headers
    assert headers["authorization"] == f"Token {TOKEN}"
    assert begun.rig.recording is not None
    assert TOKEN.encode() not in begun.rig.recording.read_bytes()


def test_who_answers() -> None:
    key, vertex = {"GEMINI_API_KEY": "k" * 12}, {"GOOGLE_GENAI_USE_VERTEXAI": "true"}
    assert chosen({}, {}) is None
    assert chosen(key, {"service": "emulator"}) is None
    found = chosen(key, {"api_version": "v1alpha"})
    assert found is not None and (found.origin, found.api_version) == ("gemini", "v1alpha")
    found = chosen(vertex, {"location": "europe-west4", "project": "mine"})
    assert found is not None and found.host == "europe-west4-aiplatform.googleapis.com"
    assert (found.project, found.location) == ("mine", "europe-west4")
    found = chosen(vertex, {"service": "gemini"}, "pasted-key-1")
    assert found is not None and (found.origin, found.key) == ("gemini", "pasted-key-1")
    assert "pasted-key-1" in found.secrets
    found = chosen({}, {"token": TOKEN})
    assert found is not None and (found.key, found.api_version) == (TOKEN, "v1alpha")
