"""`bidiscope headless` as CI runs it: scripts, typed lines, reports, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from tui.outcome import Outcome

VOICES = Path(__file__).parents[1] / "data" / "voices"
PATIENCE_S = 120

SUMS = """
name = "sums"
model = "gemini-2.0-flash-exp"
modality = "text"
[[step]]
say = "What is 6 times 7?"
[[step]]
wait = "turn"
[[step]]
expect = { answer = "42", findings = "note", match = "kind:generationComplete" }
[[step]]
wait = "kind:turnComplete"
timeout = 20
"""


def headless(*words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end, with the emulator."""
    return subprocess.run(
        [sys.executable, "-m", "tui", "headless", *words],
        input=stdin.encode(),
        capture_output=True,
        env=os.environ,
        timeout=PATIENCE_S,
        check=False,
    )


def rows(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_script_passes_and_every_fact_is_told(tmp_path: Path) -> None:
    script = tmp_path / "sums.toml"
    script.write_text(SUMS)
    done = headless("--script", str(script))
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    told = rows(done)
    assert told[-1]["value"]["outcome"] == "ok"
    assert {row["kind"] for row in told} >= {
        "setup",
        "setupComplete",
        "serverContent.turnComplete",
        "say",
    }
    assert Path(told[-1]["value"]["recording"]).is_file()


def test_many_scripts_make_one_report_and_a_failure_its_exit_code(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(SUMS)
    bad.write_text(SUMS.replace('"42"', '"43"').replace('"sums"', '"wrong"'))
    report = tmp_path / "junit.xml"
    done = headless(
        *("--script", str(good), "--script", str(bad), "--jobs", "2", "--junit", str(report))
    )
    assert done.returncode == Outcome.UNMET
    assert {row["value"]["outcome"] for row in rows(done)} == {"ok", "unmet"}
    suites = {suite.get("name"): suite for suite in xml.parse(report).getroot()}
    assert (suites["sums"].get("failures"), suites["wrong"].get("failures")) == ("0", "1")
    [failure] = suites["wrong"].iter("failure")
    assert failure.get("message") == "the answer is 'That is 42.'"


def test_typed_lines_are_played_as_they_come_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    lines = "say hello\nwait turn\nexpect answer emulator\nsey hi\n# no more\nsay 6*7\nwait turn\n"
    done = headless("--no-facts", "--model", "gemini-2.0-flash-exp", stdin=lines)
    assert done.returncode == Outcome.USAGE
    assert b"line 4: there is no 'sey': did you mean say?" in done.stderr
    assert [row["value"]["ok"] for row in rows(done)[:-1]] == [True] * 5


def test_a_file_is_spoken_and_heard() -> None:
    lines = f"audio {VOICES / 'weather.wav'}\nwait turn\nexpect heard weather\n"
    done = headless("--no-facts", "--model", "gemini-3.8-live", "--modality", "audio", stdin=lines)
    assert done.returncode == Outcome.OK, done.stderr


@pytest.mark.skipif(find_spec("moonshine_voice") is None, reason="no speech recognition here")
def test_what_is_said_to_a_model_without_turns_is_waited_for() -> None:
    lines = f"audio {VOICES / 'sum.wav'}\nwait passage timeout=60\nexpect heard seven\nwait turn\n"
    done = headless("--model", "gemini-3.5-transcribe-live", stdin=lines)
    assert b"no turns: wait for a passage" in done.stderr
    assert done.stderr.count(b"\n") == 1, "all before it went well"


def test_what_never_comes_is_waited_for_so_long(tmp_path: Path) -> None:
    script = tmp_path / "vain.toml"
    script.write_text('[[step]]\nwait = "kind:goAway"\ntimeout = 0.2\n[[step]]\nsay = "hi"\n')
    done = headless("--no-facts", "--script", str(script))
    assert done.returncode == Outcome.SILENT
    assert b"step 1: wait kind:goAway: kind:goAway did not come in 0.2 s" in done.stderr
    assert [row["kind"] for row in rows(done)] == ["wait", "result"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it has no steps"),
        ("[[step]\n", "it is no TOML"),
        ('modle = "x"\n[[step]]\nsay = "a"\n', "there is no setting 'modle': did you mean model?"),
        ('model = 3\n[[step]]\nsay = "a"\n', "model: it needs a text"),
        ('[[step]]\nsey = "a"\n', "step 1: it needs one verb, and has 0: did you mean say?"),
        ('[[step]]\nsay = ""\n', "step 1: say: it needs a text; write say TEXT"),
        ('[[step]]\nwait = "kind:("\n', "step 1: wait: "),
        ('[[step]]\nwait = "turn"\ntimeout = -1\n', "it needs a number of seconds above 0"),
        ('[[step]]\nexpect = { answer = "(" }\n', "that is no regular expression"),
        ('[[step]]\nexpect = { anser = "a" }\n', "'anser' is none of answer"),
        ('[[step]]\nsend = "{"\n', "that is no JSON"),
    ],
)
def test_a_script_that_is_none_is_refused_in_a_sentence(
    tmp_path: Path, text: str, words: str
) -> None:
    script = tmp_path / "bad.toml"
    script.write_text(text)
    done = headless("--script", str(script))
    assert (done.returncode, done.stdout) == (Outcome.USAGE, b"")
    [line] = done.stderr.decode().splitlines()
    assert line.startswith(f"bidiscope headless: {script}: ")
    assert words in line


def test_a_missing_script_is_named(tmp_path: Path) -> None:
    done = headless("--script", str(tmp_path / "none.toml"))
    assert done.returncode == Outcome.USAGE
    assert b"none.toml cannot be read: No such file or directory" in done.stderr


def test_tools_answer_calls_in_a_script_or_wait_for_it(tmp_path: Path) -> None:
    """Files stand beside the script; the turn of a call goes on with its answer."""
    parameters = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
    weather = {"name": "get_weather", "parameters": parameters, "reply": {"weather": "foggy"}}
    (tmp_path / "tools.json").write_text(json.dumps([weather, {"name": "get_time"}]))
    script = tmp_path / "script.toml"
    script.write_text(
        """
        tools = "tools.json"
        set = { temperature = 0.3 }
        [[step]]
        say = "What is the weather in Paris?"
        [[step]]
        wait = "kind:toolResponse"
        [[step]]
        say = '/tool get_time {}'
        [[step]]
        wait = "call"
        [[step]]
        tool-reply = { name = "get_time", response = { time = "noon" } }
        [[step]]
        wait = "turn"
        [[step]]
        expect = { tool = "get_time", answer = "noon" }
        """
    )
    done = headless("--script", str(script), "--code-execution")
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    [setup] = [row["value"] for row in rows(done) if row["kind"] == "setup"]
    assert [[*tool] for tool in setup["tools"]] == [["codeExecution"], ["functionDeclarations"]]
    assert setup["generationConfig"]["temperature"] == 0.3


def test_an_emulator_that_does_not_start_ends_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text('scenario = "none.toml"\n[[step]]\nmodel = "gemini-3.8-live"\n')
    done = headless("--no-facts", "--script", str(script))
    assert done.returncode == Outcome.REFUSED
    assert b"none.toml cannot be read" in done.stderr
