"""Faults on the command line, and over the pipe of a tied emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tui.commands import emulate
from tui.core.fault import kinds

SETUP = json.dumps(
    {
        "setup": {
            "model": "models/gemini-2.0-flash-exp",
            "generationConfig": {"responseModalities": ["TEXT"]},
        }
    }
)


class Tied:
    """An emulator that is tied to the test."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", "emulate", "--quiet", "--tied", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url: str = self.hear()["ws"]

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        row: dict[str, Any] = json.loads(self.process.stdout.readline())
        return row


@pytest.fixture
def end() -> Iterator[list[Tied]]:
    running: list[Tied] = []
    yield running
    for each in running:
        each.process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--fault", "stal"], "There is no fault 'stal' (stall?); "),
        (["--fault", "stall:for=x"], "for=x does not fit: it must be 0 to 3600 s."),
        (["--fault-file", "nowhere.toml"], "nowhere.toml cannot be read: No such file"),
        (["--seed", "x"], "--seed"),
    ],
)
def test_bad_words_are_one_sentence(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        emulate.run(words)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "why"), [(b"\xff", "is not UTF-8"), (b"x", "It is not TOML"), (b"", "has no faults")]
)
def test_a_bad_file_is_one_sentence(
    tmp_path: Path, text: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "faults.toml").write_bytes(text)
    with pytest.raises(SystemExit) as ended:
        emulate.run(["--fault-file", str(tmp_path / "faults.toml")])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        emulate.run(["--faults"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out
    assert all(f"\n{name}\n" in listed for name in kinds())


def test_flags_and_files_are_for_every_session(tmp_path: Path, end: list[Tied]) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[fault]]\nname = "unknown-kind"\n', encoding="utf-8")
    tied = Tied("--fault", "close:at=0.1,code=4001,reason=so", "--fault-file", str(file))
    end.append(tied)
    for _ in range(2):
        with connect(tied.url) as client:
            client.send(SETUP)
            assert json.loads(client.recv()) == {"setupComplete": {}}
            assert "futureMessage" in json.loads(client.recv())
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "so")


def test_a_line_of_the_parent_brings_a_fault_about_and_what_comes_of_it_is_told(
    end: list[Tied],
) -> None:
    tied = Tied()
    end.append(tied)
    tied.tell('{"fault": "drop"}')
    assert tied.hear() == {"fault": "drop", "problem": "No session is connected to the emulator."}
    with connect(tied.url) as older, connect(tied.url) as newest:
        for client in (older, newest):
            client.send(SETUP)
            client.recv()
        tied.tell('{"fault": "stal"}')
        assert tied.hear()["problem"].startswith("There is no fault 'stal'")
        tied.tell('{"fault": "close:code=1007,reason=so"}')
        spec = "close:code=1007,reason=so"
        assert tied.hear() == {"fault": spec, "state": "armed", "session": 2}
        assert tied.hear() == {"fault": spec, "state": "happened", "session": 2}
        with pytest.raises(ConnectionClosed):
            newest.recv()
        older.ping().wait()
