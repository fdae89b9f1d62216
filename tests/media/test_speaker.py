from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from tests.media.virtual_sound import RATE_HZ, Monitor, SoundServer, likeness, until, voice
from tui.core.playback import SILENCE_DB
from tui.media.speaker import Speaker

pytestmark = pytest.mark.xdist_group("sound")

CHUNK = 4800
"""200 ms, as the Live API sends them."""


@pytest.fixture
def speaker(sound_server: SoundServer) -> Iterator[Speaker]:
    speaker = Speaker()
    speaker.open()
    assert not speaker.snapshot().problem
    yield speaker
    speaker.close()


def play(speaker: Speaker, answer: int, speech: NDArray[np.int16]) -> None:
    for start in range(0, len(speech), CHUNK):
        speaker.play(answer, speech[start : start + CHUNK].tobytes(), RATE_HZ)


def test_what_is_played_arrives_at_the_speaker(speaker: Speaker) -> None:
    speech = voice("weather")
    with Monitor() as monitor:
        play(speaker, 1, speech)
        speaker.finish(1)
        assert not speaker.snapshot().idle
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    alike, _ = likeness(speech, monitor.audio)
    now = speaker.snapshot()
    assert alike > 0.95
    assert now.heard_s == now.received_s == pytest.approx(len(speech) / RATE_HZ)
    assert now.underruns == 0
    assert (now.playing, now.level_db) == (False, SILENCE_DB)


