from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from tui.media.speaker import Speaker
from tui.media.wav import WavFile, new_wav


def content(path: Path) -> tuple[int, int, int, bytes]:
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
        return file.getnchannels(), file.getsampwidth(), file.getframerate(), frames


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_whole_after_every_write(tmp_path: Path) -> None:
    file = WavFile(tmp_path / "a.wav", 16000)
    assert content(tmp_path / "a.wav") == (1, 2, 16000, b"")
    file.write(b"\1\2\3\4")
    assert content(tmp_path / "a.wav") == (1, 2, 16000, b"\1\2\3\4")
    file.write(b"\5\6")
    assert content(tmp_path / "a.wav") == (1, 2, 16000, b"\1\2\3\4\5\6")
    file.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_files_and_folders_are_private(tmp_path: Path) -> None:
    new_wav(tmp_path / "answers", 1, 24000).close()
    (path,) = (tmp_path / "answers").iterdir()
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_answers_of_the_same_number_and_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for _ in range(5):
        new_wav(tmp_path, 7, 24000).close()
    assert len(list(tmp_path.glob("*-answer-0007*.wav"))) == 5


def saved(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_each_answer_is_saved_with_everything_received(tmp_path: Path) -> None:
    speaker = Speaker(sound=False, wav_folder=tmp_path)
    speaker.open()
    speaker.play(1, b"\1\2\3", 24000)
    speaker.play(1, b"\4\5\6\7", 24000)
    speaker.finish(1)
    speaker.play(2, b"\1\2" * 8000, 16000)
    now = speaker.flush()
    speaker.play(2, b"\3\4", 16000)
    speaker.close()
    first, second = saved(tmp_path)
    assert content(first) == (1, 2, 24000, b"\1\2\3\4\5\6")
    assert content(second) == (1, 2, 16000, b"\1\2" * 8000 + b"\3\4")
    assert (now.answer, now.received_s, now.heard_s) == (2, 0.5, 0.0)
    assert (now.idle, now.problem, now.device) == (True, "", str(tmp_path))


@pytest.mark.parametrize("rate_hz", [0, -1, 1, 10**9])
def test_an_absurd_rate_is_taken_for_24_khz(tmp_path: Path, rate_hz: int) -> None:
    speaker = Speaker(sound=False, wav_folder=tmp_path)
    speaker.open()
    speaker.play(1, bytes(48000), rate_hz)
    speaker.close()
    assert speaker.snapshot().received_s == 1.0
    assert content(saved(tmp_path)[0])[2] == 24000


def test_one_file_can_take_all_answers_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"old" * 1000)
    speaker = Speaker(sound=False, wav_file=path)
    speaker.open()
    speaker.play(1, b"\1\2", 24000)
    speaker.play(2, b"\3\4", 24000)
    speaker.close()
    assert content(path) == (1, 2, 24000, b"\1\2\3\4")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    speaker = Speaker(sound=False, wav_folder=tmp_path / "file")
    speaker.open()
    speaker.play(1, b"\1\2", 24000)
    speaker.close()
    now = speaker.snapshot()
    assert f"{tmp_path / 'file'} cannot be written" in now.problem
    assert now.received_s > 0


KILLED = """
import os, signal, sys, time
from pathlib import Path
from tui.media.speaker import Speaker
speaker = Speaker(sound=False, wav_folder=Path(sys.argv[1]))
speaker.open()
speaker.play(1, b"\\1\\2" * 4800, 24000)
while not list(Path(sys.argv[1]).glob("*.wav")) or speaker._orders.qsize():
    time.sleep(0.01)
time.sleep(0.1)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_program_leaves_a_file_that_can_be_played(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, check=False)
    assert run.returncode == -signal.SIGKILL
    assert content(saved(tmp_path)[0]) == (1, 2, 24000, b"\1\2" * 4800)
