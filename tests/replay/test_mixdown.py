from __future__ import annotations

import base64

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media.virtual_sound import likeness, voice
from tests.recorded import Session, timeline_of
from tui.replay.mixdown import RATE_HZ, Mixdown

SPEECH = voice("weather")
CHUNK = 4800


def pcm_blob(samples: NDArray[np.int16], rate_hz: int) -> dict[str, str]:
    return {
        "mimeType": f"audio/pcm;rate={rate_hz}",
        "data": base64.b64encode(samples.astype("<i2").tobytes()).decode(),
    }


def spoken(play: Session, at_s: float, speech: NDArray[np.int16] = SPEECH) -> None:
    """The model says it, faster than real time, and it is played from there on."""
    for number, start in enumerate(range(0, len(speech), CHUNK)):
        blob = pcm_blob(speech[start : start + CHUNK], RATE_HZ)
        play.at(at_s + number / 100).says(modelTurn={"parts": [{"inlineData": blob}]})
        if number == 1:
            play.tell("playback.started", turn=1)


def listened(play: Session, at_s: float, speech: NDArray[np.int16], jitter_s: float) -> None:
    """The person says it, in blocks of 20 ms that come a little late now and then."""
    dice = np.random.default_rng(4)
    for number, start in enumerate(range(0, len(speech), 320)):
        late_s = dice.uniform(0, jitter_s)
        audio = pcm_blob(speech[start : start + 320], 16_000)
        play.at(at_s + 0.02 * (number + 1) + late_s).sent(realtimeInput={"audio": audio})


def mixdown(play: Session) -> Mixdown:
    log = play.log()
    return Mixdown(log, timeline_of(log).sound)


@pytest.mark.parametrize("block", [100, 960, 12_345])
@pytest.mark.parametrize("offset", [0, 4799, 30_001])
def test_the_model_is_heard_to_the_sample_from_anywhere(block: int, offset: int) -> None:
    play = Session()
    play.connect()
    spoken(play, 1.0)
    mix = mixdown(play)
    mix.begin(1.01 + offset / RATE_HZ)
    heard = np.concatenate([mix.read(block) for _ in range(30_000 // block)])
    assert np.array_equal(heard, SPEECH[offset : offset + len(heard)])


def test_there_is_silence_before_and_after() -> None:
    play = Session()
    play.connect()
    spoken(play, 1.0, SPEECH[:9600])
    play.at(3.0).tell("playback.drained", turn=1, heard_s=0.4)
    mix = mixdown(play)
    mix.begin(0.51)
    heard = mix.read(2 * RATE_HZ)
    assert not heard[: RATE_HZ // 2].any()
    assert np.array_equal(heard[RATE_HZ // 2 :][:9600], SPEECH[:9600])
    assert not heard[RATE_HZ // 2 + 9600 :].any()


def test_what_was_flushed_is_not_heard() -> None:
    play = Session()
    play.connect()
    spoken(play, 1.0)
    play.at(2.01).tell("playback.flushed", turn=1, heard_s=1.0)
    mix = mixdown(play)
    mix.begin(1.01)
    heard = mix.read(2 * RATE_HZ)
    assert np.array_equal(heard[:RATE_HZ], SPEECH[:RATE_HZ])
    assert not heard[RATE_HZ + 1 :].any()


@pytest.mark.parametrize("jitter_s", [0.0, 0.03])
def test_the_person_is_heard_without_gaps_however_the_blocks_came(jitter_s: float) -> None:
    import soxr

    wide = soxr.resample(SPEECH, RATE_HZ, 16_000)[: 16_000 * 2 // 320 * 320]
    play = Session()
    play.connect()
    listened(play, 1.0, wide, jitter_s)
    mix = mixdown(play)
    mix.begin(0.9)
    heard = np.concatenate([mix.read(960) for _ in range(80)])
    alike, at = likeness(SPEECH[: RATE_HZ * 3 // 2], heard)
    assert alike > 0.99
    assert at / RATE_HZ == pytest.approx(0.1, abs=0.02 + jitter_s)


def test_both_are_heard_at_once() -> None:
    play = Session()
    play.connect()
    spoken(play, 1.0)
    play.at(2.0).mic(0.5, 0.3)
    mix = mixdown(play)
    mix.begin(1.01)
    together = mix.read(RATE_HZ).astype(np.int32) - SPEECH[:RATE_HZ]
    assert not together[: RATE_HZ * 2 // 5].any()
    assert np.abs(together[RATE_HZ * 3 // 5 :]).max() > 5000


def test_other_rates_are_resampled() -> None:
    play = Session()
    play.connect()
    blob = pcm_blob(SPEECH[::2], RATE_HZ // 2)
    play.at(1.0).says(modelTurn={"parts": [{"inlineData": blob}]})
    mix = mixdown(play)
    mix.begin(1.0)
    assert likeness(SPEECH[:RATE_HZ], mix.read(RATE_HZ))[0] > 0.9


def test_broken_audio_is_silence() -> None:
    play = Session()
    play.connect()
    bad = {"mimeType": "audio/pcm;rate=24000", "data": "%%%%" * 999}
    play.at(1.0).says(modelTurn={"parts": [{"inlineData": bad}]})
    play.at(1.0).sent(realtimeInput={"audio": bad})
    mix = mixdown(play)
    mix.begin(0.9)
    assert not mix.read(RATE_HZ).any()
