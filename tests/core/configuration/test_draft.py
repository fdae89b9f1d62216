from __future__ import annotations

import json

import pytest

from tui.core import models
from tui.core.configuration.draft import HERE, Draft
from tui.core.configuration.field import ValueRefused, fields
from tui.core.configuration.message import Configuration

BEFORE = Configuration({"model": "gemini-3.8-live", "modality": "audio", "voice": "Kore"})


@pytest.fixture
def draft() -> Draft:
    return Draft(BEFORE, {"voice": "profile kiosk"}, "gemini")


def test_rows_say_where_a_value_comes_from_and_what_it_takes_to_change_it(draft: Draft) -> None:
    rows = {row.field.name: row for row in draft.rows()}
    assert list(rows) == list(fields())
    assert rows["voice"].source == "profile kiosk"
    assert rows["resumption"].source == "default" and rows["resumption"].value == "yes"
    assert rows["seed"].source == "left to the model" and rows["seed"].value == ""
    assert rows["system_instruction"].change == "live"
    assert rows["voice"].change == "needs reconnect"
    assert rows["thinking_level"].reason == "gemini-3.8-live takes no thinkingConfig"
    assert rows["project"].reason == "only Vertex AI has it"
    draft.write(fields()["model"], "gemini-3.1-flash-live-preview")
    rows = {row.field.name: row for row in draft.rows()}
    assert rows["thinking_level"].reason == "" and rows["model"].source == HERE
    assert rows["system_instruction"].change == "needs reconnect"


def test_a_level_that_the_model_has_not(draft: Draft) -> None:
    draft.write(fields()["model"], "gemini-3.8-live-extended-thinking")
    draft.write(fields()["thinking_level"], "minimal")
    assert draft.row(fields()["thinking_level"]).reason.endswith("has low, medium, high")
    draft.write(fields()["thinking_level"], "low")
    assert draft.row(fields()["thinking_level"]).reason == ""


def test_a_search_finds_names_groups_and_help(draft: Draft) -> None:
    assert [row.field.name for row in draft.rows("silence")] == ["silence_ms"]
    assert {row.field.group for row in draft.rows("safety")} == {"Safety"}
    assert [row.field.name for row in draft.rows("kore voice")] == ["voice"]
    assert not list(draft.rows("zzz"))


def test_what_is_typed_is_looked_at(draft: Draft) -> None:
    seed, temperature = fields()["seed"], fields()["temperature"]
    assert draft.problem(temperature, "9") == "9 is no temperature: write a number from 0 to 2."
    assert draft.problem(temperature, "1.5") == draft.problem(seed, "") == ""
    draft.write(seed, "7")
    assert draft.setup["generationConfig"]["seed"] == 7 and draft.changed == ["seed"]
    draft.write(seed, " ")
    assert draft.changed == []
    with pytest.raises(ValueRefused):
        draft.write(seed, "soon")


def test_choices_go_round(draft: Draft) -> None:
    each = fields()["media_resolution"]
    seen = []
    for _ in range(5):
        draft.turn(each)
        seen.append(draft.row(each).value)
    assert seen == ["low", "medium", "high", "", "low"]
    draft.turn(each, -1)
    assert draft.row(each).value == ""
    draft.turn(each, -1)
    assert draft.row(each).value == "high"
    each = fields()["resumption"]
    draft.turn(each)
    assert draft.row(each).value == "no"
    draft.turn(each)
    assert draft.row(each).value == "yes"
    assert not draft.turn(fields()["seed"])


def test_an_instruction_is_told_and_all_else_connects_anew(draft: Draft) -> None:
    assert draft.update == {}
    draft.write(fields()["system_instruction"], "Be brief.")
    draft.write(fields()["google_search"], "yes")
    assert draft.update is not None and draft.update.keys() == {"systemInstruction", "tools"}
    told = Draft(draft.configuration, {}, "gemini")
    told.clear(fields()["google_search"])
    assert told.update == {"tools": []}
    told.clear(fields()["system_instruction"])
    assert told.update is None, "no message takes an instruction away"
    draft.write(fields()["voice"], "Puck")
    assert draft.update is None
    draft.revert()
    draft.write(fields()["api_version"], "v1alpha")
    assert draft.setup == draft.setup_before and draft.update is None


