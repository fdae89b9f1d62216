"""`bidiscope say` as its users run it: a process with pipes and an exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media.films import RED, plain
from tests.stage import Peer, Stage, stage
from tui.core.log import SessionLog
from tui.outcome import Outcome

PATIENCE_S = 60
VOICES = Path(__file__).parent / "data" / "voices"

ASK = [sys.executable, "-m", "tui", "say"]


def say(
    *words: str, stdin: bytes = b"", played: Stage | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end, with the emulator or on a stage."""
    return subprocess.run(
        [*ASK, *words],
        input=stdin,
        capture_output=True,
        env=os.environ | (played.environment if played else {}),
        timeout=PATIENCE_S,
        check=False,
    )


def problem(done: subprocess.CompletedProcess[bytes], outcome: Outcome) -> str:
    """The one sentence on stderr of a command that ended so."""
    stderr = done.stderr.decode()
    assert done.returncode == outcome, stderr
    [line] = stderr.splitlines()
    assert line.startswith("bidiscope: ")
    return line.removeprefix("bidiscope: ")


def usage(done: subprocess.CompletedProcess[bytes]) -> str:
    """The last line of argparse's complaint."""
    assert done.returncode == Outcome.USAGE
    assert done.stdout == b""
    return done.stderr.decode().splitlines()[-1]


def test_the_answer_and_nothing_else_is_printed() -> None:
    done = say("What is 6 * 7?")
    assert (done.returncode, done.stdout, done.stderr) == (Outcome.OK, b"That is 42.\n", b"")


def test_the_question_may_come_from_standard_input() -> None:
    done = say("-", "--no-record", stdin="What is\n6 * 7? \xff".encode("latin-1"))
    assert done.returncode == Outcome.OK
    assert b"42" in done.stdout


def test_a_scenario_that_is_not_followed_decides_the_exit_code(tmp_path: Path) -> None:
    """Its last turn is missed when the session is over, after the whole answer."""
    scenario = tmp_path / "two.toml"
    scenario.write_text(
        '[[turn]]\nwhen = "hello"\nsay = "Hi."\n[[turn]]\nwhen = "bye"\nmust = true\nsay = "Bye."\n'
    )
    done = say("--scenario", str(scenario), "hello")
    assert done.stdout == b"Hi.\n"
    assert problem(done, Outcome.UNMET) == (
        "The scenario was not followed: turn 2 (bye) was never reached."
    )


def test_facts_are_json_lines(tmp_path: Path) -> None:
    done = say("--json", "--record", str(tmp_path / "here"), "What is 6 * 7?")
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [row["kind"] for row in rows]
    for kind in (
        "connection.opening",
        "setup",
        "setupComplete",
        "clientContent",
        "serverContent.modelTurn.text",
        "serverContent.generationComplete",
        "serverContent.turnComplete",
        "usageMetadata",
    ):
        assert kind in kinds
    [recording] = (tmp_path / "here").iterdir()
    log = SessionLog.open(recording)
    kept = [kind for row in range(len(log)) for kind in log.kinds(row)]
    log.close()
    assert kept[: len(kinds)] == kinds, "the journal tells the same"
    assert kept[-1] == "connection.closed"


