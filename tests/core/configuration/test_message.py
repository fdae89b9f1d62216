"""Values and set-ups say the same in two ways; nothing of a set-up is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core import models
from tui.core.configuration.field import Field, fields
from tui.core.configuration.message import DEFAULTS, Configuration, compose, split

MODEL = "gemini-3.8-live"


def value_of(each: Field) -> st.SearchStrategy[Any]:
    """Any value that the field takes."""
    if each.is_switch:
        return st.booleans()
    if each.choices:
        return st.sampled_from([word for word in each.choices if word != "text-view"])
    if each.kind == "number":
        assert each.least is not None and each.most is not None
        if each.whole:
            return st.integers(int(each.least), int(each.most))
        return st.floats(each.least, each.most)
    if each.kind in ("names", "pairs"):
        words = st.from_regex(each.pattern or "[a-zA-Z][a-z -]{0,9}[a-z]", fullmatch=True)
        once = (lambda word: word.partition("=")[0]) if each.kind == "pairs" else None
        return st.lists(words, min_size=1, max_size=3, unique_by=once)
    if each.kind == "lines":
        return st.text("ab \nü…", min_size=1).filter(str.strip)
    if each.pattern:
        return st.from_regex(each.pattern, fullmatch=True)
    return st.sampled_from(["gemini-3.8-live", "Kore", "gemini-9-live"])


IN_SETUP = [each for each in fields().values() if each.path]
VALUES = st.fixed_dictionaries({}, optional={each.name: value_of(each) for each in IN_SETUP})

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["voiceConfig", "parts", "text", "x"]), below, max_size=3)
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["languageCodes", "customVocabulary"]), JUNK)
WILD = st.fixed_dictionaries(
    {"model": st.sampled_from([f"models/{MODEL}", "models/gemini-3.1-flash-live-preview"])},
    optional={
        "generationConfig": st.dictionaries(
            st.sampled_from(
                ["temperature", "topK", "speechConfig", "responseModalities", "thinkingConfig", "x"]
            ),
            JUNK,
        ),
        "systemInstruction": st.dictionaries(st.sampled_from(["parts", "role"]), JUNK)
        | st.builds(lambda text: {"parts": [{"text": text}], "role": "user"}, st.text("ab")),
        "tools": st.lists(
            st.sampled_from([{"googleSearch": {}}, {"googleSearch": {"x": 1}}, {"urlContext": {}}])
        ),
        "sessionResumption": st.dictionaries(st.sampled_from(["handle", "transparent"]), JUNK),
        "contextWindowCompression": st.dictionaries(
            st.sampled_from(["triggerTokens", "slidingWindow"]), st.integers() | OBJECTS
        ),
        "inputAudioTranscription": OBJECTS,
        "realtimeInputConfig": JUNK,
        "safetySettings": st.lists(
            st.sampled_from(
                [
                    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"},
                    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "?"},
                    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "X"},
                ]
            )
        ),
        "labels": st.dictionaries(st.text("ab"), st.text("ab")),
    },
)


@given(VALUES)
def test_values_come_back_from_the_setup(values: dict[str, Any]) -> None:
    asked = {"model": MODEL, **DEFAULTS, "compression": "compression_target" in values, **values}
    model = models.model(asked["model"])
    setup = compose(Configuration(asked), model)
    found = split(setup)
    assert not found.rest, "every value has its field"
    assert compose(found, model) == setup
    assert {**asked, **found.values} == asked | dict.fromkeys(_off(asked), False)
    lost = {name for name, value in asked.items() if fields()[name].path and value is not False}
    assert lost - found.values.keys() == _below_off(asked) | _unspoken(asked)


def _off(asked: dict[str, Any]) -> set[str]:
    """Objects that nobody asked for are not there."""
    return {each.name for each in IN_SETUP if each.kind == "presence" and not asked.get(each.name)}


def _below_off(asked: dict[str, Any]) -> set[str]:
    """What stands in an object that is not there is not there either."""
    heard = ("input_languages", "custom_vocabulary", "transcription_mode", "word_timestamps")
    below = dict.fromkeys((*heard, "diarization"), "input_transcription")
    below["compression_target"] = "compression"
    return {
        name
        for name, above in below.items()
        if asked.get(name, False) is not False and asked.get(above, True) is False
    }


def _unspoken(asked: dict[str, Any]) -> set[str]:
    """There is no voice in writing."""
    return {"voice", "language"} & asked.keys() if asked["modality"] == "text" else set()


@given(WILD)
def test_no_setup_loses_anything(setup: dict[str, Any]) -> None:
    model = models.model(setup["model"])
    again = compose(split(setup), model)
    if model.client_content == "history":
        again.pop("historyConfig")
    config = setup.get("generationConfig", {})
    if config.get("responseModalities") is None:  # which means AUDIO
        setup = {**setup, "generationConfig": {**config, "responseModalities": ["AUDIO"]}}
    assert _sorted(again) == _sorted(setup)


def _sorted(setup: dict[str, Any]) -> dict[str, Any]:
    """Tools and safety settings in any order."""
    lists = {k: sorted(v, key=repr) for k, v in setup.items() if isinstance(v, list)}
    return {**setup, **lists}


@pytest.mark.parametrize("name", sorted(fields()))
def test_every_field_is_known_to_the_protocol_and_said_in_words(name: str) -> None:
    each = fields()[name]
    assert each.help.endswith(".") and len(each.help) < 125
    assert each.takes
    if each.path and not each.path.endswith("]"):
        from tui.core.schema import messages

        message = messages()["LiveClientSetup"]
        for step in each.path.split("."):
            found = message[step]
            assert found.name == step
            message = found.message or {}
