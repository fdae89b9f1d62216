from __future__ import annotations

from typing import Any

import pytest

from tui.core.configuration import layers, profile
from tui.core.configuration.field import ValueRefused, fields
from tui.core.configuration.layers import Layer
from tui.core.configuration.profile import ProfileError

GOOD = '''
model = "gemini-3.8-live"
system_instruction = """
voice = 5
You are terse."""
temperature = 1
input_languages = ["de-DE", "en-US"]
[setup]
labels = { team = "a" }
'''


def test_a_profile() -> None:
    found = profile.read(GOOD)
    assert found.values["system_instruction"] == "voice = 5\nYou are terse."
    assert found.values["input_languages"] == ["de-DE", "en-US"]
    assert found.rest == {"labels": {"team": "a"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("voice = ", "it is no TOML: Invalid value (at end of document)"),
        ("a = 1\n= 2", "it is no TOML: Invalid statement (at line 2, column 1)"),
        (GOOD.replace("temperature = 1", "temperature = 9"), "line 6: temperature: 9 is no "),
        ('model = "m"\nvoise = "Puck"', "line 2: 'voise' is no field: bidiscope config show"),
        ("voice = 7", "line 1: voice: 7 is no voice: write a name such as Zephyr, Puck or Charon"),
        ("seed = 1.5", "seed: 1.5 is no seed: write a whole number from -2,147,483,648"),
        ("temperature = nan", "temperature: nan is no temperature: write a number from 0 to 2"),
        ("google_search = 'yes'", "google_search: yes is no google search: write yes or no"),
        ("safety = 1", "'safety' is no field"),
        ("harassment = 'all'", "harassment: all is no harassment: write off, none, few, some or"),
        ("token = 'auth_tokens/abcd'", "line 1: a token is never stored: take it out"),
        ("setup = 5", "line 1: setup is no table"),
        ("[setup.generationConfig]\nfoo = 1", "line 1: setup.generationConfig.foo is no field"),
        ("a" * 5000 + " = 1", "is no field"),
        ("x = " + "[" * 2000, "it is no TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ProfileError) as error:
        profile.read(text)
    assert said in str(error.value)
    assert "auth_tokens/abcd" not in str(error.value)


def test_the_first_layer_that_has_a_field_gives_its_value() -> None:
    found = [
        Layer("flag", {"voice": "Kore"}),
        Layer("profile kiosk", {"voice": "Puck", "seed": 7}),
        Layer("BIDISCOPE_SEED", {"seed": 8, "top_k": 4}),
    ]
    assert layers.merged(found) == {"voice": "Kore", "seed": 7, "top_k": 4}
    known = {each.field.name: (each.value, each.source) for each in layers.origins(found)}
    assert known.keys() == fields().keys()
    assert known["voice"] == ("Kore", "flag")
    assert known["seed"] == (7, "profile kiosk")
    assert known["resumption"] == (True, "default")
    assert known["temperature"] == (None, "left to the model")


def test_the_environment_in_our_words_and_in_the_sdks() -> None:
    environ = {
        "BIDISCOPE_TEMPERATURE": "0.5",
        "GOOGLE_CLOUD_PROJECT": "my-project",
        "BIDISCOPE_LOCATION": "europe-west4",
        "GOOGLE_CLOUD_LOCATION": "global",
        "BIDISCOPE_VOICE": " ",
    }
    found = layers.of_environment(environ)
    expected: dict[str, Any] = {"temperature": 0.5, "project": "my-project"}
    assert layers.merged(found) == {**expected, "location": "europe-west4"}
    with pytest.raises(ValueRefused, match="BIDISCOPE_SEED: soon is no seed: write a whole"):
        layers.of_environment({"BIDISCOPE_SEED": "soon"})
