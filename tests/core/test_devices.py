from __future__ import annotations

from tui.core.devices import CameraDevice, Kind, ScreenDevice, SoundDevice


def test_a_sound_device_is_described_and_chosen_by_a_name_that_outlives_its_number() -> None:
    device = SoundDevice(3, "Headset", "ALSA", channels=1, rate_hz=44100, default=True)
    assert device.facts == "ALSA, 1 channel, 44.1 kHz"
    assert device.marks == ("default",)
    assert device.source == "Headset, ALSA"


def test_two_devices_of_one_name_are_told_apart_by_their_numbers() -> None:
    device = SoundDevice(3, "Headset", "ALSA", channels=2, rate_hz=48000, unique=False)
    assert (device.source, device.facts) == (3, "ALSA, 2 channels, 48 kHz")


def test_a_monitor_of_the_sound_server_is_named_as_such() -> None:
    device = SoundDevice(1, "Monitor of speaker", "ALSA", 2, 48000, monitor=True)
    assert device.marks == ("hears what is played",)


def test_cameras_and_screens_are_chosen_by_number() -> None:
    screen = ScreenDevice(1, "HDMI-1", 1920, 1080, -1920, 0, main=True)
    assert (screen.facts, screen.marks, screen.source) == ("1920x1080 at -1920,0", ("main",), 1)
    assert CameraDevice(2, "Webcam", "/dev/video2").source == 2


def test_every_kind_has_its_flag() -> None:
    flags = {kind.plural: kind.flag for kind in Kind}
    assert flags == {
        "microphones": "--mic",
        "speakers": "--output-device",
        "cameras": "--camera",
        "screens": "--screen",
    }
