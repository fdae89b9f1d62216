from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media.virtual_sound import likeness
from tui.core.capture import RATE_HZ
from tui.media.recording import EXTENSIBLE, FLOAT, PCM, Recording, RecordingError

SECONDS = 0.5


def tone(rate_hz: int) -> NDArray[np.float64]:
    """A chirp, so that its correlation has one peak."""
    t = np.arange(round(rate_hz * SECONDS)) / rate_hz
    wave: NDArray[np.float64] = 0.5 * np.sin(2 * np.pi * (200 + 1500 * t) * t)
    return wave


def wav(data: bytes, kind: int, channels: int, rate_hz: int, bits: int, size: int = -1) -> bytes:
    frame = channels * bits // 8
    fmt = struct.pack("<HHIIHH", kind, channels, rate_hz, rate_hz * frame, frame, bits)
    if kind == EXTENSIBLE:
        fmt += struct.pack("<HHIH14s", 22, bits, 0, PCM, b"")
    chunks = struct.pack("<4sI", b"fmt ", len(fmt)) + fmt
    chunks += struct.pack("<4sI3sx", b"LIST", 3, b"odd")
    chunks += struct.pack("<4sI", b"data", len(data) if size < 0 else size) + data
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def encoded(sound: NDArray[np.float64], kind: int, bits: int) -> bytes:
    if kind == FLOAT:
        return sound.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.rint(sound * 127 + 128).astype(np.uint8).tobytes()
    whole = np.rint(sound * (2 ** (bits - 1) - 1)).astype("<i8")
    return b"".join(int(sample).to_bytes(8, "little", signed=True)[: bits // 8] for sample in whole)


def spoken(path: Path, seconds: float = SECONDS + 0.2) -> NDArray[np.int16]:
    recording = Recording(path)
    blocks = [recording.read(320) for _ in range(round(seconds * 50))]
    assert recording.over
    return np.concatenate(blocks)


@pytest.mark.parametrize(
    ("kind", "bits"),
    [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64), (EXTENSIBLE, 16)],
)
def test_every_usual_coding_gives_the_same_sound(tmp_path: Path, kind: int, bits: int) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(encoded(tone(RATE_HZ), kind, bits), kind, 1, RATE_HZ, bits))
    heard = spoken(path)
    expected = (tone(RATE_HZ) * 32767).astype(np.int16)
    assert np.abs(heard[: len(expected)].astype(int) - expected).max() <= (300 if bits == 8 else 2)
    assert not heard[len(expected) :].any()


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000])
def test_any_rate_becomes_16_khz(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(encoded(tone(rate_hz), PCM, 16), PCM, 1, rate_hz, 16))
    heard = spoken(path)
    expected = (tone(RATE_HZ) * 32767).astype(np.int16)
    assert likeness(expected[:-800], heard)[0] > 0.99
    assert np.flatnonzero(heard)[-1] == pytest.approx(len(expected), abs=8)


def test_channels_are_mixed(tmp_path: Path) -> None:
    left = tone(RATE_HZ)
    frames = np.stack([left, np.zeros_like(left), np.zeros_like(left)], axis=1).reshape(-1)
    path = tmp_path / "three.wav"
    path.write_bytes(wav(encoded(frames, PCM, 16), PCM, 3, RATE_HZ, 16))
    heard = spoken(path)[: len(left)]
    assert np.abs(heard - left * 32767 / 3).max() <= 2


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_file_that_was_piped_is_read_to_its_real_end(tmp_path: Path, size: int) -> None:
    path = tmp_path / "piped.wav"
    path.write_bytes(wav(encoded(tone(RATE_HZ), PCM, 16), PCM, 1, RATE_HZ, 16, size))
    assert np.flatnonzero(spoken(path))[-1] > RATE_HZ * SECONDS * 0.99


def test_a_file_that_ends_inside_a_frame_is_spoken_to_its_last_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(wav(encoded(tone(RATE_HZ), PCM, 16)[:-3], PCM, 2, RATE_HZ, 16))
    assert spoken(path).any()


def test_an_empty_recording_is_over_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.write_bytes(wav(b"", PCM, 1, RATE_HZ, 16))
    assert not spoken(path, 0.02).any()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a WAV file"),
        (b"ID3\x04" + bytes(100), "not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "no sound in it"),
        (wav(b"", PCM, 1, 16000, 16)[:36], "no sound in it"),
        (b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0\x01\0\x01\0", "header is cut off"),
        (wav(b"", 85, 2, 44100, 16), "coded in a way"),
        (wav(b"", PCM, 1, 16000, 12), "coded in a way"),
        (wav(b"", PCM, 0, 16000, 16), "0 channels at 16000 Hz make no sense"),
        (wav(b"", PCM, 1, 3, 16), "1 channels at 3 Hz make no sense"),
    ],
)
def test_what_cannot_be_spoken_is_a_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=why) as caught:
        Recording(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        Recording(tmp_path / "none.wav")
    with pytest.raises(RecordingError, match="directory"):
        Recording(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.media.recording.MOST_BYTES", 1 << 20)
    path = tmp_path / "huge.wav"
    path.write_bytes(wav(bytes(1 << 20), PCM, 1, RATE_HZ, 16))
    with pytest.raises(RecordingError, match="larger than 1 MB"):
        Recording(path)
