"""The flags of `bidiscope emulate`, as a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.tap.conftest import end, frames, read
from tui import cli
from tui.commands import emulate
from tui.emulator import process
from tui.emulator.options import Options

WAIT_S = 20


@contextmanager
def emulating(*words: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """Its ready line."""
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "emulate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            yield json.loads(running.stdout.readline()), running
        finally:
            running.kill()


def begin(connection: ClientConnection, model: str) -> Any:
    config = {"responseModalities": ["TEXT"]}
    connection.send(json.dumps({"setup": {"model": model, "generationConfig": config}}))
    return json.loads(connection.recv(timeout=WAIT_S))


def test_one_port_a_profile_text_frames_and_recordings(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    words = ["--port", port, "--tls-port", port, "--record", str(tmp_path / "taped")]
    words += ["--profile", "gemini-2.0-flash-exp", "--text-frames", "--seed", "7"]
    with emulating(*words) as (ready, running):
        assert ready["ws"].rpartition(":")[2] == ready["wss"].rpartition(":")[2] == port
        with connect(ready["ws"]) as connection:
            assert begin(connection, "models/anything") == {"setupComplete": {}}
            running.send_signal(signal.SIGINT)
            with pytest.raises(Exception, match="1001"):
                connection.recv(timeout=WAIT_S)
        _, told = running.communicate(timeout=WAIT_S)
    assert running.returncode == 0
    assert "gemini-2.0-flash-exp answers, whatever model is asked for" in told
    assert f"export GOOGLE_GEMINI_BASE_URL=https://localhost:{port}" in told
    assert f"export SSL_CERT_FILE={ready['ca']}" in told
    (path,) = (tmp_path / "taped").iterdir()
    records = read(path)
    assert [opcode for _, opcode, _ in frames(records)] == [1, 1]
    assert end(records) == (1001, "", "server")


def flags(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[Any, ...]:
    """What the process is told to do."""
    told: list[Any] = []

    def run(*given: Any, **how: Any) -> int:
        told.extend([*given, how])
        return 0

    monkeypatch.setattr(process, "run", run)
    assert cli.main(["emulate", *words]) == 0
    return tuple(told)


def test_the_ports_are_those_of_the_manual(monkeypatch: pytest.MonkeyPatch) -> None:
    assert flags(monkeypatch)[:3] == (8765, 8766, Options())
    assert flags(monkeypatch, "--seed", "7")[3]["seed"] == 7


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--profile gemini-9.9", "--profile gemini-9.9: there is no such model; there are gemini-"),
        ("--seed x", "--seed: x is no whole number of up to 18 digits"),
        ("--port 70000", "70000 is no port"),
    ],
)
def test_what_makes_no_sense_is_said(
    capsys: pytest.CaptureFixture[str], words: str, why: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        emulate.run(words.split())
    assert ended.value.code == 2
    assert why in capsys.readouterr().err