def test_the_setup_is_edited_as_it_is(draft: Draft) -> None:
    setup = json.loads(draft.raw)
    setup["generationConfig"]["temperature"] = 0.25
    setup["avatarConfig"] = {"avatarName": "a"}
    text = json.dumps(setup)
    assert draft.raw_problem(text) == ""
    draft.write_raw(text)
    assert draft.configuration.values["temperature"] == 0.25
    assert draft.configuration.rest == {"avatarConfig": {"avatarName": "a"}}
    assert draft.setup == setup and draft.changed == ["temperature", "setup"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is no JSON: Expecting property name enclosed in double quotes: line 1 column"),
        ("[]", "A set-up is an object, in braces."),
        ("{}", 'The set-up names no model: add "model": "models/NAME".'),
        ('{"model": "m", "foo": 1}', "Setup.foo is no field that google-genai can send"),
        ("[" * 5000, "The set-up nests too deep"),
    ],
)
def test_what_is_no_setup(draft: Draft, text: str, said: str) -> None:
    assert draft.raw_problem(text).startswith(said)


@pytest.mark.parametrize(
    ("name", "model", "origin", "said"),
    [
        ("target_language", "gemini-3.8-live", "gemini", "gemini-3.8-live does not translate"),
        ("target_language", "gemini-3.5-live-translate-preview", "gemini", ""),
        ("target_language", "gemini-9-live", "gemini", ""),
        ("voice", "gemini-3.5-live-translate-preview", "gemini", "does not have it"),
        ("word_timestamps", "gemini-3.5-transcribe-live", "gemini", "does not have it"),
        ("custom_vocabulary", "gemini-3.5-transcribe-live", "gemini", ""),
        ("labels", "gemini-3.8-live", "vertex", "only the Gemini API has it"),
        ("labels", "gemini-3.8-live", "emulator", ""),
        ("vad_signals", "gemini-3.8-live", "gemini", "only Vertex AI has it"),
        ("model", "gemini-2.0-flash-live-001", "gemini", "shut down at Google 2025-12-09"),
        ("model", "gemini-2.0-flash-live-001", "emulator", ""),
    ],
)
def test_what_is_not_to_be_had_says_why(name: str, model: str, origin: str, said: str) -> None:
    draft = Draft(Configuration({"model": model, "modality": "audio"}), {}, origin)
    reason = draft.row(fields()[name]).reason
    assert reason.endswith(said) and bool(reason) == bool(said)


def test_only_what_the_service_has_is_gone_through() -> None:
    held = Configuration({"model": "gemini-3.8-live", "modality": "audio"})
    draft, seen = Draft(held, {}, "gemini"), set()
    for _ in range(20):
        draft.turn(fields()["model"])
        seen.add(str(draft.configuration.values["model"]))
    assert seen == set(models.offered("gemini"))
    assert "gemini-2.0-flash-live-001" not in seen and "gemini-3.5-transcribe-live" in seen


def test_labels_are_pairs_and_an_object_in_the_setup() -> None:
    draft = Draft(Configuration({"model": "gemini-3.8-live", "modality": "audio"}), {}, "gemini")
    draft.write(fields()["labels"], "team=a, run=7")
    assert draft.setup["labels"] == {"team": "a", "run": "7"}
    assert draft.row(fields()["labels"]).value == "team=a, run=7"


def test_a_model_that_only_writes_is_asked_to_write(draft: Draft) -> None:
    draft.write(fields()["model"], "gemini-3.5-transcribe-live")
    assert draft.configuration.values["modality"] == "text"
    assert draft.row(fields()["modality"]).changed, "and that is seen"
    draft.write(fields()["model"], "gemini-3.8-live")
    assert draft.configuration.values["modality"] == "audio"
    draft.write(fields()["model"], "gemini-9-live")
    assert draft.configuration.values["modality"] == "audio"
