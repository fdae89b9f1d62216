from __future__ import annotations

from pathlib import Path

import pytest

from tui.core.script.reading import Script, beside, lines, toml
from tui.core.script.step import ScriptError, Step

STEP = '\n[[step]]\nsay = "hello"\n'


def test_settings_are_read_as_what_they_are() -> None:
    script = toml(
        'modality = "text-view"\ntimeout = 5\nbudget = 0.5\nemulator = true\ntools = "a.json"\n'
        "set = { temperature = 0.5, push-to-talk = true }" + STEP
    )
    assert script.settings == {
        "modality": "text-view",
        "timeout": 5.0,
        "budget": 0.5,
        "emulator": True,
        "tools": ["a.json"],
        "set": {"temperature": 0.5, "push_to_talk": True},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('modality = "smell"', "modality: 'smell' is none of audio, text-view, text"),
        ("timeout = -1", "timeout: it needs a number above 0"),
        ("timeout = true", "timeout: it needs a number above 0"),
        ('budget = "much"', "budget: it needs a number above 0"),
        ('emulator = "yes"', "emulator: it is true or false"),
        ("tools = [1]", "tools: it needs a text"),
        ("set = { temperatur = 1 }", "set: temperatur is no field"),
        ('set = { token = "x" }', "set: token is no field"),
        ("set = { temperature = 9 }", "set: 9 is no temperature"),
        ("set = 3", "set: it needs a table of fields"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(text: str, words: str) -> None:
    with pytest.raises(ScriptError) as refused:
        toml(text + STEP)
    assert str(refused.value).startswith(words)


def test_two_verbs_in_a_step_are_named() -> None:
    with pytest.raises(ScriptError, match="it needs one verb, and has 2: say, wait"):
        toml('[[step]]\nsay = "a"\nwait = "turn"\n')


def test_files_are_looked_for_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    [step] = beside(lines("audio a.wav"), str(tmp_path)).steps
    assert (step.path, step.words) == (tmp_path / "a.wav", "audio a.wav")
    with pytest.raises(ScriptError, match=r"line 1: image: there is no file b\.png"):
        beside(lines("image b.png"), str(tmp_path))


def test_a_step_is_shown_as_it_would_be_typed() -> None:
    script = Script([Step("interrupt", True), Step("say", "hello"), Step("send", {"a": 1})])
    assert [each.words for each in script.steps] == ["interrupt", "say hello", 'send {"a": 1}']
