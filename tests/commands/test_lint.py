"""`bidiscope lint`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.lint.wire import (
    answered,
    asked,
    closed,
    content,
    mic,
    opened,
    recorded,
    responded,
)
from tui import cli
from tui.core.lint.rule import rules
from tui.outcome import Outcome

CLEAN = [*opened(), asked(1), *answered(2), closed(4)]
NOTED = [*opened(), content(1, novelty=1)]
WARNED = [*opened(), mic(1, mime_type="audio/pcm")]
WRONG = [*opened(), responded(1), closed(2, 1011, "Internal error encountered.", "server")]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    sessions = {"clean": CLEAN, "noted": NOTED, "warned": WARNED, "wrong": WRONG}
    return {
        name: str(recorded(tmp_path / f"{name}.jsonl", steps)) for name, steps in sessions.items()
    }


@pytest.mark.parametrize(
    ("name", "fail_on", "outcome"),
    [
        ("clean", "note", Outcome.OK),
        ("noted", "note", Outcome.FOUND),
        ("noted", "warn", Outcome.OK),
        ("warned", "warn", Outcome.FOUND),
        ("warned", "error", Outcome.OK),
        ("wrong", "error", Outcome.FOUND),
        ("wrong", None, Outcome.FOUND),
        ("warned", None, Outcome.OK),
    ],
)
def test_it_fails_on_what_is_as_grave_as_it_was_told(
    files: dict[str, str], name: str, fail_on: str | None, outcome: int
) -> None:
    words = ["--fail-on", fail_on] if fail_on else []
    assert cli.main(["lint", files[name], *words]) == outcome


def test_text_names_the_message_the_time_what_to_do_and_the_source(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["lint", files["wrong"], files["clean"]])
    said = capsys.readouterr().out
    assert f"{files['wrong']}: 2 errors" in said
    assert "error #4 00:01.000  tool-response-unknown" in said
    assert "function call that was never made (id c1, name weather)" in said
    assert "Do        Echo id and name of the call" in said
    assert "pipecat-ai/pipecat#4448" in said
    assert "The server closed the connection with 1011 (internal error): Internal error" in said
    assert "1. a function call or response shortly before" in said
    assert "Sent last #4 00:01.000 ▲ toolResponse" in said
    assert f"{files['clean']}: nothing found" in said


def test_json_holds_findings_and_closes(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["lint", files["wrong"], files["noted"], "--format", "json"])
    wrong, noted = json.loads(capsys.readouterr().out)["files"]
    assert [each["id"] for each in wrong["findings"]] == ["tool-response-unknown", "close"]
    assert wrong["findings"][0]["messages"] == [4]
    assert wrong["findings"][0]["severity"] == "error"
    (close,) = wrong["closes"]
    assert (close["code"], close["by"], close["message"]) == (1011, "server", 5)
    assert close["causes"][0]["evident"]
    assert [each["id"] for each in noted["findings"]] == ["field-unknown"]
    assert noted["closes"] == []


def test_rules_are_chosen_and_left_out(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lint", files["wrong"], "--rule", "close"]) == Outcome.FOUND
    assert "tool-response-unknown" not in capsys.readouterr().out
    ignored = ["--ignore", "close", "--ignore", "tool-response-unknown"]
    assert cli.main(["lint", files["wrong"], *ignored]) == Outcome.OK
    assert "nothing found" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_a_sentence_and_the_others_are_looked_at(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["lint", str(tmp_path / "nowhere"), files["wrong"]]
    assert cli.main(words) == Outcome.UNREADABLE
    said = capsys.readouterr()
    assert said.err.startswith("bidiscope: Cannot open ")
    assert "2 errors" in said.out
    assert cli.main([*words, "--format", "json"]) == Outcome.UNREADABLE
    nowhere, wrong = json.loads(capsys.readouterr().out)["files"]
    assert nowhere["error"].startswith("Cannot open ")
    assert wrong["findings"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a FILE, or --list-rules"),
        (["x", "--rule", "nonsense"], "there is no rule nonsense: see --list-rules"),
        (["x", "--fail-on", "chat"], "invalid choice: 'chat'"),
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["lint", *words])
    assert ended.value.code == Outcome.USAGE
    assert said in capsys.readouterr().err


def test_the_rules_are_listed_from_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lint", "--list-rules"]) == Outcome.OK
    text = capsys.readouterr().out
    assert cli.main(["lint", "--list-rules", "--format", "json"]) == Outcome.OK
    listed = json.loads(capsys.readouterr().out)["rules"]
    assert [each["id"] for each in listed] == list(rules())
    assert all(f"{each['severity']:<6}{each['id']}" in text for each in listed)
