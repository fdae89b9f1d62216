"""`bidiscope devices`, as a process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.test_trial import film as film
from tests.media.virtual_sound import SoundServer
from tests.pseudo_terminal import Terminal
from tui.outcome import Outcome

pytestmark = pytest.mark.xdist_group("sound")

ROOT = Path(__file__).parents[1]


def devices(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", "devices", *words],
        cwd=ROOT,
        env={**os.environ, "DISPLAY": "", **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_table_tells_how_to_use_each_device(sound_server: SoundServer) -> None:
    run = devices()
    assert (run.returncode, run.stderr) == (Outcome.OK, "")
    assert "\x1b" not in run.stdout
    lines = run.stdout.splitlines()
    heads = [line for line in lines if re.fullmatch(r"[A-Z][a-z]+s", line)]
    assert heads == ["Microphones", "Speakers", "Cameras", "Screens"]
    rows = [line for line in lines if "ALSA" in line]
    assert len(rows) == 4
    assert len({row.index("ALSA") for row in rows}) == 1, "aligned"
    assert re.search(
        r"\d  default +ALSA, 32 channels, 44.1 kHz +default +--mic \d$", run.stdout, re.M
    )
    assert re.search(r"overheard +ALSA.*--output-device \d$", run.stdout, re.M)
    assert "No screen can be captured" in run.stdout
    assert "--test" in lines[-2]


def test_json_has_a_schema(sound_server: SoundServer) -> None:
    run = devices("--json")
    groups: list[dict[str, Any]] = json.loads(run.stdout)["groups"]
    kinds = [group["kind"] for group in groups]
    assert kinds == ["microphone", "speaker", "camera", "screen"]
    for group in groups:
        assert set(group) == {"kind", "problem", "devices"}
        assert group["devices"] or group["problem"]
    types = {
        "number": int, "name": str, "host_api": str, "channels": int, "rate_hz": int,
        "default": bool, "monitor": bool, "unique": bool, "flag": str,
    }  # fmt: skip
    for device in groups[0]["devices"] + groups[1]["devices"]:
        assert {name: type(value) for name, value in device.items()} == types


def test_a_level_and_a_tone_are_tested_by_one_name(sound_server: SoundServer) -> None:
    run = devices("--test", "efaul", "--seconds", "0.5")
    assert (run.returncode, run.stderr) == (Outcome.OK, "")
    level, tone = run.stdout.splitlines()
    assert level == "Microphone: default opens but gives no signal (digital silence)."
    assert tone.startswith("Speaker: default has played two notes")


def test_a_device_that_refuses_is_a_failure_and_the_other_tests_go_on(
    sound_server: SoundServer,
) -> None:
    """PulseAudio plays nothing on a monitor."""
    run = devices("--test", "overheard", "--seconds", "0.3")
    assert run.returncode == Outcome.FAILED
    assert run.stdout.startswith("Microphone: overheard opens")
    assert run.stderr.startswith("bidiscope: overheard could not be opened (")


@pytest.mark.parametrize("which", ["mic:default", "microphone:default"])
def test_a_kind_chooses_among_devices_of_one_name(sound_server: SoundServer, which: str) -> None:
    run = devices("--test", which, "--seconds", "0.3", "--json")
    (line,) = run.stdout.splitlines()
    finding = json.loads(line)
    assert (finding["kind"], finding["source"]) == ("microphone", "default, ALSA")
    assert (finding["problem"], finding["sounds"]) == (False, False)
    assert finding["words"].startswith("default ")


@pytest.mark.parametrize(("kind", "tests"), [("", 2), ("mic:", 1), ("speaker:", 1)])
def test_numbers_are_those_of_the_table(sound_server: SoundServer, kind: str, tests: int) -> None:
    (number,) = re.findall(r"(\d)  default .*--mic", devices().stdout)
    run = devices("--test", f"{kind}{number}", "--seconds", "0.3")
    assert run.returncode == Outcome.OK
    assert len(re.findall(r"^\w+: default ", run.stdout, re.M)) == tests


def test_a_film_can_be_tested_as_a_camera(film: Path) -> None:
    run = devices("--test", f"camera:{film}")
    assert (run.returncode, run.stderr) == (Outcome.OK, "")
    assert "64x48 pixels" in run.stdout


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("gramophone", "there is no device gramophone: bidiscope devices lists them."),
        ("camera:93", "Camera '93' could not be opened"),
        ("screen:1", "there is no display here"),
        ("mic:gramophone", "'gramophone'"),
    ],
)
def test_what_cannot_be_tested_is_one_sentence(which: str, words: str) -> None:
    run = devices("--test", which, PULSE_SERVER="unix:/nowhere")
    assert (run.returncode, run.stdout) == (Outcome.FAILED, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("bidiscope: ") and (words in line or "No microphone" in line)


@pytest.mark.parametrize("words", [("--seconds", "-3"), ("--seconds", "x"), ("--tset", "0")])
def test_wrong_flags_are_a_usage_error(words: tuple[str, ...]) -> None:
    assert devices(*words).returncode == Outcome.USAGE


WITHOUT_PORTAUDIO = """
import ctypes.util, sys
ctypes.util.find_library = lambda name: None
from tui.cli import main
sys.exit(main(["devices", *sys.argv[1:]]))
"""


def test_without_portaudio_the_list_says_how_to_get_it(tmp_path: Path) -> None:
    script = tmp_path / "without.py"
    script.write_text(WITHOUT_PORTAUDIO)
    command = [sys.executable, str(script)]
    environ = {**os.environ, "DISPLAY": "", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert run.returncode == Outcome.OK
    assert run.stdout.count("sudo apt install libportaudio2") == 2
    run = subprocess.run(
        [*command, "--test", "mic:0"], env=environ, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == Outcome.FAILED
    assert "the PortAudio library is missing" in run.stderr


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    run = subprocess.run(
        f"{sys.executable} -m tui devices | true; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (run.stdout, run.stderr) == ("0\n", "")


def test_on_a_terminal_the_level_moves_and_the_heads_are_bold(sound_server: SoundServer) -> None:
    environ = dict(sound_server.environment)
    with Terminal("devices", environ=environ) as terminal:
        assert terminal.end() == Outcome.OK
    assert b"\x1b[1mMicrophones\x1b[0m" in terminal.raw
    with Terminal(
        "devices", "--test", "mic:default", "--seconds", "1", environ=environ
    ) as terminal:
        assert terminal.end() == Outcome.OK
    assert terminal.raw.count(b"\r\x1b[K") > 5
    assert terminal.lines[0].startswith("Microphone: default ")
    with Terminal("devices", environ=environ | {"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == Outcome.OK
    assert b"\x1b" not in terminal.raw


def test_a_picture_is_drawn_where_the_terminal_has_the_colours(film: Path) -> None:
    with Terminal("devices", "--test", f"camera:{film}") as terminal:
        assert terminal.end() == Outcome.OK
    cell = terminal.screen.buffer[1][0]
    red = np.array([int(cell.fg[at : at + 2], 16) for at in (0, 2, 4)])
    assert cell.data == "▀" and red[0] > 150 and red[2] < 60
