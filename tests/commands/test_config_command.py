"""`bidiscope config`, profiles on disk, and what `say` makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui import cli, configured, profiles
from tui.commands import session
from tui.core.configuration.message import Configuration
from tui.core.journal import JournalError
from tui.core.places import config_folder
from tui.outcome import Outcome


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    try:
        code = cli.main(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def fields_of(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    code, out, _ = run(capsys, "config", "show", "--json", *words)
    assert code == Outcome.OK
    return {each["name"]: each for each in json.loads(out)["fields"]}


def test_each_value_says_where_it_comes_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "config", "set", "voice", "Puck", "--profile", "kiosk")[0] == Outcome.OK
    assert run(capsys, "config", "set", "seed", "7", "--profile", "kiosk")[0] == Outcome.OK
    monkeypatch.setenv("BIDISCOPE_SEED", "8")
    monkeypatch.setenv("BIDISCOPE_TOP_K", "4")
    monkeypatch.setenv("BIDISCOPE_TOKEN", "auth_tokens/0123456789")
    found = fields_of(capsys, "--profile", "kiosk", "--set", "voice=Kore")
    assert (found["voice"]["value"], found["voice"]["source"]) == ("Kore", "flag")
    assert (found["seed"]["value"], found["seed"]["source"]) == (7, "profile kiosk")
    assert (found["top_k"]["value"], found["top_k"]["source"]) == (4, "BIDISCOPE_TOP_K")
    assert found["history"]["source"] == "default"
    assert found["temperature"]["source"] == "left to the model"
    assert found["token"]["value"] == "***"
    code, out, _ = run(capsys, "config", "show", "--profile", "kiosk")
    assert code == Outcome.OK and "0123456789" not in out
    assert "profile kiosk" in next(line for line in out.splitlines() if " voice " in line)


def test_the_profile_that_was_set_holds_until_another_one_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "config", "set", "voice", "Puck")
    assert fields_of(capsys)["voice"]["source"] == "profile default"
    assert run(capsys, "config", "list")[1] == "* default\n"
    assert fields_of(capsys, "--profile", "none")["voice"]["value"] is None
    run(capsys, "config", "unset", "voice")
    assert fields_of(capsys)["voice"]["value"] is None
    assert run(capsys, "config", "use", "none")[0] == Outcome.OK
    assert profiles.last() == ""
    assert run(capsys, "config", "path")[1].strip() == str(config_folder())


def test_a_file_holds_wherever_the_next_start_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "p.toml").write_text('voice = "Kore"\n')
    monkeypatch.chdir(tmp_path / "here")
    assert run(capsys, "config", "use", "./p.toml")[0] == Outcome.OK
    monkeypatch.chdir(tmp_path)
    assert fields_of(capsys)["voice"]["value"] == "Kore"
    (tmp_path / "here" / "p.toml").unlink()
    assert fields_of(capsys)["voice"]["value"] is None, "a profile that is gone stops nobody"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["set", "voise", "Puck"], 2, "voise is no field; bidiscope config show lists them"),
        (["set", "temperature", "hot"], 2, "hot is no temperature: write a number from 0 to 2."),
        (["set", "target_language", "deutsch!"], 2, "write a BCP 47 tag such as de, pl or pt-BR"),
        (["set", "labels", "team"], 2, "team is no labels: write name=value, name=value"),
        (["set", "labels", "a=1, a=2"], 2, "is no labels"),
        (["set", "custom_vocabulary", ","], 2, "is no custom vocabulary: write up to 1,000 words"),
        (["set", "token", "auth_tokens/abc"], 2, "a token is never stored: set BIDISCOPE_TOKEN"),
        (["set", "seed", "1", "--profile", "a b"], 1, "a b is no profile's name"),
        (["use", "nobody"], 1, "There is no profile nobody"),
        (["show", "--set", "voice"], 2, "voice is no field: write FIELD=VALUE"),
        (["show", "--set", "seed=soon"], 2, "soon is no seed"),
        (["show", "--set", "token=auth_tokens/a"], 2, "seen by all who list processes"),
        (["show", "--profile", "/nowhere/x.toml"], 1, "There is no profile /nowhere/x.toml"),
        (["check", "nowhere"], 1, "There is no profile"),
    ],
)
def test_what_cannot_be(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    ended, _, err = run(capsys, "config", *words)
    assert ended == code and said in err
    assert "Traceback" not in err


def test_a_bad_profile_names_file_line_and_field(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('voice = "Kore"\ntemperature = 7\n')
    code, _, err = run(capsys, "config", "check", str(path))
    assert code == Outcome.FAILED
    assert f"{path} cannot be used: line 2: temperature: 7 is no temperature" in err
    assert "--profile none" in err
    path.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in run(capsys, "config", "check", str(path))[2]
    path.write_bytes(b"#" * (profiles.LARGEST_BYTES + 1))
    assert "is too large" in run(capsys, "config", "check", str(path))[2]
    path.unlink()
    path.symlink_to(path)
    assert "cannot be read: Too many levels" in run(capsys, "config", "check", str(path))[2]
    path.unlink()
    path.mkdir()
    assert "cannot be read" in run(capsys, "config", "check", str(path))[2]


def test_a_profile_that_will_be_refused_is_found_in_ci(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "p.toml"
    path.write_text('model = "gemini-3.8-live"\nthinking_level = "low"\n')
    code, out, _ = run(capsys, "config", "check", str(path))
    assert code == Outcome.FOUND and "warn: gemini-3.8-live takes no thinkingConfig." in out
    path.write_text('model = "gemini-3.8-live"\nvoice = "Kore"\n')
    assert run(capsys, "config", "check", str(path))[0] == Outcome.OK


def test_a_variable_that_cannot_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIDISCOPE_TEMPERATURE", "hot")
    code, _, err = run(capsys, "config", "show")
    assert code == Outcome.FAILED
    assert "BIDISCOPE_TEMPERATURE: hot is no temperature" in err and "unset it" in err


def test_comments_of_a_person_survive_a_change(capsys: pytest.CaptureFixture[str]) -> None:
    path = profiles.folder() / "mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text('# my own\nvoice = "Kore"  # the calm one\n\n[setup]\nlabels = { a = "b" }\n')
    run(capsys, "config", "set", "temperature", "0.5", "--profile", "mine")
    run(capsys, "config", "set", "system-instruction", "Be brief.\nBe kind.", "--profile", "mine")
    text = path.read_text()
    assert "# my own" in text and "# the calm one" in text and '"""Be brief.\nBe kind."""' in text
    found = profiles.load("mine")
    assert found.rest == {"labels": {"a": "b"}} and found.values["temperature"] == 0.5
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_mended_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    path = profiles.folder() / "mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text("voice = [")
    assert run(capsys, "config", "set", "seed", "1", "--profile", "mine")[0] == Outcome.FAILED
    assert path.read_text() == "voice = ["
    with pytest.raises(JournalError, match="cannot be written"):
        profiles.save("other", Configuration(rest={"labels": {"a": None}}))


def test_flags_are_fields_of_the_strongest_layer() -> None:
    profiles.save("kiosk", Configuration({"voice": "Kore", "model": "gemini-3.8-live"}))
    chosen = configured.choose({"voice": "Puck"}, "kiosk", {"BIDISCOPE_MODEL": "other"})
    assert chosen.configuration.values == {"voice": "Puck", "model": "gemini-3.8-live"}
    assert session.setting("top-p=0.5") == ("top_p", 0.5)


def test_say_takes_a_profile_and_warns_before_it_sends(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "p.toml"
    path.write_text('system_instruction = "Your name is Ada."\nthinking_level = "low"\n')
    words = ("say", "--emulator", "--no-record", "What is 6 * 7?", "--profile", str(path))
    code, _, err = run(capsys, *words, "--set", "service=emulator")
    assert "takes no thinkingConfig" in err and code in (Outcome.OK, Outcome.REFUSED)
    code, out, err = run(capsys, *words, "--set", "model=gemini-2.0-flash-exp", "--profile", "none")
    assert (code, err) == (Outcome.OK, "") and "42" in out
