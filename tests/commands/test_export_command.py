from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from tests.exporters.sessions import KEY, log_of
from tests.rehearsal import conversation
from tui.cli import main
from tui.commands.export import FORMATS, LEVELS
from tui.core.redaction import Level
from tui.exporters import formats
from tui.exporters.formats import write
from tui.exporters.material import gather
from tui.outcome import Outcome


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording, in the folder that one is in."""
    monkeypatch.chdir(tmp_path)
    write(gather(log_of(conversation())), formats.FORMATS["journal"], tmp_path / "a b.jsonl")
    return tmp_path / "a b.jsonl"


def test_the_command_names_every_format_and_level() -> None:
    assert {*FORMATS, "har-text"} == {*formats.FORMATS}
    assert [*LEVELS] == [*Level]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "frames"])
def test_writes_beside_where_one_is_and_says_where(
    recording: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert main(["export", recording.name, "--format", form]) == Outcome.OK
    told = capsys.readouterr()
    out = Path(told.out.strip())
    assert out.exists() and out.name.startswith("a_b") and out.parent == Path()
    assert "Removed" in told.err or "Nothing was found to remove" in told.err
    assert "\x1b" not in told.err, "no progress where nobody sees it"


def test_har_text_is_a_har(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", recording.name, "--format", "har", "--har-text", "--out", "x.har"]) == 0
    assert '\\"setup\\"' in Path("x.har").read_text()
    with pytest.raises(SystemExit):
        main(["export", recording.name, "--format", "csv", "--har-text"])
    assert "--har-text goes with --format har" in capsys.readouterr().err


def test_only_what_a_query_matches_is_in_the_table(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", recording.name, "--format", "csv", "--filter"]
    assert main([*words, "kind:toolCall", "--out", "none.csv"]) == Outcome.OK
    assert main([*words, 'dir:send "4711"', "--out", "one.csv"]) == Outcome.OK
    assert len(Path("none.csv").read_text().splitlines()) == 1
    [_, line] = Path("one.csv").read_text().splitlines()
    assert "My number is 4711" in line
    assert main([*words, "kind:(", "--out", "bad.csv"]) == Outcome.FAILED
    assert "--filter, at character" in capsys.readouterr().err
    assert not Path("bad.csv").exists()


def test_force_replaces(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", recording.name, "--format", "wav", "--out", "x.wav"]
    assert main(words) == Outcome.OK
    Path("x.wav").write_bytes(b"")
    assert main(words) == Outcome.FAILED
    assert "x.wav is there already: --force replaces it" in capsys.readouterr().err
    assert main([*words, "--force"]) == Outcome.OK
    with wave.open("x.wav") as file:
        assert file.getnchannels() == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.jsonl", "--format", "har"], "nowhere.jsonl"),
        (["a b.jsonl", "--format", "frames"], "There are no pictures"),
        (["a b.jsonl", "--format", "wav", "--redact", "all"], "nothing but media"),
        (["a b.jsonl", "--format", "har", "--out", "/proc/no/x"], "Cannot write /proc/no/x"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    recording: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    before = sorted(recording.parent.iterdir())
    assert main(["export", *words]) == Outcome.FAILED
    told = capsys.readouterr()
    assert sentence in told.err and told.out == "" and "Traceback" not in told.err
    assert sorted(recording.parent.iterdir()) == before


def test_the_key_of_the_environment_is_masked(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "4711, a moment ago")
    assert main(["export", recording.name, "--format", "md", "--out", "x.md"]) == Outcome.OK
    assert "a moment ago" not in Path("x.md").read_text()
    assert KEY not in Path("x.md").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_stopped_leaves_nothing(recording: Path, number: signal.Signals) -> None:
    """Ctrl+C while it writes."""
    line = recording.read_bytes()
    header, _, rest = line.partition(b"\n")
    Path("long.jsonl").write_bytes(header + b"\n" + rest * 300)
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "export", "long.jsonl", "--format", "bundle"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    end_s = time.monotonic() + 30
    while not list(Path().glob(".*.part")) and time.monotonic() < end_s:
        time.sleep(0.01)
    assert list(Path().glob(".*.part")), "it has not begun"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == Outcome.STOPPED, errors
    assert b"Traceback" not in errors
    assert sorted(path.name for path in Path().iterdir()) == ["a b.jsonl", "long.jsonl"]


def test_a_person_sees_how_far_it_is(recording: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "export", recording.name, "--format", "har"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=slave,
        stdout=subprocess.DEVNULL,
    ) as process:
        os.close(slave)
        seen = b""
        while select.select([master], [], [], 30)[0]:
            try:
                seen += os.read(master, 4096)
            except OSError:  # Linux: the other end is closed
                break
    os.close(master)
    assert process.returncode == Outcome.OK
    assert b"Writing 100%" in seen and b"Checking 100%" in seen
