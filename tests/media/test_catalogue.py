from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from tests.media import virtual_screen
from tests.media.virtual_screen import VirtualScreen
from tests.media.virtual_sound import SoundServer, until
from tui.core.devices import CameraDevice, Group, Kind, SoundDevice
from tui.media import catalogue
from tui.media.input import Input

pytestmark = pytest.mark.xdist_group("sound")


def named(group: Group, name: str) -> SoundDevice:
    (device,) = (each for each in group.devices if each.name == name)
    assert isinstance(device, SoundDevice)
    return device


@pytest.mark.parametrize("kind", [Kind.MICROPHONE, Kind.SPEAKER])
def test_sound_devices_are_listed_with_what_portaudio_knows(
    sound_server: SoundServer, kind: Kind
) -> None:
    import sounddevice

    group = catalogue.sound(kind)
    assert not group.problem
    assert {device.name for device in group.devices} >= {"default", "overheard"}
    default, other = named(group, "default"), named(group, "overheard")
    info = sounddevice.query_devices("overheard")
    assert (default.default, other.default) == (True, False)
    assert (other.number, other.host_api) == (info["index"], "ALSA")
    assert (other.channels, other.rate_hz) == (32, round(info["default_samplerate"]))


def test_what_is_listed_can_be_opened_by_its_source(sound_server: SoundServer) -> None:
    source = named(catalogue.sound(Kind.MICROPHONE), "overheard").source
    device = Input(source, lambda *_: None, lambda _: None)
    device.open()
    device.close()
    assert device.name == "overheard"


MORE = """
pcm.extra_loopback { type pulse device speaker.monitor hint { show on description "Loopback" } }
"""


@pytest.fixture
def plugged_in(sound_server: SoundServer) -> Iterator[None]:
    """A device that comes while PortAudio has its list."""
    config = Path(os.environ["ALSA_CONFIG_PATH"])
    before = config.read_text()
    yield
    config.write_text(before)
    sound_server.point_here()


def test_a_new_device_is_found_while_streams_run(plugged_in: None) -> None:
    lost: list[Input] = []
    running = Input(None, lambda *_: None, lost.append)
    running.open()
    config = Path(os.environ["ALSA_CONFIG_PATH"])
    known = catalogue.read()[0].devices
    assert not lost, "a list without news interrupts no stream"
    config.write_text(config.read_text() + MORE)
    found = catalogue.read()[0]
    until(lambda: bool(lost))
    running.close()
    assert len(found.devices) == len(known) + 1
    assert named(found, "extra_loopback").monitor
    assert not named(found, "default").monitor


def test_cameras_are_listed_by_the_kernels_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for node, name in (("video97", "Webcam: HD\n"), ("video103", "Capture\x1b[2J card\n")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(name)
    group = catalogue.cameras(tmp_path)
    assert group.devices == (
        CameraDevice(97, "Webcam: HD", "/dev/video97"),
        CameraDevice(103, "Capture\x1b[2J card", "/dev/video103"),
    )
    assert not group.problem


def test_without_a_camera_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    group = catalogue.cameras(tmp_path)
    assert not group.devices
    assert "No camera was found" in group.problem and "--camera FILE" in group.problem


def test_where_the_kernel_lists_nothing_numbers_are_tried(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    group = catalogue.cameras()
    assert not group.problem or "No camera was found" in group.problem
    assert capfd.readouterr() == ("", ""), "OpenCV is silent"


def test_without_opencv_cameras_are_listed_but_said_to_be_useless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PathFinder, "find_spec", lambda *_: None)
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "video98").mkdir()
    group = catalogue.cameras(tmp_path)
    assert [device.name for device in group.devices] == ["video98"]
    assert group.problem == catalogue.NO_OPENCV


@pytest.mark.skipif(bool(virtual_screen.missing()), reason=virtual_screen.missing())
def test_screens_are_listed_with_size_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    display = VirtualScreen(1024, 600)
    try:
        monkeypatch.setenv("DISPLAY", display.display)
        group = catalogue.screens()
    finally:
        display.stop()
    (screen,) = group.devices
    assert (screen.number, screen.facts) == (1, "1024x600 at 0,0")


@pytest.mark.parametrize(("display", "words"), [("", "DISPLAY is not set"), (":4711", "Cannot")])
def test_no_display_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, display: str, words: str
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    group = catalogue.screens()
    assert not group.devices
    assert group.problem.startswith(catalogue.NO_DISPLAY) and words in group.problem


WITHOUT_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda name: None
from tui.media import catalogue
for group in catalogue.read():
    print(group.kind, len(group.devices), group.problem)
"""


def test_without_portaudio_the_other_groups_are_there() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_PORTAUDIO],
        cwd=Path(__file__).parents[2],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    microphones, speakers, cameras, screens = run.stdout.splitlines()
    for line in (microphones, speakers):
        assert "the PortAudio library is missing" in line and "apt install libportaudio2" in line
    assert cameras.startswith("camera") and "PortAudio" not in cameras
    assert screens.startswith("screen 0 No screen can be captured")


def test_a_driver_that_hangs_costs_only_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(catalogue, "PATIENCE_S", 0.2)
    monkeypatch.setattr(catalogue, "cameras", lambda: never.wait())
    *_, cameras, screens = catalogue.read()
    never.set()
    assert (
        cameras.problem
        == "The cameras cannot be listed: no answer within 0.2 s. Is their driver hung?"
    )
    assert screens.kind is Kind.SCREEN
