from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media import virtual_screen
from tests.media.virtual_screen import VirtualScreen
from tests.media.virtual_sound import RATE_HZ, Monitor, SoundServer, likeness, say, until, voice
from tui.core.devices import Finding, Kind, Source
from tui.core.playback import SILENCE_DB
from tui.media import opencv, portaudio, trial

pytestmark = pytest.mark.xdist_group("sound")


def findings(kind: Kind, source: Source = None, listen_s: float = 0.5) -> list[Finding]:
    return list(trial.run(kind, source, listen_s))


# ---- microphones


def test_a_level_follows_what_is_said(sound_server: SoundServer) -> None:
    speech = voice("weather")
    said = threading.Thread(target=say, args=(speech,))
    said.start()
    *levels, last = findings(Kind.MICROPHONE, listen_s=len(speech) / RATE_HZ + 0.5)
    said.join()
    peak_db = 20 * np.log10(np.abs(speech.astype(int)).max() / 32768)
    assert max(each.peak_db for each in levels) == pytest.approx(peak_db, abs=1.5)
    assert all(each.sounds and each.peak_db >= each.level_db for each in levels)
    assert not (last.problem or last.silent)
    assert f"default works: its loudest sample was {last.peak_db:.0f} dBFS." == last.words
    assert not portaudio.OPEN, "the device is given back"


def test_digital_silence_is_said_after_two_seconds(sound_server: SoundServer) -> None:
    *levels, last = findings(Kind.MICROPHONE, "overheard", listen_s=2.6)
    assert (levels[0].silent, levels[0].level_db) == (False, SILENCE_DB)
    assert (levels[-1].silent, levels[-1].words) == (True, "no signal from overheard")
    assert last.silent and not last.problem
    assert last.words == "overheard opens but gives no signal (digital silence)."


def test_a_test_that_is_ended_gives_the_device_back(sound_server: SoundServer) -> None:
    running = trial.run(Kind.MICROPHONE, None, 60)
    next(running)
    assert len(portaudio.OPEN) == 1
    running.close()
    until(lambda: not portaudio.OPEN)


@pytest.mark.parametrize("kind", [Kind.MICROPHONE, Kind.SPEAKER])
def test_an_unknown_device_is_a_sentence_that_names_the_others(
    sound_server: SoundServer, kind: Kind
) -> None:
    (only,) = findings(kind, "gramophone")
    assert only.problem
    assert f"'gramophone' does not name one {kind}" in only.words and "'overheard'" in only.words


@pytest.mark.parametrize(
    ("kind", "stream"), [(Kind.MICROPHONE, "InputStream"), (Kind.SPEAKER, "OutputStream")]
)
def test_a_busy_device_is_a_sentence(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch, kind: Kind, stream: str
) -> None:
    import sounddevice

    def busy(**_: Any) -> Any:
        raise sounddevice.PortAudioError("Device unavailable", -9985)

    monkeypatch.setattr(sounddevice, stream, busy)
    (only,) = findings(kind)
    assert only.problem
    assert "default could not be opened (Device unavailable" in only.words
    assert "another program may hold it" in only.words


@pytest.fixture
def headset(sound_server: SoundServer) -> Iterator[SoundServer]:
    """A second device with a sound server of its own, so that it can be pulled out."""
    config = Path(os.environ["ALSA_CONFIG_PATH"])
    before = config.read_text()
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        server = SoundServer(Path(folder))
        server.start()
        pulse = f'type pulse server "{server.environment["PULSE_SERVER"]}"'
        config.write_text(f"{before}\npcm.headset {{ {pulse} hint {{ show on }} }}\n")
        sound_server.point_here()
        try:
            yield server
        finally:
            server.stop()
            config.write_text(before)
            sound_server.point_here()


