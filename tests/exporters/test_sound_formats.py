from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.exporters.sessions import (
    Samples,
    answer,
    blob,
    exported,
    material_of,
    noise,
    speak,
)
from tests.rehearsal import Rehearsal
from tui.core.journal import JournalError
from tui.core.redaction import Level
from tui.exporters import stereo
from tui.exporters.formats import FORMATS, write
from tui.exporters.sound import Chunk

RATE_HZ = 24_000


def stereo_of(play: Rehearsal) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The channels of the WAV, full scale 1."""
    with wave.open(io.BytesIO(exported(play, "wav"))) as file:
        assert file.getparams()[:3] == (2, 2, RATE_HZ)
        data = file.readframes(file.getnframes())
    pair = np.frombuffer(data, "<i2").reshape(-1, 2) / 32768
    return pair[:, 0], pair[:, 1]


def at(channel: NDArray[np.float64], start_s: float, sound: Samples, rate_hz: int) -> float:
    """How much the channel is, from there on, the sound: correlation of both at 24 kHz."""
    times = np.arange(round(sound.size * RATE_HZ / rate_hz)) / RATE_HZ
    wanted = np.interp(times, np.arange(sound.size) / rate_hz, sound / 32768)
    first = round(start_s * RATE_HZ)
    return float(np.corrcoef(channel[first : first + wanted.size], wanted)[0, 1])


def energy(channel: NDArray[np.float64], start_s: float, end_s: float) -> float:
    part = channel[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    return float(np.sqrt(np.mean(part**2))) if part.size else 0.0


def connected() -> Rehearsal:
    """A session that begins at 0.01 s of its clock."""
    play = Rehearsal()
    play.connect()
    return play


def clock(play: Rehearsal) -> float:
    return play.engine.clock.mono_s - 0.01


def test_the_person_is_left_where_they_spoke_and_the_model_right_where_it_was_heard() -> None:
    play, asked, answered = connected(), noise(1.0, 16_000), noise(1.5, 24_000, 8)
    begun_s = clock(play)
    speak(play, asked)
    answer(play, answered, after_s=0.3)
    play.event("playback.started", 0.2, turn=1)
    heard_s = clock(play)
    play.event("playback.drained", 1.5, turn=1, heard_s=1.5, received_s=1.5)
    left, right = stereo_of(play)
    assert at(left, begun_s, asked, 16_000) > 0.99
    assert at(right, heard_s, answered, 24_000) > 0.9999
    assert energy(left, begun_s + 1.05, 9) == energy(right, 0, heard_s - 0.01) == 0
    assert right.size == left.size == round((heard_s + 1.5) * RATE_HZ)


def test_without_playback_events_an_answer_sounds_when_it_comes_and_after_the_one_before() -> None:
    play, first, second = connected(), noise(1.0, 24_000), noise(0.5, 24_000, 8)
    play.ask("one")
    answer(play, first, after_s=0.2)
    first_s = clock(play) - 0.004
    play.complete()
    play.ask("two")
    play.engine.clock.mono_s -= 0.9  # before the first one can have been heard
    answer(play, second)
    _, right = stereo_of(play)
    assert at(right, first_s, first, 24_000) > 0.999
    assert at(right, first_s + 1.0, second, 24_000) > 0.999


def test_what_was_flushed_is_not_heard() -> None:
    play, said = connected(), noise(3.0, 24_000)
    play.ask("a story")
    answer(play, said)
    play.event("playback.started", 0.1, turn=1)
    heard_s = clock(play)
    play.event("playback.flushed", 0.8, turn=1, heard_s=0.8, received_s=3.0)
    play.receive(0.01, serverContent={"interrupted": True})
    _, right = stereo_of(play)
    assert at(right, heard_s, said[: round(0.8 * RATE_HZ)], 24_000) > 0.999
    assert right.size == round((heard_s + 0.8) * RATE_HZ)


def test_without_playback_events_an_interruption_cuts_where_it_came() -> None:
    play, said = connected(), noise(3.0, 24_000)
    play.ask("a story")
    answer(play, said)
    begun_s = clock(play) - 0.014
    play.receive(1.0, serverContent={"interrupted": True})
    _, right = stereo_of(play)
    assert right.size / RATE_HZ == pytest.approx(begun_s + 1.014, abs=0.002)


def test_a_late_answer_of_an_interrupted_turn_does_not_become_the_next_ones() -> None:
    play, late, next_ = connected(), noise(0.4, 24_000), noise(0.4, 24_000, 8)
    play.ask("one")
    answer(play, late)
    play.event("playback.started", 0.05, turn=1)
    play.event("playback.flushed", 0.1, turn=1, heard_s=0.1, received_s=0.4)
    flushed_s = clock(play)
    play.ask("two")
    answer(play, late)
    play.receive(serverContent={"interrupted": True})
    play.receive(serverContent={"turnComplete": True})
    answer(play, next_)
    play.event("playback.started", 0.05, turn=2)
    begun_s = clock(play)
    play.event("playback.drained", 0.4, turn=2, heard_s=0.4, received_s=0.4)
    _, right = stereo_of(play)
    assert at(right, begun_s, next_, 24_000) > 0.999
    assert energy(right, flushed_s + 0.01, begun_s - 0.01) == 0


def test_a_pause_of_the_microphone_is_a_pause_and_jitter_is_none() -> None:
    play, asked = connected(), noise(1.0, 16_000)
    begun_s = clock(play)
    speak(play, asked[:8000])
    play.engine.clock.mono_s += 0.05
    speak(play, asked[8000:])
    play.engine.clock.mono_s += 2.0
    again_s = clock(play)
    speak(play, asked)
    left, _ = stereo_of(play)
    assert at(left, begun_s, asked, 16_000) > 0.99
    assert energy(left, begun_s + 1.1, again_s - 0.01) == 0
    assert at(left, again_s, asked, 16_000) > 0.99


def test_other_rates_are_resampled() -> None:
    play, asked, said = connected(), noise(0.5, 48_000), noise(0.5, 16_000, 8)
    asked_s = clock(play)
    speak(play, asked, 48_000)
    play.receive(serverContent={"modelTurn": {"parts": [{"inlineData": blob(said, 16_000)}]}})
    begun_s = clock(play)
    left, right = stereo_of(play)
    assert at(left, asked_s, asked, 48_000) > 0.99
    assert at(right, begun_s, said, 16_000) > 0.99


def test_times_that_no_wav_can_hold_are_a_sentence() -> None:
    play = connected()
    play.engine.clock.mono_s = 1e12
    answer(play, noise(0.2, 24_000))
    with pytest.raises(JournalError, match=r"12\.4 hours.*turns"):
        exported(play, "wav")


@pytest.mark.parametrize("form", ["wav", "turns"])
def test_a_session_without_sound_is_a_sentence(tmp_path: Path, form: str) -> None:
    with pytest.raises(JournalError, match="no sound"):
        write(material_of(connected()), FORMATS[form], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_sound_that_is_none_is_left_out_and_said(tmp_path: Path) -> None:
    play = connected()
    for data, mime_type in (("####", "audio/pcm"), ("AAAA", "audio/opus"), ("AAA", "audio/pcm")):
        play.send(realtime_input={"audio": {"mimeType": mime_type, "data": data}})
    material = material_of(play)
    write(material, FORMATS["wav"], tmp_path / "out")
    assert material.notes == ["2 messages of sound are not PCM or not base64: left out."]


def wavs(folder: Path) -> dict[str, tuple[int, Samples]]:
    found: dict[str, tuple[int, Samples]] = {}
    for path in sorted(folder.iterdir()):
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            samples: Any = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            found[path.name] = file.getframerate(), samples
    return found


def test_each_turn_has_its_sound_whole_at_the_rate_of_the_wire(tmp_path: Path) -> None:
    play, said, asked = connected(), noise(1.0, 24_000), noise(0.5, 16_000)
    speak(play, asked)
    play.receive(serverContent={"inputTranscription": {"text": "tell me"}})
    answer(play, said)
    play.event("playback.flushed", 0.1, turn=1, heard_s=0.1)
    play.receive(serverContent={"interrupted": True})
    play.receive(serverContent={"turnComplete": True})
    play.ask("two")
    answer(play, said[:4800])
    play.receive(serverContent={"modelTurn": {"parts": [{"inlineData": blob(asked, 16_000)}]}})
    speak(play, asked[:1600])
    write(material_of(play), FORMATS["turns"], tmp_path / "out")
    found = wavs(tmp_path / "out")
    expected = {
        "rest-user.wav": (16_000, asked[:1600]),
        "turn-0001-model.wav": (24_000, said),
        "turn-0001-user.wav": (16_000, asked),
        "turn-0002-model-2.wav": (16_000, asked),
        "turn-0002-model.wav": (24_000, said[:4800]),
    }
    assert list(found) == sorted(expected)
    for name, (rate_hz, samples) in expected.items():
        assert found[name][0] == rate_hz
        assert np.array_equal(found[name][1], samples), name


@pytest.mark.parametrize("level", [Level.MEDIA, Level.ALL])
@pytest.mark.parametrize("form", ["wav", "turns", "frames"])
def test_media_without_media_is_a_sentence(tmp_path: Path, form: str, level: Level) -> None:
    with pytest.raises(JournalError, match="nothing but media"):
        write(material_of(connected(), level), FORMATS[form], tmp_path / "out")


def test_a_track_never_goes_back() -> None:
    with stereo.Track() as track:
        chunk = Chunk(0.0, 24_000, noise(0.5, 24_000).tobytes())
        track.put(1.0, chunk)
        track.put(0.2, chunk)
        assert track.end_s == pytest.approx(2.0)
        assert track.samples == 48_000
