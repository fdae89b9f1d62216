"""`bidiscope tap` and `bidiscope run` as processes: lines, signals, exit codes, the environment."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from tests.stage import API_KEY, Peer, Stage, stage
from tests.tap.conftest import WAIT_S, end, frames, read
from tui import cli
from tui.authority import Authority
from tui.core.places import data_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")

PROGRAM = f"""
import asyncio, sys
from google import genai

async def main():
    client = genai.Client(api_key="{API_KEY}")
    config = {{"response_modalities": ["TEXT"]}}
    async with client.aio.live.connect(model="gemini-2.0-flash-exp", config=config) as session:
        await session.send_client_content(turns={{"role": "user", "parts": [{{"text": "Hello"}}]}})
        async for message in session.receive():
            print(message.text or "", end="")

asyncio.run(main())
sys.exit(7)
"""


@pytest.fixture(autouse=True)
def nobody_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no authorities of the person who runs the tests."""
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def played() -> Iterator[Stage]:
    """A Live server whose certificate is of the user's authority, as the emulator's is."""
    with stage(data_folder() / "authority", Peer.greet) as played:
        yield played


def tui(*words: str) -> list[str]:
    return [sys.executable, "-m", "tui", *words]


def test_an_unchanged_program_is_recorded(played: Stage, tmp_path: Path) -> None:
    words = ["run", "--upstream", f"wss://localhost:{played.port}", "--record", str(tmp_path / "r")]
    ran = subprocess.run(
        tui(*words, "--", sys.executable, "-c", PROGRAM), capture_output=True, timeout=60, text=True
    )
    assert (ran.returncode, ran.stdout) == (7, "Hello there."), ran.stderr
    assert played.peers[0].headers["x-goog-api-key"] == API_KEY
    (path,) = (tmp_path / "r").iterdir()
    assert path.name.endswith("-gemini-2.0-flash-exp.jsonl")
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(path) in ran.stderr
    assert "session 1 (gemini-2.0-flash-exp) ended: 1000" in ran.stderr
    records = read(path)
    peer = played.peers[0]
    assert [each[2] for each in frames(records) if each[0] == "send"] == peer.heard
    assert [each[2] for each in frames(records) if each[0] == "receive"] == peer.sent
    assert end(records) == (1000, "", "client")
    assert API_KEY not in path.read_text()


def test_the_child_is_led_here_and_this_process_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    names = [
        "GOOGLE_GEMINI_BASE_URL",
        "GOOGLE_VERTEX_BASE_URL",
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
    ]
    look = f"import os; v = [os.environ[n] for n in {names}]; print(*v, sep=chr(10)); "
    look += "print(open(v[2]).read()); print('|', open(v[3]).read())"
    before = dict(os.environ)
    assert cli.main(["run", "--quiet", "--", sys.executable, "-c", look]) == 0
    assert dict(os.environ) == before
    told = capfd.readouterr()
    gemini, vertex, bundle, node, rest = told.out.split("\n", 4)
    assert gemini == vertex
    assert gemini.startswith("https://localhost:")
    assert not Path(bundle).exists()
    assert not Path(node).exists()
    ours = Authority.of_user().path.read_text().strip()
    roots, _, for_node = rest.partition("|")
    assert ours in roots
    assert Path(certifi.where()).read_text().strip() in roots
    assert for_node.strip() == ours
    assert told.err == ""


def test_what_was_trusted_before_still_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        theirs = Authority.of_user(tmp_path / name).path
        monkeypatch.setenv(name, str(theirs))
        look = f"import os; print(open(os.environ['{name}']).read())"
        assert cli.main(["run", "--quiet", "--", sys.executable, "-c", look]) == 0
        shown = capfd.readouterr().out
        assert theirs.read_text().strip() in shown
        assert Authority.of_user().path.read_text().strip() in shown


def test_behind_a_proxy_the_tap_is_called_directly(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intranet")
    look = "import os; print(os.environ['NO_PROXY'], os.environ['no_proxy'])"
    assert cli.main(["run", "--quiet", "--", sys.executable, "-c", look]) == 0
    assert capfd.readouterr().out == "intranet,localhost intranet,localhost\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [("raise SystemExit(0)", 0), ("raise SystemExit(42)", 42), ("os.kill(os.getpid(), 9)", 137)],
)
def test_the_exit_code_is_passed_on(code: str, status: int) -> None:
    assert cli.main(["run", "--quiet", "--", sys.executable, "-c", f"import os; {code}"]) == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(40 + {int(number)}))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    process = subprocess.Popen(
        tui("run", "--quiet", "--", sys.executable, "-c", program),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(WAIT_S) == 40 + number


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [("/no/such/program", 127, "No such file or directory"), ("/", 126, "Permission denied")],
)
def test_a_program_that_cannot_be_run(
    capfd: pytest.CaptureFixture[str], command: str, status: int, said: str
) -> None:
    assert cli.main(["run", "--quiet", "--", command]) == status
    assert capfd.readouterr().err == f"bidiscope run: {command} cannot be run: {said}.\n"


def test_a_program_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["run", "--port", "0"])
    assert "give the program after --" in capsys.readouterr().err


def test_flags_after_the_dashes_are_the_programs(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--quiet", "--", sys.executable, "-c", "import sys; print(sys.argv[1:])"]
    assert cli.main([*words, "--port", "x", "--", "--quiet"]) == 0
    assert capfd.readouterr().out == "['--port', 'x', '--', '--quiet']\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_tap_says_that_it_is_ready_and_ends_on_a_signal(number: signal.Signals) -> None:
    process = subprocess.Popen(
        tui("tap", "--token", "--headless"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert list(ready) == ["ws", "wss", "ca", "upstreams", "environment"]
    process.send_signal(number)
    out, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, out) == (0, "")
    lines = [line.removeprefix("bidiscope: ").strip() for line in errors.splitlines()]
    exported = dict(shlex.split(line)[1].split("=", 1) for line in lines if "export" in line)
    assert exported == ready["environment"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--upstream", "https://evil.example"], "The tap does not lead to https://evil.example: "),
        (["--record", "/proc/nowhere"], "Cannot record to /proc/nowhere: "),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    capfd: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert cli.main(["tap", "--headless", *words]) == 1
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"bidiscope: {said}")
    assert told.err.count("\n") == 1


def test_a_busy_port_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["tap", "--headless", "--port", str(port)]) == 1
    assert f"Port {port} is in use by another program" in capfd.readouterr().err


def test_roots_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    assert cli.main(["tap", "--headless"]) == 1
    assert "SSL_CERT_FILE names /no/such/file, which cannot be read" in capfd.readouterr().err


@pytest.mark.parametrize("words", [["tap", "--headless"], ["run", "--", "true"]])
def test_faults_need_the_workbench(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main([words[0], "--allow-faults", *words[1:]])
    assert "--allow-faults needs the workbench: add --ui" in capsys.readouterr().err
