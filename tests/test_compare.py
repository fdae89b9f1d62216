"""`bidiscope compare` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.script import conversation
from tui import cli
from tui.outcome import Outcome


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    conversation(tmp_path / "a.jsonl")
    other = conversation(tmp_path / "b.jsonl", model="unheard-of")
    other.ask(30.0, "One more?\x1b[31m")
    other.audio(31.0)
    other.words(31.1, "Yes.")
    return str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")


def test_the_report_has_signs_and_values(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["compare", *pair]) == Outcome.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"A  {pair[0]}"
    assert "≠ model" in lines and '    B "unheard-of"' in lines
    assert any(line.startswith("≠ turns") and line.endswith("+1") for line in lines)
    assert any(line.startswith("= turn 1 | 1  What is six times seven?") for line in lines)
    assert "> turn – | 4  {+One more?␛[31m+}" in lines
    assert "  {+Yes.+}" in lines


def test_json_has_the_same(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *pair, "--format", "json"]) == Outcome.OK
    found = json.loads(capsys.readouterr().out)
    assert found["setup"] == [
        {"path": "model", "sign": "≠", "a": "gemini-3.8-live", "b": "unheard-of"}
    ]
    assert [(turn["a"], turn["b"]) for turn in found["turns"]] == [
        (1, 1),
        (2, 2),
        (3, 3),
        (None, 4),
    ]
    assert found["turns"][3]["answer"] == [{"sign": ">", "text": "Yes."}]
    assert found["a"]["session"] == pair[0]


def test_a_file_that_is_no_recording_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_bytes(b"\x00")
    conversation(tmp_path / "a.jsonl")
    assert cli.main(["compare", str(tmp_path / "a.jsonl"), str(tmp_path / "x")]) == Outcome.FAILED
    assert str(tmp_path / "x") in capsys.readouterr().err
