"""`bidiscope again` as its user runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.script import Script
from tests.headless.test_source import VOICES, sound, speak
from tui.commands import again
from tui.outcome import Outcome

Held = Callable[..., tuple[int, str]]


@pytest.fixture
def held(capfd: pytest.CaptureFixture[str]) -> Held:
    """Runs the command with the emulator; gives its exit code, and what it printed."""

    def run(*words: str | Path) -> tuple[int, str]:
        code = again.run(["--emulator", "--timeout", "60", *map(str, words)])
        return code, capfd.readouterr().out

    return run


def test_a_recording_is_sent_with_other_settings_and_compared(tmp_path: Path, held: Held) -> None:
    """What was said aloud, what was typed, and the answer to a call."""
    script = Script("gemini-2.0-flash-exp", "emulator", tmp_path / "session.jsonl")
    script.event(0.0, "connection.opening", model="gemini-2.0-flash-exp", origin="emulator")
    weather = {"name": "get_weather", "parameters": {"type": "OBJECT"}}
    setup = {
        "model": "models/gemini-2.0-flash-exp",
        "generationConfig": {"responseModalities": ["TEXT"]},
        "inputAudioTranscription": {},
        "tools": [{"functionDeclarations": [weather]}],
    }
    script.send(0.1, setup=setup)
    script.receive(0.2, setupComplete={})
    script.ask(0.3, "What is the weather in Paris?")
    call = {"id": "1", "name": "get_weather", "args": {}}
    script.receive(0.4, toolCall={"functionCalls": [call]})
    answer = {"id": "1", "name": "get_weather", "response": {"sky": "mauve"}}
    script.send(0.5, toolResponse={"functionResponses": [answer]})
    script.content(0.6, modelTurn={"parts": [{"text": "It is mauve."}]})
    script.complete(0.7)
    speak(script, 2.0, sound("sum.wav"))
    script.content(4.5, inputTranscription={"text": "what is sick times seven"})
    script.content(4.6, modelTurn={"parts": [{"text": "I do not know."}]})
    script.complete(4.7)
    variants = ("--variant", "silence_ms=300,temperature=0.5", "--variant", "model=no-such-model")
    code, told = held(tmp_path / "session.jsonl", *variants, "--jobs", "2", "--format", "json")
    assert code == Outcome.REFUSED
    read = json.loads(told)
    recorded, sent, refused = read["columns"]
    assert (recorded["label"], sent["label"]) == ("as recorded", "silence_ms=300 temperature=0.5")
    assert sent["problem"] == "" and "no-such-model is not found" in refused["problem"]
    assert {each["path"] for each in sent["comparison"]["setup"]} >= {
        "realtimeInputConfig.automaticActivityDetection.silenceDurationMs",
        "generationConfig.temperature",
    }
    typed, spoken = read["inputs"]
    assert "mauve" in typed["columns"][1]["answer"]
    assert spoken["columns"][0]["heard"] == "what is sick times seven"
    assert spoken["columns"][1]["heard"].lower().startswith("what is six times seven")
    assert "42" in spoken["columns"][1]["answer"]
    assert typed["columns"][2]["sent"] is spoken["columns"][2]["sent"] is False
    assert Path(sent["comparison"]["b"]["session"]).is_file()


def test_files_are_spoken_and_measured_by_their_words(tmp_path: Path, held: Held) -> None:
    shutil.copy(VOICES / "sum.wav", tmp_path)
    (tmp_path / "sum.txt").write_text("What is six times seven?")
    code, told = held(tmp_path, "--model", "gemini-3.8-live", "--no-record")
    assert code == Outcome.OK
    assert "A  again: gemini-3.8-live, emulator" in told
    assert "spoken  What is six times seven?" in told
    for name in ("speech begins", "end decided", "first byte", "word errors"):
        assert f"   {name}" in told
    assert "answered                      1" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vary", "silence=1"], "silence is no field"),
        (["--vary", "silence_ms=200,soon"], "soon"),
        (["--variant", "voice"], "voice is no field: write FIELD=VALUE"),
        (["--jobs", "0"], "0 is no number of jobs from 1 to 64"),
        (["--vary", "top_k=1,2,3,4,5", "--vary", "seed=1,2,3,4,5"], "that makes 25 sessions"),
    ],
)
def test_what_is_no_variant_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        again.run(["a.jsonl", *words])
    assert ended.value.code == Outcome.USAGE
    assert said in capsys.readouterr().err


def test_a_comma_in_a_value_begins_no_other_field() -> None:
    assert again._variant("system_instruction=Be brief, and kind,voice=Kore") == [
        "system_instruction=Be brief, and kind",
        "voice=Kore",
    ]
