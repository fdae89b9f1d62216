"""The emulator's voice: real speech where it is installed, tones where it is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tui.emulator.mind import brain, recital
from tui.emulator.mouth import voice
from tui.emulator.mouth.voice import BYTES_PER_S, CLAUSE_LENGTH, Voice, clauses
from tui.emulator.terms.profiles import Timbre, profile

PUCK = Timbre("en-US", 1.0)


@pytest.fixture(scope="module")
def speaker() -> Voice:
    return Voice()


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> Voice:
    monkeypatch.setattr(voice, "installed", lambda: False)
    return Voice()


def level_db(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(np.float64) / 32768
    return float(20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9))


@pytest.mark.parametrize(
    "text", [recital.STORY, brain.HELP, "Hello", "a" * 300, "你好，世界。", "a\nb"]
)
def test_clauses_are_the_text_in_short_pieces(text: str) -> None:
    pieces = clauses(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece.strip()) <= CLAUSE_LENGTH for piece in pieces)


def test_numbers_are_not_cut() -> None:
    assert clauses("That is 3.5, I think.") == ["That is 3.5,", " I think."]


def test_a_clause_is_spoken_at_24_khz(speaker: Voice) -> None:
    pcm = speaker.speak("I am the local emulator of bidiscope, not Gemini.", PUCK)
    assert 2.5 < len(pcm) / BYTES_PER_S < 4.5
    assert -26 < level_db(pcm) < -12
    peak = int(np.abs(np.frombuffer(pcm, "<i2").astype(int)).max())
    assert peak < 32767, "nothing is clipped"


def test_what_is_spoken_is_speech_and_no_tone(speaker: Voice) -> None:
    samples = np.frombuffer(speaker.speak("Once upon a time.", PUCK), "<i2").astype(float)
    power = np.abs(np.fft.rfft(samples)) ** 2
    strongest = np.sort(power)[-20:].sum() / power.sum()
    assert strongest < 0.6, "the energy is spread over the formants"


def test_the_story_is_long_enough_to_interrupt(speaker: Voice) -> None:
    spoken = sum(len(speaker.speak(clause, PUCK)) for clause in clauses(recital.STORY))
    assert 40 < spoken / BYTES_PER_S < 120


@pytest.mark.parametrize("clause", ["你好，世界。", "こんにちは", "…", "<b>", "!?", "a" * 90, "🙂"])
def test_everything_sounds(clause: str, speaker: Voice) -> None:
    pcm = speaker.speak(clause, PUCK)
    assert len(pcm) % 2 == 0
    assert len(pcm) / BYTES_PER_S > 0.2
    assert level_db(pcm) > -50


def test_without_an_engine_soft_tones_take_about_as_long_as_speech(
    speaker: Voice, mute: Voice
) -> None:
    for clause in clauses(recital.STORY)[:12]:
        speech, tones = speaker.speak(clause, PUCK), mute.speak(clause, PUCK)
        assert 0.5 < len(tones) / len(speech) < 2
        assert -30 < level_db(tones) < -15


def test_each_model_has_its_voices_and_they_differ(speaker: Voice) -> None:
    counts = {}
    for name in ("gemini-2.0-flash-exp", "gemini-3.8-live"):
        chosen = profile(name)
        assert chosen is not None
        counts[name] = len(chosen.voices)
        timbres = sorted({(t.speaker, t.pitch) for t in chosen.voices.values()})
        assert len(timbres) == len(chosen.voices)
    assert counts == {"gemini-2.0-flash-exp": 8, "gemini-3.8-live": 30}
    low, high = (speaker.speak("Hello there.", Timbre("en-US", pitch)) for pitch in (0.7, 1.3))
    assert low != high


def test_words_join_without_a_click(speaker: Voice) -> None:
    for clause in ("Hello there,", "who are you?"):
        samples = np.frombuffer(speaker.speak(clause, PUCK), "<i2").astype(int)
        assert abs(samples[0]) < 1000
        assert abs(samples[-1]) < 1000
        assert max(abs(b - a) for a, b in pairwise(samples[:200].tolist())) < 4000
