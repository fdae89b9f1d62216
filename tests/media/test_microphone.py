from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from tests.media.listener import Wire, answer, hearing, listening, wide
from tests.media.virtual_sound import RATE_HZ, VOICES, SoundServer, likeness, say, until, voice
from tui.core.playback import SILENCE_DB
from tui.media.speaker import Speaker

pytestmark = pytest.mark.xdist_group("sound")


def test_what_a_person_says_is_handed_on(sound_server: SoundServer) -> None:
    with hearing(aec=False) as (microphone, wire):
        say(voice("weather"))
        time.sleep(0.2)
        now = microphone.snapshot()
    assert likeness(wide("weather"), wire.audio)[0] > 0.95
    assert (now.device, now.problem, now.muted, now.lost > 25) == ("default", "", False, False)
    assert all(len(block.pcm) == 640 for block in wire)


def test_blocks_come_every_20_ms_and_none_is_lost_in_5_s(sound_server: SoundServer) -> None:
    with hearing() as (microphone, wire):
        before, start = microphone.snapshot(), len(wire)
        time.sleep(5)
        after = microphone.snapshot()
    times = np.array([block.captured_s for block in wire.after(start)])[:240]
    assert after.blocks - before.blocks == pytest.approx(250, abs=4)
    assert (after.lost, after.overflows) == (before.lost, 0)
    # The times are those of callbacks: late ones stray, but the pace of all is the device's.
    pace = np.polyfit(np.arange(len(times)), times, 1)
    assert pace[0] == pytest.approx(0.02, rel=0.005)
    assert np.median(np.abs(np.diff(times) - 0.02)) < 0.005


def test_levels_speech_and_silence_are_told(sound_server: SoundServer) -> None:
    with hearing() as (microphone, wire):
        time.sleep(2)
        silent = microphone.snapshot()
        start = len(wire)
        said = threading.Thread(target=say, args=(voice("long-en-GB"),))
        said.start()
        until(lambda: microphone.snapshot().speech is True)
        loud = microphone.snapshot()
        said.join()
    speech = wire.after(start)
    peak_db = 20 * np.log10(np.abs(wide("long-en-GB").astype(int)).max() / 32768)
    assert (silent.state, silent.level_db, silent.speech) == ("no signal", SILENCE_DB, False)
    assert silent.silent_s > 2
    assert loud.state == "speech" and loud.silent_s == 0
    assert loud.peak_db >= loud.level_db > -50
    assert max(block.peak_db for block in speech) == pytest.approx(peak_db, abs=1.5)
    assert loud.clipped == 0


def test_samples_at_full_scale_are_counted(sound_server: SoundServer) -> None:
    with hearing() as (microphone, _):
        say(np.tile(np.repeat(np.array([32767, -32768], np.int16), 120), 100))
        assert microphone.snapshot().clipped > 10


def test_mute_sends_zeros_and_is_a_state(sound_server: SoundServer) -> None:
    with hearing(aec=False) as (microphone, wire):
        microphone.mute(True)
        time.sleep(0.05)
        start = len(wire)
        say(voice("weather"))
        muted = microphone.snapshot()
        end = len(wire)
        microphone.mute(False)
        say(voice("greeting"))
        time.sleep(0.1)
        again = microphone.snapshot()
    assert end - start > 100
    assert not Wire(wire[start:end]).audio.any()
    assert (muted.state, muted.muted, muted.level_db) == ("muted", True, SILENCE_DB)
    assert muted.silent_s < 2, "the device is not silent, only we are"
    assert not again.muted
    assert likeness(wide("greeting"), wire.after(end).audio)[0] > 0.95


