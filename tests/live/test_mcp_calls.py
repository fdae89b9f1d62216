"""The model calls functions of MCP servers: through the engine, with the emulator."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.live.test_calls import responses
from tests.tools.test_mcp import WILD, command
from tui.core.frame import Direction
from tui.tools import mcp_server
from tui.tools.mcp_address import Address

Begin = Callable[..., Talk]
SENT = Direction.SEND


def begun(talk: Begin, *servers: str, **options: Any) -> Talk:
    held = talk(**{"view": "text", "tool_servers": tuple(map(Address.of, servers)), **options})
    held.connect()
    return held


def called(held: Talk, words: str) -> dict[str, Any]:
    """The response that a call has come to."""
    before = len(responses(held))
    held.engine.say(f"/tool {words}")
    held.until(lambda session: len(responses(held)) > before)
    held.until(lambda session: session.turns[-1].answer and session.turns[-1].completed_s)
    return dict(responses(held)[-1]["response"])


def test_a_server_that_dies_is_news_and_the_session_lives(
    talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = begun(talk, command(WILD, "talks"), f"{sys.executable} -c 'exit(1)'")
    [failed] = held.events("tools.failed")
    assert "cannot be used: exit code 1." in failed["message"]
    schema = {"type": "object", "properties": {"some_words": {"type": "string"}}}
    setup = json.loads(held.frames(SENT)[0])["setup"]
    [declared] = [row for row in setup["tools"][0]["functionDeclarations"] if row["name"] == "echo"]
    assert declared.get("parametersJsonSchema", declared.get("parameters_json_schema")) == schema
    assert called(held, 'echo {"some_words": "hi"}') == {"result": "{'some_words': 'hi'}"}
    assert "it sent more than 16 MiB at once" in called(held, "endless")["error"]
    assert "the next call starts it again" in held.events("tools.news")[-1]["message"]
    assert called(held, "grow") == {"result": "{}"}
    held.until(lambda session: held.events("refused"))
    assert "(+more)" in held.events("tools.news")[-1]["message"]
    assert "when you reconnect" in held.events("refused")[-1]["message"]
    held.connect()
    assert called(held, "more") == {"result": "{}"}
    monkeypatch.setattr(mcp_server, "CALL_S", 0.2)
    assert called(held, "quiet")["error"] == "quiet did not answer in 0.2 s"


def test_a_model_that_can_be_told_learns_of_other_functions_at_once(talk: Begin) -> None:
    held = begun(talk, command(WILD, "talks"), model="gemini-3.8-live", view="text view")
    assert called(held, "grow") == {"result": "{}"}
    held.until(lambda session: any(b"contextUpdate" in sent for sent in held.frames(SENT)))
    assert called(held, "more") == {"result": "{}"}
    assert held.session.connections == 1
