"""`bidiscope emulate --scenario`: what it says, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.recorded import MESSAGES
from tui.cli import main

WAIT_S = 30
MODEL = "models/gemini-2.0-flash-exp"
SETUP = {"setup": {"model": MODEL, "generationConfig": {"responseModalities": ["TEXT"]}}}


def emulated(
    folder: Path, flags: list[str], talk: Callable[[ClientConnection], None]
) -> tuple[int, str]:
    """One session with an emulator that ends after it: its exit status, and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "emulate", "--once", "--port=0", "--tls-port=0", *flags],
        env={**os.environ, "BIDISCOPE_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["ws"]
    with connect(url, proxy=None) as connection:
        connection.send(json.dumps(SETUP))
        connection.recv(WAIT_S)
        talk(connection)
    _, errors = process.communicate(timeout=WAIT_S)
    return process.returncode, errors


def ask(connection: ClientConnection, text: str) -> str:
    connection.send(json.dumps({"realtimeInput": {"text": text}}))
    words = ""
    while True:
        content: dict[str, Any] = json.loads(connection.recv(WAIT_S)).get("serverContent", {})
        for part in content.get("modelTurn", {}).get("parts", []):
            words += part["text"]
        if content.get("turnComplete"):
            return words


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [("hello", 0, "all went as in the scenario"), ("bye", 1, "1 deviation from the scenario")],
)
def test_the_exit_status_tells_whether_the_script_was_followed(
    tmp_path: Path, said: str, status: int, told: str
) -> None:
    script = tmp_path / "test.toml"
    script.write_text('order = "strict"\n[[turn]]\nwhen = "hello"\nsay = "Hi!"', "utf-8")

    def talk(connection: ClientConnection) -> None:
        assert ask(connection, said) == "Hi!"

    ended, errors = emulated(tmp_path, ["--scenario", str(script)], talk)
    assert ended == status, errors
    assert told in errors
    assert "scenario: test, 1 turn" in errors


def test_a_recording_is_repeated_by_name(tmp_path: Path) -> None:
    def talk(connection: ClientConnection) -> None:
        pass

    ended, errors = emulated(tmp_path, ["--scenario", str(MESSAGES), "--speed", "max"], talk)
    assert ended == 1  # its setup asked for something else
    assert "recorded_js_genai.jsonl is repeated, its 10 connections in turn" in errors
    assert "session 1: is served connection 1 of 10" in errors
    assert "session 1: deviates: setup differs from message" in errors


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scenario", "nope"], "There is no nope: name a .toml file, a recording, or one of"),
        (["--scenario", "nope.toml"], "nope.toml cannot be read: No such file or directory."),
        (["--brain", "localhost"], "localhost is no address of a brain: it is like http://"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emulate", *words]) == 1
    assert capsys.readouterr().err.startswith(f"bidiscope emulate: {told}")


def test_a_scenario_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--scenario", "weather", "--check"]) == 0
    assert capsys.readouterr().out.startswith("scenario: weather, 3 turns: asks get_weather")


@pytest.mark.parametrize(
    "words",
    [["--check"], ["--speed", "0"], ["--speed", "fast"], ["--seed", "x"], ["--seed", "1_0"]],
)
def test_flags_that_make_no_sense_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["emulate", *words])
    said = capsys.readouterr().err
    assert "bidiscope emulate: error:" in said and "invalid" not in said


@pytest.mark.parametrize(
    ("flags", "status", "told"),
    [
        (["--scenario", "weather"], 7, "The scenario was not followed: the setup has no tools"),
        (["--scenario", "nope"], 3, "bidiscope emulate: There is no nope: name a .toml file"),
        (
            ["--brain", "http://127.0.0.1:9/v1", "--brain-model", "x"],
            1,
            "brain at 127.0.0.1 cannot",
        ),
    ],
)
def test_the_workbenchs_own_emulator_takes_the_flags(
    tmp_path: Path, flags: list[str], status: int, told: str
) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tui", "say", "the weather?", "--no-record", *flags],
        env={**os.environ, "BIDISCOPE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert said.returncode == status
    assert told in said.stdout + said.stderr


def test_the_scripts_model_answers_whatever_the_client_names(tmp_path: Path) -> None:
    script = tmp_path / "test.toml"
    script.write_text('model = "gemini-2.0-flash-live-001"\n[[turn]]\nsay = "Hi!"', "utf-8")

    def talk(connection: ClientConnection) -> None:
        assert ask(connection, "hello") == "Hi!"

    ended, errors = emulated(tmp_path, ["--scenario", str(script)], talk)
    assert ended == 0
    assert "session 1 (gemini-2.0-flash-live-001) closed: 1000" in errors