@pytest.mark.parametrize("kind", [Kind.MICROPHONE, Kind.SPEAKER])
def test_a_device_that_is_pulled_out_is_a_sentence(
    headset: SoundServer, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr(trial, "NOTE_S", 20.0)
    running = trial.run(kind, "headset", 20)
    first = next(running)
    assert first.sounds and not first.problem
    headset.kill()
    *_, last = running
    assert last.problem
    assert "connect it again" in last.words and "headset" in last.words
    until(lambda: not portaudio.OPEN)


# ---- speakers


def test_the_tone_is_heard_at_the_speaker(sound_server: SoundServer) -> None:
    with Monitor() as monitor:
        *levels, last = findings(Kind.SPEAKER)
        until(lambda: len(monitor.audio) - int(monitor.loud()[-1]) > RATE_HZ // 5)
        heard = monitor.audio
    tone = trial.notes(RATE_HZ)
    assert likeness(tone, heard)[0] > 0.95
    loud = np.nonzero(np.abs(heard.astype(int)) > 300)[0]
    note = round(trial.NOTE_S * RATE_HZ)
    first, second = heard[loud[0] :][:note], heard[loud[-1] - note :][:note]
    assert pitch_hz(first) == pytest.approx(trial.NOTES_HZ[0], abs=4)
    assert pitch_hz(second) == pytest.approx(trial.NOTES_HZ[1], abs=4)
    assert max(each.level_db for each in levels) == pytest.approx(-23, abs=3)
    assert not last.problem and "default has played two notes (24 kHz)" in last.words
    assert not portaudio.OPEN


def pitch_hz(samples: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return float(np.argmax(spectrum)) * RATE_HZ / (1 << 16)


def test_the_tone_is_soft_and_does_not_click() -> None:
    for rate_hz in (8000, 24000, 48000):
        tone = trial.notes(rate_hz).astype(int)
        assert len(tone) == round(2 * trial.NOTE_S * rate_hz)
        assert np.abs(tone).max() == pytest.approx(0.1 * 32767, rel=0.03)
        edge = rate_hz // 1000
        middle = len(tone) // 2
        for quiet in (tone[:edge], tone[middle - edge : middle + edge], tone[-edge:]):
            assert np.abs(quiet).max() < 40


# ---- cameras


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Ten pictures of 64x48, left half red, right half blue."""
    cv2 = opencv.library()
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32, 2] = picture[:, 32:, 0] = 200
    for _ in range(10):
        writer.write(picture)
    writer.release()
    return path


def test_a_camera_gives_a_picture(film: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (only,) = findings(Kind.CAMERA, str(film))
    assert not only.problem
    assert "gives 64x48 pixels" in only.words
    assert only.picture is not None
    small, stride = only.picture, 3 * only.picture.width
    assert (small.width, small.height, len(small.rgb)) == (21, 16, 21 * 16 * 3)
    left, right = small.rgb[:3], small.rgb[stride - 3 : stride]
    assert left[0] > 150 and left[2] < 60 and right[2] > 150 and right[0] < 60
    assert capfd.readouterr() == ("", "")


def test_a_black_picture_is_said_to_be_black(tmp_path: Path) -> None:
    cv2 = opencv.library()
    path = tmp_path / "dark.png"
    cv2.imwrite(str(path), np.zeros((48, 64, 3), np.uint8))
    (only,) = findings(Kind.CAMERA, str(path))
    assert "which is black" in only.words and not only.problem


@pytest.mark.parametrize("source", [93, "93", "/nowhere/film.avi", "http://127.0.0.1:9/video"])
def test_a_camera_that_is_not_there_is_a_sentence(
    source: Source, capfd: pytest.CaptureFixture[str]
) -> None:
    (only,) = findings(Kind.CAMERA, source)
    assert only.problem
    assert "could not be opened" in only.words and str(source) in only.words
    assert capfd.readouterr() == ("", "")


def test_the_password_of_a_url_is_not_shown() -> None:
    (only,) = findings(Kind.CAMERA, "http://anna:s3cret@127.0.0.1:9/video?token=s3cret")
    assert "'http://127.0.0.1:9/video' could not be opened" in only.words
    assert "s3cret" not in only.words


def test_a_camera_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(trial, "PATIENCE_S", 0.2)
    monkeypatch.setattr(trial, "_photographed", lambda *_: never.wait())
    (only,) = findings(Kind.CAMERA, 0)
    never.set()
    assert (only.problem, only.words) == (True, "The camera '0' gives no answer within 0.2 s.")


# ---- screens


@pytest.mark.skipif(bool(virtual_screen.missing()), reason=virtual_screen.missing())
def test_a_screen_gives_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    display = VirtualScreen(640, 360)
    try:
        display.fill(0xD06020)
        monkeypatch.setenv("DISPLAY", display.display)
        (only,) = findings(Kind.SCREEN, 1)
        (absent,) = findings(Kind.SCREEN, 7)
    finally:
        display.stop()
    assert "Screen 1 gives 640x360 pixels" in only.words
    assert only.picture is not None
    assert (only.picture.width, only.picture.height) == (32, 18)
    assert only.picture.rgb == bytes((0xD0, 0x60, 0x20)) * (32 * 18)
    assert absent.problem and absent.words == "There is no screen 7: use 0 to 1."


def test_a_screen_without_a_display_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    (only,) = findings(Kind.SCREEN, 1)
    assert only.problem and "there is no display here" in only.words
    (only,) = findings(Kind.SCREEN, "wall")
    assert only.words == "'wall' is no screen: use its number."


def test_thumbnails_fit_whatever_the_picture() -> None:
    for size in ((1, 1), (17, 3), (1080, 1920), (2000, 10), (18, 32)):
        picture = np.full((*size, 3), 77, np.uint8)
        small = trial.thumbnail(picture)
        assert 1 <= small.width <= 32 and 1 <= small.height <= 18
        assert small.rgb == bytes([77]) * (3 * small.width * small.height)
