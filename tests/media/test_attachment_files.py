"""Files of every kind, whole and broken, as they are attached."""

from __future__ import annotations

import os
import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile

from tests.media.virtual_sound import likeness
from tui.core.attachment import Attachment, Medium
from tui.core.capture import RATE_HZ
from tui.core.picture_header import header
from tui.media import attachment as module
from tui.media.attachment import AttachmentError, read


def picture(path: Path, width_px: int = 1600, height_px: int = 800) -> Path:
    image = np.zeros((height_px, width_px, 3), np.uint8)
    image[:, : width_px // 2] = (0, 0, 255)
    assert cv2.imwrite(str(path), image)
    return path


def sound(path: Path, rate_hz: int = 48_000, seconds: float = 0.5) -> Path:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    wave_ = 0.5 * np.sin(2 * np.pi * (200 + 1500 * t) * t)
    soundfile.write(path, np.stack([wave_, wave_], 1), rate_hz)
    return path


def attached(path: Path, wanted: Medium | None = None) -> Attachment:
    return read(path, 768, None, wanted)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "picture without a suffix"])
def test_a_picture_is_scaled_and_sent_as_jpeg(tmp_path: Path, name: str) -> None:
    path = picture(tmp_path / "a.png").rename(tmp_path / name)
    if path.suffix not in ("", ".png"):
        path = picture(path)
    about = attached(path).about
    assert (about.medium, about.width_px, about.height_px) == (Medium.IMAGE, 768, 384)
    assert (about.size_bytes, about.tokens, about.name) == (path.stat().st_size, 258, name)
    told = header(attached(path).data)
    assert told is not None and (told.format, told.width_px) == ("JPEG", 768)


def test_a_small_picture_stays_as_small(tmp_path: Path) -> None:
    about = read(picture(tmp_path / "a.png", 100, 50), 768, "low").about
    assert (about.width_px, about.height_px, about.tokens) == (100, 50, 64)


def test_a_picture_that_lies_on_its_side_is_set_upright(tmp_path: Path) -> None:
    """EXIF orientation 6, as phones write it: the red left half is the top."""
    path = picture(tmp_path / "a.jpg")
    tag = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + tag + b"\0\0\0\0"
    data = path.read_bytes()
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(data[:2] + segment + data[2:])
    read_ = attached(path)
    assert (read_.about.width_px, read_.about.height_px) == (384, 768)
    image: Any = cv2.imdecode(np.frombuffer(read_.data, np.uint8), cv2.IMREAD_COLOR)
    assert image[100, 192, 2] > 200 > 50 > image[700, 192, 2]


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff"])
def test_a_sound_is_sent_as_16_khz_of_mono(tmp_path: Path, name: str) -> None:
    read_ = attached(sound(tmp_path / name))
    assert read_.about.medium == Medium.AUDIO
    assert read_.about.seconds == pytest.approx(0.5, abs=0.06), "MP3 pads"
    assert read_.about.tokens in (12, 13, 14)
    t = np.arange(RATE_HZ // 2) / RATE_HZ
    spoken = (16384 * np.sin(2 * np.pi * (200 + 1500 * t) * t)).astype(np.int16)
    assert likeness(spoken[800:-800], np.frombuffer(read_.data, np.int16))[0] > 0.95


def test_a_text_stands_below_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes("\ufeffÄpfel\n\tund Birnen\n".encode())
    read_ = attached(path)
    assert read_.data.decode() == "notes.txt:\nÄpfel\n\tund Birnen\n\n"
    assert read_.about.chars == len(read_.data.decode())
    assert read_.about.tokens == 8


def test_a_program_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("print(1)\n")
    assert attached(path).medium == Medium.TEXT


def test_what_cannot_be_attached_is_said_in_a_sentence(tmp_path: Path) -> None:
    empty, binary, blank = tmp_path / "empty", tmp_path / "binary.txt", tmp_path / "blank.md"
    empty.touch()
    binary.write_bytes(bytes(range(256)))
    blank.write_text(" \n\t\n")
    lies, cut = tmp_path / "lies.png", tmp_path / "cut.jpg"
    lies.write_text("no picture")
    cut.write_bytes(picture(tmp_path / "whole.jpg").read_bytes()[:60])
    silent, fake = tmp_path / "silent.wav", tmp_path / "fake.mp3"
    with wave.open(str(silent), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
    fake.write_bytes(b"ID3" + bytes(100))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path / "none.png", "there is no such file"),
        (tmp_path, "it is a folder"),
        (empty, "it is empty"),
        (binary, "no picture, sound or UTF-8 text"),
        (blank, "nothing but blanks"),
        (lies, "it should be a picture, and its content is no known format"),
        (cut, "the picture is broken"),
        (silent, "it has no sound in it"),
        (fake, "its sound cannot be read"),
        (pipe, "a device or a pipe"),
        (tmp_path / "x\0y", "null"),
        (Path("/" + "x" * 5000), "name too long"),
    ):
        with pytest.raises(AttachmentError) as refused:
            attached(path)
        said = str(refused.value)
        assert words in said.lower() or words in said
        assert said.startswith(f"{path} cannot be attached: ") and said.endswith(".")
        assert "\n" not in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(AttachmentError, match="it may not be read"):
        attached(path)


def test_a_wish_for_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AttachmentError, match="should be a sound, and its content is a picture"):
        attached(picture(tmp_path / "a.png"), Medium.AUDIO)


def test_what_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with path.open("wb") as file:
        file.write(b"words ")
        file.truncate(50 << 20)
    with pytest.raises(AttachmentError, match=r"it has 52\.4 MB, and a text may have 2\.1 MB"):
        attached(path)


def test_a_sound_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 2.0)
    for name in ("long.wav", "long.flac"):
        with pytest.raises(AttachmentError, match="it is longer than"):
            attached(sound(tmp_path / name, 8000, 5.0))
