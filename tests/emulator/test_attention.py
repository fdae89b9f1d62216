"""Streams that share models of speech hear what they would with a model each."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from tests.emulator.test_detector import noise, recorded
from tui.emulator.perception.attention import HOLD, Attention, Models
from tui.emulator.perception.detector import Energy, Model, detector
from tui.emulator.perception.ears import WINDOW_BYTES

SILENCE = bytes(WINDOW_BYTES)
LOUD = (8_000).to_bytes(2, "little") * (WINDOW_BYTES // 2)


class Counted:
    """A model that counts what it is asked, and finds everything likely."""

    def __init__(self) -> None:
        self.windows: list[bytes] = []
        self.streams = 0

    def __call__(self, window: bytes) -> float:
        self.windows.append(window)
        return 0.9 if window == LOUD else 0.0

    def reset(self) -> None:
        self.streams += 1


class Shelf(Models):
    """Models that keep what they loaded."""

    def __init__(self, most: int = 8) -> None:
        self.made: list[Counted] = []
        super().__init__(self._make, most)

    def _make(self) -> Model:
        self.made.append(Counted())
        return self.made[-1]


def windows(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + WINDOW_BYTES] for at in range(0, len(pcm) - WINDOW_BYTES, WINDOW_BYTES)]


def edges(judged: list[float]) -> list[int]:
    """Where speech begins and ends, in windows."""
    return [at for at in range(1, len(judged)) if (judged[at] >= 0.5) != (judged[at - 1] >= 0.5)]


def in_noise(name: str, gain: float, snr_db: float) -> bytes:
    """A recording, quieter, in noise that was there for three seconds."""
    speech = np.frombuffer(recorded(name), "<i2").astype(float) * gain
    level = float(np.sqrt(np.mean(speech**2))) / 10 ** (snr_db / 20) / 32767
    sound = np.frombuffer(noise(level, 5 + speech.size / 16_000), "<i2").astype(float)
    sound[48_000 : 48_000 + speech.size] += speech
    pcm: bytes = np.clip(sound, -32768, 32767).astype("<i2").tobytes()
    return pcm


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize("snr_db", [60, 20, 10])
@pytest.mark.parametrize("name", ["weather", "stop", "long"])
def test_speech_is_judged_as_by_a_model_that_always_listens(
    name: str, snr_db: float, gain: float
) -> None:
    sound = windows(in_noise(name, gain, snr_db))
    always, shared = detector(), Attention(Models())
    expected, judged = ([detect(window) for window in sound] for detect in (always, shared))
    differing = sum((a >= 0.5) != (b >= 0.5) for a, b in zip(expected, judged, strict=True))
    assert differing <= max(2, len(sound) // 50)
    assert edges(judged)[0] == pytest.approx(edges(expected)[0], abs=2)
    assert edges(judged)[-1] == pytest.approx(edges(expected)[-1], abs=4)


def test_silence_and_steady_noise_ask_no_model() -> None:
    shelf = Shelf()
    attention = Attention(shelf)
    steady = windows(noise(0.01, 8.0))
    assert [attention(window) for window in [SILENCE] * 50] == [0.0] * 50
    for window in steady:
        attention(window)
    asked = len(shelf.made[0].windows)
    assert asked < len(steady) / 2, "until it is used to the noise"
    for window in steady:
        attention(window)
    assert len(shelf.made[0].windows) == asked


def test_a_model_is_told_first_what_came_before() -> None:
    shelf = Shelf()
    attention = Attention(shelf)
    before = windows(noise(0.0001, 2.0))
    for window in before:
        assert attention(window) == 0.0
    assert attention(LOUD) == 0.9
    told = shelf.made[0].windows
    assert told[-1] == LOUD
    assert 1 < len(told) <= len(before)
    assert told[:-1] == before[-len(told) + 1 :]


def test_a_model_goes_from_stream_to_stream_as_if_new() -> None:
    shelf = Shelf()
    first, second = Attention(shelf), Attention(shelf)
    for attention in (first, second, first):
        attention(LOUD)
        for _ in range(HOLD):
            attention(SILENCE)
    assert [model.streams for model in shelf.made if model.streams] == [3]


def test_a_stream_that_ends_in_the_midst_of_speech_gives_its_model_back() -> None:
    shelf = Shelf()
    attention = Attention(shelf)
    attention(LOUD)
    circle = [attention]
    circle.append(circle)  # type: ignore[arg-type]
    del attention, circle
    gc.collect()
    Attention(shelf)(LOUD)
    assert [model.streams for model in shelf.made if model.streams] == [2]


def test_where_all_models_are_lent_energy_judges() -> None:
    shelf = Shelf(most=2)
    speaking = [Attention(shelf) for _ in range(3)]
    assert [attention(LOUD) for attention in speaking] == [0.9, 0.9, 1.0]
    assert len(shelf.made) == 2
    for _ in range(HOLD):
        speaking[0](SILENCE)
    for _ in range(10 * HOLD):
        speaking[2](SILENCE)
    assert speaking[2](LOUD) == 0.9, "and then a model again"


def test_without_a_model_energy_is_shared_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Models(Energy)
    attention = Attention(models)
    assert attention(SILENCE) == 0.0
    assert attention(LOUD) == 1.0