def test_speech_is_saved_as_it_was_spoken(tmp_path: Path) -> None:
    out = tmp_path / "answer.wav"
    done = say("--modality", "audio", "--out", str(out), "--record", str(tmp_path), "6 * 7?")
    assert (done.returncode, done.stdout, done.stderr) == (Outcome.OK, b"That is 42.\n", b"")
    with wave.open(str(out)) as file:
        assert file.getparams()[:3] == (1, 2, 24000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    [recording] = tmp_path.glob("*.jsonl")
    log = SessionLog.open(recording)
    log.close()
    assert samples.size / 24000 == pytest.approx(log.session.turns[0].audio_s)
    assert 0.8 < samples.size / 24000 < 2.5
    assert 0.03 < np.sqrt(np.mean(samples**2)) < 0.4, "the level of speech"


def test_speech_that_cannot_be_saved_is_a_failure(tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "answer.wav"
    done = say("--modality", "audio", "--out", str(out), "6 * 7?")
    assert f"{out} cannot be written" in problem(done, Outcome.FAILED)
    assert done.stdout == b"That is 42.\n"


def test_an_unknown_model_is_refused() -> None:
    done = say("--model", "gemini-9.9", "Hello?")
    assert "models/gemini-9.9 is not found" in problem(done, Outcome.REFUSED)
    assert done.stdout == b""


def test_text_of_a_model_that_only_speaks_is_refused() -> None:
    done = say("--model", "gemini-3.8-live", "--modality", "text", "Hello?")
    assert done.returncode == Outcome.REFUSED
    warned, refused = done.stderr.decode().splitlines()
    assert "gemini-3.8-live answers with AUDIO only" in warned, "before it is sent"
    assert "response modalities (TEXT) is not supported" in refused


def test_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = say("--record", str(tmp_path / "file" / "folder"), "Hello?")
    assert "--no-record" in problem(done, Outcome.FAILED)


def test_a_picture_and_a_sound_go_with_the_question(tmp_path: Path) -> None:
    picture = tmp_path / "red.png"
    assert cv2.imwrite(str(picture), plain(RED))
    done = say("What colour do you see?", "--image", str(picture))
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    assert b"red" in done.stdout.lower()
    done = say("--audio", str(VOICES / "sum.wav"), "--model", "gemini-3.8-live")
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    assert b"is 42" in done.stdout.lower() or b"sum" in done.stdout


def test_a_file_that_cannot_be_sent_is_said_before_anything_is(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("hello")
    for flag, path, words in (
        ("--image", tmp_path / "none.png", "there is no such file"),
        ("--audio", tmp_path, "it is a folder"),
        ("--image", text, "should be a picture"),
        ("--audio", text, "should be a sound"),
    ):
        said = problem(
            say("Hello?", flag, str(path), "--record", str(tmp_path / "rec")), Outcome.FAILED
        )
        assert said.startswith(f"{path} cannot be attached: ") and words in said
    assert not (tmp_path / "rec").exists()
    picture = tmp_path / "red.png"
    assert cv2.imwrite(str(picture), plain(RED))
    done = say("--image", str(picture), "--model", "gemini-3.1-flash-live-preview")
    assert "add words" in problem(done, Outcome.FAILED)


def test_a_question_must_be_there() -> None:
    assert "TEXT is empty" in usage(say("  "))
    assert "TEXT is empty" in usage(say("-", stdin=b"\n"))


def test_words_must_be_utf8() -> None:
    assert "not UTF-8" in usage(say("\udcff"))
    assert "not UTF-8" in usage(say("--model", "\udcff", "Hello?"))


def test_flags_are_checked() -> None:
    assert "--modality audio" in usage(say("--out", "x.wav", "Hello?"))
    assert "no number of seconds above 0" in usage(say("--timeout", "0", "Hello?"))


async def die(peer: Peer) -> None:
    """Begin to answer, then fail."""
    await peer.accept()
    await peer.hear()
    await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "I was\x1b[31m about"}]}}})
    await peer.close(1011, "Internal \x1b]52;c;aGk=\x07error.")


async def fail(peer: Peer) -> None:
    """Fail at the question."""
    await peer.accept()
    await peer.hear()
    await peer.close(1011, "Internal error.")


async def stall(peer: Peer) -> None:
    """Begin to answer, and say no more."""
    await peer.accept()
    await peer.hear()
    await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "Well"}]}}})
    await peer.listen()


async def babble(peer: Peer) -> None:
    """Answer without an end."""
    await peer.accept()
    await peer.hear()
    while True:
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "and so on "}]}}})


TEXT = ("--modality", "text", "--model", "gemini-2.0-flash-exp")


def on(played: Stage, *words: str) -> subprocess.CompletedProcess[bytes]:
    return say(*TEXT, *words, played=played)


def test_a_connection_lost_in_mid_answer(tmp_path: Path) -> None:
    with stage(tmp_path, die) as played:
        done = on(played, "Hello?")
    sentence = problem(done, Outcome.LOST)
    assert sentence.startswith(
        "The server closed the connection (1011): Internal ␛]52;c;aGk=␇error"
    )
    assert done.stdout == "I was␛[31m about\n".encode(), "steers no terminal"


def test_a_connection_lost_before_the_answer(tmp_path: Path) -> None:
    with stage(tmp_path, fail) as played:
        done = on(played, "Hello?")
    assert "Internal error" in problem(done, Outcome.LOST)
    assert done.stdout == b""


