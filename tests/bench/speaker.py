"""How fast the speaker speaks, and how fast it falls silent, at a virtual sound card."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from tests.media.virtual_sound import RATE_HZ, Monitor, missing, sound_card, voice
from tui.media.speaker import Speaker

Row = tuple[str, float | None, str, str]

CHUNK = 4800
TRIES = 20


def rows() -> list[Row]:
    """(name, value, unit, note) of each figure; one row without a value where there is no sound."""
    if reason := missing():
        return [("speaker", None, "", f"not measured: {reason}")]
    with sound_card():
        return _measured()


def _measured() -> list[Row]:
    speaker = Speaker()
    speaker.open()
    tries = [_once(speaker, number) for number in range(1, TRIES + 1)]
    speaker.close()
    begun_ms, silent_ms, wrong_ms, step = (np.array(column) for column in zip(*tries, strict=True))
    n = f"n={TRIES}, latency {speaker._ring.latency_s * 1000:.0f} ms"
    return [
        ("wire to speaker, p50", float(np.median(begun_ms)), "ms", f"play() to first sound, {n}"),
        ("wire to speaker, p95", float(np.percentile(begun_ms, 95)), "ms", n),
        ("flush to silence, p50", float(np.median(silent_ms)), "ms", f"flush() to last sound, {n}"),
        ("flush to silence, p95", float(np.percentile(silent_ms, 95)), "ms", n),
        ("heard at a flush, worst error", float(np.abs(wrong_ms).max()), "ms", "against monitor"),
        ("largest step at a cut", float(step.max()), "", "1 = the largest in the speech"),
    ]


def _once(speaker: Speaker, answer: int) -> tuple[float, float, float, float]:
    speech = _dense(voice("weather"))
    with Monitor() as monitor:
        time.sleep(0.1)
        began = time.perf_counter()
        for start in range(0, len(speech), CHUNK):
            speaker.play(answer, speech[start : start + CHUNK].tobytes(), RATE_HZ)
        time.sleep(0.6 + answer * 0.0037)
        cut = time.perf_counter()
        heard_s = speaker.flush().heard_s
        time.sleep(0.2)
    loud = monitor.loud()
    first, last = int(loud[0]), int(loud[-1])
    lead = int(np.nonzero(np.abs(speech) > 300)[0][0])
    steps = np.abs(np.diff(monitor.audio.astype(np.int32)))
    fade = RATE_HZ // 100
    silent_at = monitor.arrived_at(last)
    sounded_s = (last - first + lead) / RATE_HZ - (silent_at - cut)
    return (
        (monitor.arrived_at(first - lead) - began) * 1000,
        (silent_at - cut) * 1000,
        (heard_s - sounded_s) * 1000,
        float(steps[last - fade // 2 :].max() / steps[: last - fade].max()),
    )


def _dense(speech: NDArray[np.int16]) -> NDArray[np.int16]:
    """Speech without its pauses, so that every cut falls into sound."""
    frames = speech[: len(speech) // 240 * 240].reshape(-1, 240)
    voiced: NDArray[np.int16] = frames[np.abs(frames.astype(np.int32)).max(axis=1) > 2000]
    return voiced.reshape(-1)
