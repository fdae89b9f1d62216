"""Microphones, speakers, cameras and screens: what there is, and what a test of one has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tui.core.playback import SILENCE_DB

Source: TypeAlias = str | int | None
"""What a device is opened by: its name, number or path, or "off"; None is the default one."""


def shown(source: Source) -> str:
    """A source as it may be read by others: a URL without its password and query."""
    scheme, mark, rest = str(source).partition("://")
    if not mark:
        return scheme
    host, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


class Kind(StrEnum):
    """What a device is for."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    CAMERA = "camera"
    SCREEN = "screen"

    @property
    def plural(self) -> str:
        """For the head of a list."""
        return f"{self.value}s"

    @property
    def flag(self) -> str:
        """The workbench's flag that chooses one."""
        return _FLAGS[self]


_FLAGS = {
    Kind.MICROPHONE: "--mic",
    Kind.SPEAKER: "--output-device",
    Kind.CAMERA: "--camera",
    Kind.SCREEN: "--screen",
}


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its system lists it."""

    number: int
    name: str

    @property
    def source(self) -> Source:
        """What it is chosen by while the program runs."""
        return self.number

    @property
    def facts(self) -> str:
        """What is known of it, for one column of a table."""
        return ""

    @property
    def marks(self) -> tuple[str, ...]:
        """What sets it apart from the others, in words."""
        return ()


@dataclass(frozen=True, slots=True)
class SoundDevice(Device):
    """One direction of a device of PortAudio's; `number` is PortAudio's index."""

    host_api: str
    channels: int
    rate_hz: int
    """The rate that the device prefers."""
    default: bool = False
    monitor: bool = False
    """An input that hears what an output plays, as far as its name tells."""
    unique: bool = True
    """No other device of its direction and host API has its name."""

    @property
    def source(self) -> Source:
        """A name outlives a new reading of the list, which may number all devices anew."""
        return f"{self.name}, {self.host_api}" if self.unique else self.number

    @property
    def facts(self) -> str:
        """``ALSA, 2 channels, 44.1 kHz``."""
        plural = "s" * (self.channels != 1)
        return f"{self.host_api}, {self.channels} channel{plural}, {self.rate_hz / 1000:g} kHz"

    @property
    def marks(self) -> tuple[str, ...]:
        """The default one, and one that hears our own answers."""
        return ("default",) * self.default + ("hears what is played",) * self.monitor


@dataclass(frozen=True, slots=True)
class CameraDevice(Device):
    """A camera; `number` is OpenCV's index."""

    path: str = ""

    @property
    def facts(self) -> str:
        """Its path, where cameras have one."""
        return self.path


@dataclass(frozen=True, slots=True)
class ScreenDevice(Device):
    """A monitor, in pixels of the whole desktop; number 0 is all of them together."""

    width: int
    height: int
    left: int
    top: int
    main: bool = False

    @property
    def facts(self) -> str:
        """``1920x1080 at 0,0``."""
        return f"{self.width}x{self.height} at {self.left},{self.top}"

    @property
    def marks(self) -> tuple[str, ...]:
        """The main one."""
        return ("main",) * self.main


@dataclass(frozen=True, slots=True)
class Group:
    """All devices of a kind."""

    kind: Kind
    devices: tuple[Device, ...] = ()
    problem: str = ""
    """Why there are none, or none can be used, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A tiny picture: rows of RGB, three bytes a pixel."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test of a device has found so far; the last one of a test sums it up."""

    words: str
    problem: bool = False
    """The test has failed; the words say why and what to do."""
    sounds: bool = False
    """There is a level."""
    silent: bool = False
    """The microphone gave digital silence only: it is muted, or broken."""
    level_db: float = SILENCE_DB
    peak_db: float = SILENCE_DB
    picture: Thumbnail | None = None
