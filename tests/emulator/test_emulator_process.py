"""The emulator as a process: ready line, signals, parent, busy port."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tui.emulator import process

WAIT_S = 20


class Emulator:
    """An emulator process and its ready line."""

    def __init__(self, folder: Path, arguments: str = "", without: tuple[str, ...] = ()) -> None:
        """``without`` modules: to import them fails."""
        program = (
            f"import sys; sys.modules.update(dict.fromkeys({without}));"
            f"from tui.emulator.process import run; sys.exit(run(0, 0{arguments}))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "BIDISCOPE_DATA": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        assert readable, "no ready line came"
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self) -> tuple[int, str, str]:
        """Exit status and the rest of both outputs."""
        out, errors = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, out, errors


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    running = Emulator(tmp_path)
    yield running
    running.process.kill()
    running.process.communicate()


def test_the_ready_line_names_both_addresses_and_the_authority(
    emulator: Emulator, tmp_path: Path
) -> None:
    assert list(emulator.ready) == ["ws", "wss", "ca"]
    assert emulator.ready["ws"].startswith("ws://127.0.0.1:")
    assert emulator.ready["wss"].startswith("wss://localhost:")
    assert Path(emulator.ready["ca"]).is_relative_to(tmp_path)
    assert "BEGIN CERTIFICATE" in Path(emulator.ready["ca"]).read_text("ascii")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_close_frames(
    emulator: Emulator, number: signal.Signals
) -> None:
    with connect(emulator.ready["ws"]) as connection:
        connection.send('{"setup": {"model": "models/gemini-3.8-live"}}')
        assert json.loads(connection.recv()) == {"setupComplete": {}}
        connection.send('{"realtimeInput": {"text": "Tell me a very long story"}}')
        connection.recv()
        emulator.process.send_signal(number)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                connection.recv(timeout=WAIT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    status, out, errors = emulator.end()
    assert (status, out) == (0, "")
    assert "LOCAL EMULATOR" in errors
    assert "Traceback" not in errors


def test_a_tied_emulator_ends_with_its_parent(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, ", tied=True, quiet=True")
    assert emulator.process.stdin is not None
    emulator.process.stdin.close()
    emulator.process.stdin = None
    assert emulator.end() == (0, "", "")


def test_an_emulator_that_is_not_tied_outlives_its_stdin(emulator: Emulator) -> None:
    assert emulator.process.stdin is not None
    emulator.process.stdin.close()
    emulator.process.stdin = None
    with connect(emulator.ready["ws"]) as connection:
        connection.send('{"setup": {"model": "models/gemini-3.8-live"}}')
        assert json.loads(connection.recv()) == {"setupComplete": {}}


def test_a_busy_port_is_one_sentence_and_exit_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIDISCOPE_DATA", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert process.run(port, 0) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        f"bidiscope emulate: Port {port} is in use by another program; "
        "choose another, or 0 for any.\n"
    )


def test_a_folder_that_cannot_be_used_is_one_sentence_and_exit_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    monkeypatch.setenv("BIDISCOPE_DATA", str(tmp_path / "file"))
    assert process.run(0, 0) == 1
    assert "set BIDISCOPE_DATA to a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("mouth.voice.installed", "no voice installed, so answers are soft tones: pip install"),
        ("perception.recognizer.installed", "speech is heard but not understood: pip install"),
        ("perception.detector.installed", "no silero-vad installed"),
        ("perception.picture.decodes", "neither OpenCV nor Pillow installed"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
    told: str,
) -> None:
    monkeypatch.setenv("BIDISCOPE_DATA", str(tmp_path))
    monkeypatch.setattr("asyncio.Event.wait", _at_once)
    for name in (
        "mouth.voice.installed",
        "perception.recognizer.installed",
        "perception.detector.installed",
    ):
        monkeypatch.setattr(f"tui.emulator.{name}", lambda: True)
    monkeypatch.setattr("tui.emulator.perception.picture.decodes", lambda: True)
    assert process.run(0, 0) == 0
    assert told not in capsys.readouterr().err
    monkeypatch.setattr(f"tui.emulator.{missing}", lambda: False)
    assert process.run(0, 0) == 0
    assert told in capsys.readouterr().err


async def _at_once(self: object) -> bool:
    return True
