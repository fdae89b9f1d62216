"""A voice is heard before it is chosen, by a session of its own that leaves no trace."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tui.core.configuration.message import Configuration
from tui.voice_sample import SampleError, sample

EMULATED = Configuration({"service": "emulator", "voice": "Kore", "push_to_talk": True})


@pytest.mark.skipif(find_spec("py_nanotts") is None, reason="no speech here")
def test_a_line_in_the_voice() -> None:
    clip = sample(EMULATED, "gemini-2.0-flash-exp", None)
    assert clip.rate_hz == 24_000 and 1 < clip.seconds < 10 and any(clip.pcm)
    assert not (Path(os.environ["BIDISCOPE_DATA"]) / "recordings").exists()


def test_a_voice_that_nobody_has_is_a_sentence() -> None:
    with pytest.raises(SampleError, match="Nobody"):
        sample(EMULATED.with_values(voice="Nobody"), "gemini-2.0-flash-exp", None)


def test_a_model_without_voices_is_a_sentence() -> None:
    with pytest.raises(SampleError, match="has no voices to choose from"):
        sample(EMULATED, "gemini-3.5-live-translate-preview", None)
