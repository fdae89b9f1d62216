"""The terminal is given back as it was, and gets nothing that is not drawn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pseudo_terminal import LEFT, Terminal
from tui.outcome import Outcome


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_to_end_restores_the_terminal(tmp_path: Path, name: str) -> None:
    with Terminal("--record", str(tmp_path / "here")) as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.process.send_signal(getattr(signal, name))
        status = terminal.end()
    assert status == Outcome.OK
    assert terminal.raw.count(LEFT) == 1
    assert b"\x1b[?1000l" in terminal.raw, "the mouse is the terminal's again"
    assert b"\x1b[?25h" in terminal.raw.rpartition(b"\x1b[?25l")[2], "the cursor is visible"
    assert b"Traceback" not in terminal.raw
    [recording] = (tmp_path / "here").iterdir()
    assert '"name":"connection.closed"' in recording.read_text().splitlines()[-1]


def test_quitting_says_where_the_recording_is(tmp_path: Path) -> None:
    with Terminal("--record", str(tmp_path / "here")) as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.press("\x11")
        assert terminal.end() == Outcome.OK
    [recording] = (tmp_path / "here").iterdir()
    assert str(recording).encode() in terminal.raw.rpartition(LEFT)[2]


def test_c_libraries_cannot_write_on_the_picture(tmp_path: Path) -> None:
    """The program as it is, with a library that complains as ALSA does, below Python."""
    complaint = "ALSA lib pcm.c: cannot open"
    program = (
        "import ctypes, os, sys, tui.rig as rig\n"
        "class Rig(rig.Rig):\n"
        "    def __init__(self, *given):\n"
        "        super().__init__(*given)\n"
        "        start = self.engine.start\n"
        "        def noisy():\n"
        f"            ctypes.CDLL(None).dprintf(2, b'{complaint}\\n')\n"
        f"            os.system('echo child: {complaint} >&2')\n"
        "            start()\n"
        "        self.engine.start = noisy\n"
        "rig.Rig = Rig\n"
        "from tui.cli import main\n"
        "sys.exit(main([]))\n"
    )
    (tmp_path / "noisy.py").write_text(program)
    with Terminal(script=tmp_path / "noisy.py") as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.press("\x11")
        assert terminal.end() == Outcome.OK
    assert complaint.encode() not in terminal.raw
    logged = (tmp_path / "data" / "native.log").read_text()
    assert f"\n{complaint}" in f"\n{logged}"
    assert f"child: {complaint}" in logged


def test_a_crash_shows_its_traceback_on_the_restored_terminal(tmp_path: Path) -> None:
    program = (
        "import sys, tui.app as app\n"
        "def crash(self):\n"
        "    raise ZeroDivisionError('a fault of ours')\n"
        "app.Bidiscope.action_help = crash\n"
        "from tui.cli import main\n"
        "sys.exit(main([]))\n"
    )
    (tmp_path / "faulty.py").write_text(program)
    with Terminal(script=tmp_path / "faulty.py") as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.press("\x1bOP")
        assert terminal.end() == Outcome.FAILED
    assert b"a fault of ours" in terminal.raw.rpartition(LEFT)[2]


def test_without_a_terminal_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == Outcome.FAILED
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    assert sentence == 'bidiscope: The workbench needs a terminal. Without one: bidiscope say "…".'


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_is_told_so(term: str) -> None:
    with Terminal(environ={"TERM": term}) as terminal:
        assert terminal.end() == Outcome.FAILED
    assert "cannot draw the workbench" in terminal.raw.decode()
    assert b"\x1b" not in terminal.raw
    assert not Path(os.environ["BIDISCOPE_DATA"]).exists(), "nothing was begun"
