"""A set-up is looked at with the linter's own rules before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from tui.core import models
from tui.core.configuration.message import Configuration, compose
from tui.core.lint.preflight import check, warnings

TODAY_S = 1_795_000_000.0


def ids(name: str, origin: str = "gemini", **values: Any) -> list[str]:
    setup = compose(Configuration(values), models.model(name))
    return [each.rule.id for each in check(setup, origin, TODAY_S)]


@pytest.mark.parametrize("name", [*models.names(), "gemini-9-live"])
def test_what_we_send_unasked_is_refused_by_nobody(name: str) -> None:
    setup = compose(Configuration(), models.model(name))
    grave = warnings(setup, "emulator", TODAY_S)
    assert not grave


@pytest.mark.parametrize(
    ("name", "values", "rule"),
    [
        ("gemini-3.8-live", {"thinking_level": "low"}, "thinking-refused"),
        ("gemini-3.8-live-extended-thinking", {"thinking_level": "minimal"}, "thinking-refused"),
        ("gemini-3.8-live", {"modality": "text"}, "modality-refused"),
        ("gemini-3.8-live", {"affective_dialog": True}, "affective-refused"),
        ("gemini-3.8-live", {"proactive_audio": False}, "proactivity-refused"),
        ("gemini-3.8-live", {"code_execution": True}, "tool-kind-refused"),
        ("gemini-3.1-flash-live-preview", {"silence_ms": 500}, "silence-ignored"),
        ("gemini-2.5-flash-native-audio-latest", {"thinking_level": "low"}, "thinking-refused"),
        ("gemini-3.8-live", {"voice": "puck"}, "voice-unknown"),
        ("gemini-2.0-flash-live-001", {}, "model-retired"),
        ("gemini-9-live", {}, "model-unlisted"),
    ],
)
def test_what_is_known_to_be_refused(name: str, values: dict[str, Any], rule: str) -> None:
    assert rule in ids(name, **values)


def test_an_unknown_field_is_seen_too() -> None:
    asked = Configuration(rest={"generationConfig": {"fooBar": 1}})
    said = warnings(compose(asked, models.model("gemini-3.8-live")), "gemini", TODAY_S)
    told = "google-genai 3.4.0 does not know the field setup.generationConfig.fooBar."
    assert said[0].startswith(told)
