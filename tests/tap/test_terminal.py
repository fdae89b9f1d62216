"""`--ui` on a real terminal: the tap in its own process, the sessions on the screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pseudo_terminal import LEFT, Terminal
from tests.stage import Peer, Stage, stage
from tests.tap.test_process import PROGRAM
from tui.core.places import data_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo terminals are POSIX")


WAITING = """
import asyncio, sys
from google import genai
from google.genai.errors import APIError

async def main():
    config = {"response_modalities": ["TEXT"]}
    client = genai.Client(api_key="any")
    async with client.aio.live.connect(model="gemini-2.0-flash-exp", config=config) as session:
        try:
            while True:
                async for message in session.receive():
                    pass
        except APIError as error:
            print(error.code, error.details, end="")
            sys.exit(9)

asyncio.run(main())
"""


@pytest.fixture
def played() -> Iterator[Stage]:
    with stage(data_folder() / "authority", Peer.greet) as played:
        yield played


def test_a_program_in_another_shell_is_watched(played: Stage) -> None:
    """On a terminal this is the default."""
    with Terminal("tap", "--upstream", f"wss://localhost:{played.port}") as terminal:
        text = terminal.until(lambda text: "NODE_EXTRA_CA_CERTS=" in text)
        exported = dict(re.findall(r"export (\w+)=(\S+)", text))
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=os.environ | exported, capture_output=True
        )
        assert (ran.returncode, ran.stdout) == (7, b"Hello there.")
        terminal.until(lambda text: "1000 (client)" in text and "gemini-2.0-flash-exp" in text)
        terminal.press("\r")
        terminal.until(lambda text: "setupComplete" in text and "Hello there." in text)
        terminal.press("\x7f")
        terminal.until(lambda text: "began" in text)
        terminal.press("q")
        assert terminal.end() == 0
    assert LEFT in terminal.raw


def test_a_program_is_run_and_watched(played: Stage, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    words = ["run", "--ui", "--upstream", f"wss://localhost:{played.port}"]
    program = [sys.executable, str(tmp_path / "program.py")]
    with Terminal(*words, "--", *program) as terminal:
        terminal.until(lambda text: "exit code 7" in text and "1000 (client)" in text)
        terminal.press("q")
        assert terminal.end() == 7
    (output,) = (data_folder() / "output").iterdir()
    assert output.read_text() == "Hello there."
    assert output.stat().st_mode & 0o777 == 0o600


def test_a_fault_reaches_the_program(played: Stage) -> None:
    words = ["run", "--ui", "--allow-faults", "--upstream", f"wss://localhost:{played.port}"]
    with Terminal(*words, "--", sys.executable, "-c", WAITING) as terminal:
        terminal.until(lambda text: "live" in text and "began" in text)
        terminal.press("\r")
        terminal.until(lambda text: "FAULTS ARE ALLOWED" in text and "setupComplete" in text)
        terminal.press("K")
        terminal.until(lambda text: "Closed 1011" in text and "A fault of the tap" in text)
        terminal.press("\x7f")
        terminal.until(lambda text: "exit code 9" in text)
        terminal.press("q")
        assert terminal.end() == 9
    (output,) = (data_folder() / "output").iterdir()
    assert output.read_text() == "1011 Deadline expired before operation could complete."


def test_the_program_ends_with_the_workbench(tmp_path: Path) -> None:
    said = tmp_path / "said"
    code = (
        "import pathlib, signal, sys, time\n"
        f"said = pathlib.Path({str(said)!r})\n"
        "signal.signal(signal.SIGTERM, lambda *_: (said.write_text('told to end'), sys.exit()))\n"
        "print('begun', flush=True)\n"
        "time.sleep(60)"
    )
    with Terminal("run", "--ui", "--", sys.executable, "-c", code) as terminal:
        terminal.until(lambda text: "Running" in text)
        (output,) = (data_folder() / "output").iterdir()
        terminal.until(lambda _: output.read_text() == "begun\n")
        terminal.press("q")
        assert terminal.end() == 0
    assert said.read_text() == "told to end"


def test_a_program_that_cannot_be_run_is_said_in_its_output() -> None:
    with Terminal("run", "--ui", "--", "/no/such/program") as terminal:
        terminal.until(lambda text: "exit code 127" in text)
        terminal.press("q")
        assert terminal.end() == 127
    (output,) = (data_folder() / "output").iterdir()
    assert "/no/such/program cannot be run: No such file" in output.read_text()


def test_what_cannot_begin_is_said_without_a_screen() -> None:
    with Terminal("tap", "--upstream", "https://evil.example") as terminal:
        assert terminal.end() == 1
    assert b"bidiscope: The tap does not lead to https://evil.example" in terminal.raw
    assert b"\x1b[?1049h" not in terminal.raw


def test_without_a_terminal_there_is_no_workbench() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", "tap", "--ui"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bidiscope: The workbench needs a terminal.")