def test_an_answer_that_does_not_come(tmp_path: Path) -> None:
    with stage(tmp_path, stall) as played:
        done = on(played, "--timeout", "5", "Hello?")
    assert problem(done, Outcome.SILENT) == "No answer for 5 s; --timeout waits longer."
    assert done.stdout == b"Well\n"


def test_an_interrupt_key_ends_it_in_form(tmp_path: Path) -> None:
    with stage(tmp_path / "ca", stall) as played:
        asking = subprocess.Popen(
            [*ASK, *TEXT, "--record", str(tmp_path / "here"), "Hello?"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | played.environment,
        )
        assert asking.stdout is not None
        assert asking.stdout.read(4) == b"Well"
        asking.send_signal(signal.SIGINT)
        stdout, stderr = asking.communicate(timeout=PATIENCE_S)
    assert asking.returncode == Outcome.STOPPED
    assert b"Traceback" not in stderr
    assert stdout.strip() == b""
    [recording] = (tmp_path / "here").iterdir()
    log = SessionLog.open(recording)
    log.close()
    assert log.kinds(len(log) - 1) == ("connection.closed",)


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_reader_that_has_seen_enough_ends_it(tmp_path: Path, flags: tuple[str, ...]) -> None:
    with stage(tmp_path, babble) as played:
        asking = subprocess.Popen(
            [*ASK, *TEXT, *flags, "Hello?"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | played.environment,
        )
        assert asking.stdout is not None
        assert asking.stderr is not None
        assert asking.stdout.read(8)
        asking.stdout.close()
        assert asking.stderr.read() == b""
        assert asking.wait(PATIENCE_S) == Outcome.FAILED
        asking.stderr.close()


def test_functions_of_a_file_are_called(tmp_path: Path) -> None:
    tools = tmp_path / "weather.py"
    head = 'def get_weather(city: str) -> dict:\n    """The weather of a city."""\n'
    tools.write_text(head + "    return {'weather': 'sunny in ' + city}\n")
    asked = ("--tools", str(tools), "--no-record", "What is the weather in Paris?")
    done = say(*asked)
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    assert b"sunny in Paris" in done.stdout
    tools.write_text(head + "    raise OSError('no net')\n")
    done = say(*asked)
    assert problem(done, Outcome.OK) == "Tool: get_weather raised OSError: no net."
    tools.write_text("def (")
    assert "weather.py cannot be used" in say(*asked).stderr.decode()


def test_a_model_that_has_no_turns_is_asked_nothing() -> None:
    done = say("Hello?", "--emulator", "--model", "gemini-3.5-live-translate-preview")
    assert "takes no text, and has no turns" in problem(done, Outcome.FAILED)


def test_functions_of_an_mcp_server_are_called() -> None:
    server = f"{sys.executable} {Path(__file__).parent / 'tools' / 'good_server.py'}"
    done = say("--mcp", server, "--no-record", '/tool add {"a": 40, "b": 2}')
    assert (done.returncode, done.stderr) == (Outcome.OK, b"")
    assert b"42" in done.stdout
    gone = say("--mcp", "no-such-server", "--no-record", "Hello?")
    assert "The MCP server no-such-server cannot be used" in problem(gone, Outcome.FAILED)
    for neither in ("", "ftp://x"):
        assert say("--mcp", neither, "Hello?").returncode == Outcome.USAGE


def test_a_call_that_only_a_person_could_answer_is_refused_at_once(tmp_path: Path) -> None:
    tools = tmp_path / "tools.json"
    tools.write_text('[{"name": "get_weather", "description": "The weather"}]')
    done = say("What is the weather?", "--tools", str(tools))
    assert b"Nothing carries get_weather out" in done.stderr
    assert done.returncode == 0


def test_sources_stand_under_the_answer() -> None:
    done = say("--google-search", "--no-record", "/search probes")
    answer, _, sources = done.stdout.decode().partition("\n\n")
    assert answer.startswith("I am an emulator and have searched nothing for probes.")
    assert sources.splitlines() == [
        f"[{number}] Made up by bidiscope: probes, part {word}  https://results.example/{number}"
        for number, word in ((1, "one"), (2, "two"))
    ]
