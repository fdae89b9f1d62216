"""The emulator's own voice and ears: the extra `local`."""

from __future__ import annotations

from tui.doctor.answer import Answer, ok, warn
from tui.emulator.mouth import voice
from tui.emulator.perception import recognizer
from tui.emulator.terms.profiles import Timbre

INSTALL = "pip install 'bidiscope[local]' (or: uv tool install 'bidiscope[local]')"
SENTENCE = "What is the weather like today?"


def spoken() -> Answer:
    """The emulator speaks."""
    if not voice.installed():
        return warn("py-nanotts is missing: the emulator answers with tones", INSTALL)
    pcm = voice.Voice().speak(SENTENCE, Timbre("en-US", 1.0))
    return ok(f"speaks (Pico): {len(pcm) / voice.BYTES_PER_S:.1f} s for a sentence")


def understood() -> Answer:
    """The emulator understands its own voice, or silence where it has none."""
    if not recognizer.installed():
        return warn("moonshine-voice is missing: the emulator hears speech but no words", INSTALL)
    ears = recognizer.Recognizer()
    words = ears.transcribe(bytes(recognizer.RATE_HZ))
    if words is None:
        return warn("moonshine-voice cannot be loaded on this system", INSTALL)
    if not voice.installed():
        return ok("understands speech (Moonshine, English)")
    return ok(f'understands speech (Moonshine): "{ears.transcribe(_question())}"')


def _question() -> bytes:
    import numpy as np
    import soxr

    pcm = voice.Voice().speak(SENTENCE, Timbre("en-US", 1.0))
    samples = soxr.resample(np.frombuffer(pcm, "<i2"), voice.RATE_HZ, recognizer.RATE_HZ)
    wide: bytes = samples.astype("<i2").tobytes()
    return wide