def test_a_device_that_refuses_16_khz_is_heard_at_its_own_rate(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sounddevice

    real = sounddevice.InputStream

    def strict(*, samplerate: int, channels: int, **options: Any) -> Any:
        if samplerate == 16000 or channels == 1:
            raise sounddevice.PortAudioError("Invalid sample rate", -9997)
        return real(samplerate=samplerate, channels=2, **options)

    monkeypatch.setattr(sounddevice, "InputStream", strict)
    with hearing(aec=False) as (microphone, wire):
        start = len(wire)
        say(voice("weather"))
        time.sleep(0.2)
        assert not microphone.snapshot().problem
    blocks = wire.after(start)
    assert likeness(wide("weather"), blocks.audio)[0] > 0.95
    assert blocks[-1].captured_s - blocks[0].captured_s == pytest.approx(
        (len(blocks) - 1) * 0.02, abs=0.05
    )


def test_a_device_that_refuses_everything_is_a_sentence(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sounddevice

    def busy(**options: Any) -> Any:
        raise sounddevice.PortAudioError("Device unavailable", -9985)

    monkeypatch.setattr(sounddevice, "InputStream", busy)
    with listening() as (microphone, _):
        until(lambda: bool(microphone.snapshot().problem))
        now = microphone.snapshot()
    assert "'default' could not be opened (Device unavailable" in now.problem
    assert (now.state, now.speech) == ("none", None)


@pytest.mark.parametrize("name", ["gramophone", "77", 77])
def test_an_unknown_device_is_a_sentence_and_silence_goes_on(
    sound_server: SoundServer, name: str | int
) -> None:
    with listening(name) as (microphone, wire):
        until(lambda: len(wire) > 20)
        now = microphone.snapshot()
    assert f"{name!r} does not name one microphone" in now.problem
    assert "'default'" in now.problem
    assert not wire.audio.any() and now.lost > 15


def test_a_device_is_found_by_part_of_its_name_and_by_number(sound_server: SoundServer) -> None:
    import sounddevice

    number = sounddevice.query_devices("overheard")["index"]
    for source in ("overhe", str(number), number):
        with hearing(source=source) as (microphone, _):
            assert microphone.snapshot().device == "overheard"


def test_a_switch_leaves_no_gap(sound_server: SoundServer) -> None:
    with hearing(aec=False) as (microphone, wire):
        start = len(wire)
        microphone.switch("overheard")
        until(lambda: microphone.snapshot().device == "overheard")
        time.sleep(0.3)
        speaker = Speaker()
        speaker.open()
        answer(speaker, 1, voice("weather"))
        until(lambda: speaker.snapshot().idle)
        speaker.close()
        microphone.switch(str(VOICES / "stop.wav"))
        until(lambda: microphone.snapshot().state == "file over")
        microphone.switch("off")
        until(lambda: microphone.snapshot().state == "off")
        microphone.switch(None)
        until(lambda: microphone.snapshot().device == "default")
        time.sleep(0.3)
    blocks = wire.after(start)
    times = np.array([block.captured_s for block in blocks])
    assert likeness(wide("weather"), blocks.audio)[0] > 0.95
    assert likeness(wide("stop"), blocks.audio)[0] > 0.95
    assert np.diff(times).max() < 0.1
    assert len(blocks) * 0.02 == pytest.approx(times[-1] - times[0], abs=0.15)


def test_a_sound_server_that_dies_is_said_and_taken_up_again(sound_server: SoundServer) -> None:
    with hearing(aec=False) as (microphone, wire):
        start = len(wire)
        sound_server.kill()
        until(lambda: bool(microphone.snapshot().problem), timeout_s=1.0)
        lost = microphone.snapshot()
        assert lost.state == "none"
        sound_server.start()
        until(lambda: not microphone.snapshot().problem)
        time.sleep(0.3)
        say(np.tile(voice("weather"), 2))  # a fresh server may stutter once
        time.sleep(0.2)
        now = microphone.snapshot()
    times = np.array([block.captured_s for block in wire.after(start)])
    assert likeness(wide("weather"), wire.audio)[0] > 0.95
    assert now.problem == "" and now.lost > lost.lost + 50
    assert len(times) * 0.02 == pytest.approx(times[-1] - times[0], abs=0.15)


def test_a_sound_server_that_hangs_is_said_and_silence_fills_in(sound_server: SoundServer) -> None:
    with hearing() as (microphone, wire):
        with sound_server.hung():
            hung_at = time.perf_counter()
            until(lambda: bool(microphone.snapshot().problem), timeout_s=5)
            assert time.perf_counter() - hung_at < 1.5
            stalled = len(wire)
            until(lambda: len(wire) > stalled + 20)
        until(lambda: not microphone.snapshot().problem)
        times = np.array([block.captured_s for block in wire])
    assert len(times) * 0.02 == pytest.approx(times[-1] - times[0], abs=0.15)


def test_a_file_is_streamed_in_real_time_and_then_silence(tmp_path: Path) -> None:
    path = tmp_path / "odd.WAV"
    speech = voice("greeting")
    stereo = soxr.resample(np.stack([speech, speech], axis=1), RATE_HZ, 44100)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(stereo.tobytes())
    with listening(str(path)) as (microphone, wire):
        assert microphone.snapshot().device == "odd.WAV"
        until(lambda: microphone.snapshot().over)
        over = len(wire)
        until(lambda: len(wire) > over + 10)
        now = microphone.snapshot()
    times = np.array([block.captured_s for block in wire])
    alike, at = likeness(wide("greeting"), wire.audio)
    assert alike > 0.98
    assert times[-1] - times[0] == pytest.approx((len(times) - 1) * 0.02, abs=0.001)
    assert over * 320 - at >= len(speech) * 2 // 3
    assert not wire.after(over + 2).audio.any()
    assert (now.state, now.lost, now.problem, now.aec) == ("file over", 0, "", "no echo")
    assert wire.speech() > 0.5


def test_a_file_that_cannot_be_spoken_is_a_sentence(tmp_path: Path) -> None:
    with listening(str(tmp_path / "none.wav")) as (microphone, wire):
        until(lambda: len(wire) > 5)
        now = microphone.snapshot()
    assert "none.wav cannot be spoken (No such file or directory)" in now.problem
    assert (now.state, now.lost) == ("none", 0)


def test_off_is_silence_on_time() -> None:
    with listening("off") as (microphone, wire):
        until(lambda: len(wire) > 20)
        now = microphone.snapshot()
    assert (now.state, now.device, now.problem, now.speech) == ("off", "", "", None)
    assert not wire.audio.any()


def test_no_block_comes_after_close(sound_server: SoundServer) -> None:
    with hearing() as (_, wire):
        pass
    count = len(wire)
    time.sleep(0.1)
    assert len(wire) == count


SENTENCE = """
import sys, time
from tui.media.microphone import Microphone
if sys.argv[1] == "no library":
    import ctypes.util
    ctypes.util.find_library = lambda name: None
blocks = []
microphone = Microphone(None, on_block=blocks.append)
microphone.open()
while len(blocks) < 20:
    time.sleep(0.01)
now = microphone.snapshot()
microphone.close()
print(now.state, now.problem)
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
    assert sentence("no library").startswith(
        "none The microphone is off: the PortAudio library is missing. On Debian or Ubuntu: "
        "sudo apt install libportaudio2"
    )


def test_a_machine_without_a_sound_device_is_a_sentence(sound_server: SoundServer) -> None:
    assert sentence("no device", PULSE_SERVER="unix:/nowhere") == (
        "none The microphone is off: no sound device was found. Connect a microphone or start "
        "your sound server; bidiscope looks for it every second. Text, camera and screen work "
        "without it."
    )
