"""Sessions with models that have no turns: heard, translated, silenced, never asked."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.live.conftest import Talk
from tui.core.configuration.message import Configuration
from tui.core.frame import Direction
from tui.core.playback import CAPTIONS

VOICES = Path(__file__).parents[1] / "data" / "voices"
MODEL = "gemini-3.5-live-translate-preview"


@pytest.mark.skipif(find_spec("moonshine_voice") is None, reason="no speech recognition here")
def test_what_is_said_is_translated_played_and_silenced_without_a_turn(
    talk: Callable[..., Talk],
) -> None:
    german = Configuration({"target_language": "de"})
    held = talk(
        emulator=True,
        model=MODEL,
        view="audio",
        mic=str(VOICES / "weather.wav"),
        configuration=german,
    )
    held.connect()
    held.until(lambda session: session.captions.target and session.captions.target.audio_s > 1)
    assert held.player.state.answer == CAPTIONS + 1
    held.player.speak(0.5)
    held.until(lambda _: held.events("playback.started"))
    held.engine.interrupt()
    held.until(lambda _: held.events("interrupt"))
    (passage,) = held.session.captions.passages
    assert passage.source is not None and "weather" in passage.source.text.lower()
    assert passage.lag_s is not None and passage.targets[0].heard_s == 0.5
    assert held.events("playback.started") == [{"caption": 1, "device": "quiet"}]
    assert held.events("interrupt") == [{"route": "continuous", "caption": 1}]
    assert held.session.turns == []
    assert held.session.connected, "nothing was sent that would end it"


def test_nothing_is_typed_to_a_model_that_takes_no_text(talk: Callable[..., Talk]) -> None:
    held = talk(emulator=True, model=MODEL)
    held.connect()
    sent = len(held.frames(Direction.SEND))
    held.engine.say("Hello?")
    held.until(lambda _: held.events("unsent"))
    assert "takes sound only" in held.events("unsent")[0]["message"]
    held.engine.interrupt()
    held.until(lambda _: held.events("refused"))
    held.engine.watch("screen")
    session = held.until(lambda _: len(held.events("refused")) == 2)
    assert "takes no pictures" in held.events("refused")[1]["message"]
    assert len(held.frames(Direction.SEND)) == sent and session.connected


def test_a_conversation_is_not_replayed_to_a_model_that_takes_no_text(
    talk: Callable[..., Talk],
) -> None:
    held = talk(emulator=True, model="gemini-2.0-flash-exp", view="text")
    held.connect()
    held.ask("Hello?")
    held.engine.model(MODEL)
    session = held.until(lambda session: session.connections == 2 and session.connected)
    assert session.connection is not None
    assert (session.connection.carry, session.connection.turns) == ("new", 0)
    assert b'"setup"' in held.frames(Direction.SEND)[-1]
