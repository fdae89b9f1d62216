"""The program is killed in mid-answer: what was recorded is there, and nothing is left running."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.pseudo_terminal import PATIENCE_S, Terminal
from tui.core.log import SessionLog
from tui.core.recording import Recording


def answering(terminal: Terminal) -> None:
    """Ask for a story, and wait until it is being told."""
    terminal.until(lambda text: "Ready" in text)
    terminal.press("Tell me a very long story.\r")
    terminal.until(lambda text: "Once upon a time" in text)


def test_a_recording_survives_the_death_of_its_program(tmp_path: Path) -> None:
    with Terminal("--record", str(tmp_path)) as terminal:
        answering(terminal)
        terminal.process.send_signal(signal.SIGKILL)
        assert terminal.end() == -signal.SIGKILL
    [path] = tmp_path.glob("*.jsonl")
    recording = Recording(path)
    records = list(recording.records())
    recording.close()
    torn = not path.read_bytes().endswith(b"\n")
    assert recording.torn == torn
    assert [record.seq for record, _ in records] == list(range(1, len(records) + 1))
    log = SessionLog.open(path)
    assert all(log.record(row) == records[row][0] for row in range(len(log)))
    log.close()
    session = log.session
    assert session.connected, "nobody had the time to close"
    assert session.turns[0].user == "Tell me a very long story."
    assert session.turns[0].answer.startswith("Once upon a time")
    assert session.turns[0].completed_s is None
    until_gone(session.connection.host if session.connection else "")


@pytest.mark.skipif(os.name != "posix", reason="terminals that hang up are POSIX")
def test_a_terminal_that_hangs_up_ends_it(tmp_path: Path) -> None:
    with Terminal("--record", str(tmp_path)) as terminal:
        answering(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE_S) is not None
    [path] = tmp_path.glob("*.jsonl")
    log = SessionLog.open(path)
    log.close()
    assert log.kinds(len(log) - 1) == ("connection.closed",)
    until_gone(log.session.connection.host if log.session.connection else "")


def until_gone(host: str) -> None:
    """Wait until the emulator that listened there has ended: it is tied to the program."""
    address, _, port = host.rpartition(":")
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            socket.create_connection((address, int(port)), timeout=1).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.05)
    raise AssertionError(f"the emulator at {host} is still there")