def test_the_first_chunk_is_heard_before_the_others_arrive(speaker: Speaker) -> None:
    speech = voice("greeting")
    with Monitor() as monitor:
        speaker.play(1, speech[:CHUNK].tobytes(), RATE_HZ)
        until(lambda: len(monitor.loud()) > 0)
        first = monitor.audio
        until(lambda: speaker.snapshot().underruns == 1)
        play(speaker, 1, speech[CHUNK:])
        speaker.finish(1)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    assert likeness(speech[: CHUNK // 2], monitor.audio[: len(first) + CHUNK])[0] > 0.9
    assert speaker.snapshot().heard_s == pytest.approx(len(speech) / RATE_HZ)


def test_a_flush_silences_within_a_tenth_of_a_second_and_tells_what_was_heard(
    speaker: Speaker,
) -> None:
    speech = voice("weather")
    with Monitor() as monitor:
        play(speaker, 1, speech)
        until(lambda: speaker.snapshot().heard_s > 0.8)
        during = speaker.snapshot()
        cut = time.perf_counter()
        flushed = speaker.flush()
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.3)
    loud = monitor.loud()
    heard = monitor.audio[: loud[-1]]
    _, offset = likeness(speech[: RATE_HZ // 2], heard)
    played_s = (loud[-1] - offset) / RATE_HZ
    steps = np.abs(np.diff(monitor.audio.astype(np.int32)))
    assert during.playing and during.level_db > SILENCE_DB
    assert monitor.arrived_at(int(loud[-1])) - cut < 0.1
    assert flushed.heard_s == pytest.approx(played_s, abs=0.06)
    assert flushed.received_s == pytest.approx(len(speech) / RATE_HZ)
    assert steps[loud[-1] - 120 :].max() < steps[: loud[-1] - 240].max()


def test_a_barge_in_aborts_the_device_and_it_goes_on_with_the_next_answer(speaker: Speaker) -> None:
    speech = voice("weather")
    with Monitor() as monitor:
        play(speaker, 1, speech)
        until(lambda: speaker.snapshot().heard_s > 0.8)
        speaker.flush(abort=True)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.3)
        silent = len(monitor.audio)
        play(speaker, 2, speech)
        speaker.finish(2)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    cut, after = monitor.audio[:silent], monitor.audio[silent:]
    assert not np.abs(cut[-RATE_HZ // 10 :]).any()
    assert likeness(speech, cut)[0] < 0.9
    assert likeness(speech, after)[0] > 0.95


def test_an_answer_that_was_cut_stays_silent_and_the_next_one_is_heard(speaker: Speaker) -> None:
    speech = voice("weather")
    play(speaker, 1, speech)
    until(lambda: speaker.snapshot().playing)
    speaker.flush()
    speaker.play(1, speech.tobytes(), RATE_HZ)
    until(lambda: speaker.snapshot().idle)
    with Monitor() as monitor:
        play(speaker, 2, speech[:RATE_HZ])
        speaker.finish(2)
        assert speaker.snapshot().answer == 2
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    assert likeness(speech[:RATE_HZ], monitor.audio)[0] > 0.95
    assert (speaker.snapshot().answer, speaker.snapshot().heard_s) == (2, 1.0)


def test_answers_in_a_row_are_played_and_named_in_order(speaker: Speaker) -> None:
    speech = voice("greeting")[:RATE_HZ]
    for number in (1, 2, 3):
        speaker.play(number, speech[: RATE_HZ // 3].tobytes(), RATE_HZ)
    speaker.finish(3)
    seen: list[int] = []
    while not (now := speaker.snapshot()).idle:
        if now.playing and now.answer not in seen:
            seen.append(now.answer)
        time.sleep(0.005)
    assert seen == [1, 2, 3]


def test_an_answer_of_another_rate_is_resampled(speaker: Speaker) -> None:
    speech = voice("weather")
    narrow: NDArray[np.int16] = soxr.resample(speech, RATE_HZ, 16000)
    with Monitor() as monitor:
        speaker.play(1, narrow.tobytes(), 16000)
        speaker.finish(1)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    assert likeness(speech, monitor.audio)[0] > 0.95
    assert speaker.snapshot().heard_s == pytest.approx(len(narrow) / 16000, abs=0.001)


def test_a_device_that_refuses_24_khz_plays_at_its_own_rate(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sounddevice

    real = sounddevice.OutputStream

    def strict(*, samplerate: int, **options: Any) -> Any:
        if samplerate == RATE_HZ:
            raise sounddevice.PortAudioError("Invalid sample rate", -9997)
        return real(samplerate=samplerate, **options)

    monkeypatch.setattr(sounddevice, "OutputStream", strict)
    speaker = Speaker()
    speaker.open()
    speech = voice("weather")
    with Monitor() as monitor:
        play(speaker, 1, speech)
        speaker.finish(1)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    now = speaker.snapshot()
    speaker.close()
    assert likeness(speech, monitor.audio)[0] > 0.95
    assert now.heard_s == pytest.approx(len(speech) / RATE_HZ, abs=0.001)


def test_the_device_rests_in_silence_and_wakes_for_the_next_answer(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.media.speaker.REST_S", 0.1)
    speech = voice("greeting")[: RATE_HZ // 2]
    for number in (1, 2):
        with Monitor() as monitor:
            play(speaker, number, speech)
            speaker.finish(number)
            until(lambda: speaker.snapshot().idle)
            time.sleep(0.1)
        assert likeness(speech, monitor.audio)[0] > 0.95
        until(lambda: not speaker._output.running)


def test_a_deep_device_is_cut_at_a_flush(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.media.output.LATENCY_S", 0.2)
    speaker = Speaker()
    speaker.open()
    speech = voice("weather")
    with Monitor() as monitor:
        play(speaker, 1, speech)
        until(lambda: speaker.snapshot().heard_s > 0.5)
        cut = time.perf_counter()
        speaker.flush()
        time.sleep(0.4)
    speaker.close()
    assert monitor.arrived_at(int(monitor.loud()[-1])) - cut < 0.1


def test_a_machine_that_is_too_slow_gets_a_deeper_device_at_the_next_answer(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.media.speaker.REST_S", 0.1)
    monkeypatch.setattr("tui.media.output.LATE", 0)
    shallow_s = speaker._ring.latency_s
    numbers = np.random.default_rng(0).random(300_000).tolist()
    play(speaker, 1, voice("greeting")[:RATE_HZ])
    until(lambda: speaker.snapshot().playing)
    numbers.sort()  # holds the interpreter's lock for longer than the device can wait
    speaker.finish(1)
    until(lambda: speaker._output._stream is None)
    play(speaker, 2, voice("greeting")[:RATE_HZ])
    speaker.finish(2)
    until(lambda: speaker.snapshot().heard_s == 1.0)
    assert speaker._ring.latency_s > shallow_s


def test_an_answer_is_heard_and_saved(sound_server: SoundServer, tmp_path: Path) -> None:
    speaker = Speaker(wav_folder=tmp_path)
    speaker.open()
    speech = voice("greeting")
    play(speaker, 1, speech)
    speaker.finish(1)
    until(lambda: speaker.snapshot().playing)
    speaker.close()
    (path,) = tmp_path.iterdir()
    assert path.read_bytes()[44:] == speech.tobytes()


def test_a_device_is_found_by_part_of_its_name_and_by_number(sound_server: SoundServer) -> None:
    import sounddevice

    number = sounddevice.query_devices("default")["index"]
    for device in ("defau", str(number), number):
        speaker = Speaker(device)
        speaker.open()
        assert (speaker.snapshot().problem, speaker.snapshot().device) == ("", "default")
        speaker.close()


@pytest.mark.parametrize("device", ["gramophone", "77", 77])
def test_an_unknown_device_is_a_sentence_with_the_known_ones(
    sound_server: SoundServer, device: str | int
) -> None:
    speaker = Speaker(device)
    speaker.open()
    speaker.play(1, bytes(48000), RATE_HZ)
    until(lambda: speaker.snapshot().idle)
    now = speaker.snapshot()
    speaker.close()
    assert "does not name one speaker" in now.problem and "'default'" in now.problem
    assert (now.received_s, now.heard_s) == (1.0, 0.0)


def test_a_sound_server_that_dies_is_noticed_and_taken_up_again(
    sound_server: SoundServer, speaker: Speaker
) -> None:
    speech = voice("weather")
    play(speaker, 1, speech)
    until(lambda: speaker.snapshot().heard_s > 0.3)
    sound_server.kill()
    until(lambda: bool(speaker.snapshot().problem), timeout_s=1.0)
    speaker.play(1, speech.tobytes(), RATE_HZ)
    lost = speaker.snapshot()
    speaker.play(2, speech.tobytes(), RATE_HZ)
    until(lambda: speaker.snapshot().idle)
    still_lost = speaker.snapshot()
    sound_server.start()
    until(lambda: not speaker.snapshot().problem)
    with Monitor() as monitor:
        play(speaker, 3, speech)
        speaker.finish(3)
        until(lambda: speaker.snapshot().idle)
        time.sleep(0.1)
    assert "bidiscope tries" in lost.problem
    assert lost.heard_s < 1.0
    assert (still_lost.answer, still_lost.heard_s) == (2, 0.0) and still_lost.problem
    assert speaker.snapshot().problem == ""
    assert likeness(speech, monitor.audio)[0] > 0.95


def test_a_sound_server_that_hangs_is_noticed(sound_server: SoundServer, speaker: Speaker) -> None:
    play(speaker, 1, voice("weather"))
    until(lambda: speaker.snapshot().playing)
    with sound_server.hung():
        until(lambda: bool(speaker.snapshot().problem), timeout_s=5)
    assert "stopped answering" in speaker.snapshot().problem


SENTENCE = """
import sys
from tui.media.speaker import Speaker
if sys.argv[1] == "no library":
    import ctypes.util
    ctypes.util.find_library = lambda name: None
speaker = Speaker()
speaker.open()
speaker.play(1, bytes(48000), 24000)
speaker.finish(1)
speaker.close()
now = speaker.snapshot()
print(now.received_s, now.heard_s, now.idle, now.problem)
"""


def sentence(case: str, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", SENTENCE, case],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_a_missing_portaudio_is_a_sentence() -> None:
    assert sentence("no library") == (
        "1.0 0.0 True Sound is off: the PortAudio library is missing. On Debian or Ubuntu: "
        "sudo apt install libportaudio2 (elsewhere: your system's portaudio package). Then start "
        "bidiscope again. Text, camera and screen work without it."
    )


def test_a_machine_without_a_sound_device_is_a_sentence(sound_server: SoundServer) -> None:
    assert sentence("no device", PULSE_SERVER="unix:/nowhere") == (
        "1.0 0.0 True Sound is off: no sound device was found. Connect a speaker or start your "
        "sound server; bidiscope looks for it every second. Text, camera and screen work without "
        "it."
    )
