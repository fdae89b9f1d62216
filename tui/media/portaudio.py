"""PortAudio: the library, its lock, and its devices by name or number."""

from __future__ import annotations

import threading
from typing import Any, Literal

WITHOUT = "Text, camera and screen work without it."

NO_PORTAUDIO = (
    "the PortAudio library is missing. On Debian or Ubuntu: "
    "sudo apt install libportaudio2 (elsewhere: your system's portaudio package). "
    f"Then start bidiscope again. {WITHOUT}"
)

LOCK = threading.Lock()
"""Held to find, open and close devices: PortAudio's list of open streams is not guarded."""


class MissingLibrary(Exception):
    """PortAudio cannot be loaded; the message is the rest of a sentence that says what to do."""


class MissingDevice(Exception):
    """No device, or more than one, has the name; the message lists those that there are."""

    def __init__(self, known: list[str]) -> None:
        super().__init__(", ".join(known))


def library() -> Any:
    """The `sounddevice` module.

    Raises:
        MissingLibrary: PortAudio is not installed.
    """
    try:
        import sounddevice
    except OSError as error:  # not ImportError: the module is there, its library is not
        raise MissingLibrary(NO_PORTAUDIO) from error
    return sounddevice


def device(name: str | int | None, kind: Literal["input", "output"]) -> dict[str, Any]:
    """PortAudio's description of one device.

    Args:
        name: number, name or part of a name; None is the default device.
        kind: what it shall do.

    Raises:
        MissingLibrary: PortAudio is not installed.
        MissingDevice: there is no such device.
    """
    sounddevice = library()
    number = int(name) if isinstance(name, str) and name.isdigit() else name
    try:
        found: dict[str, Any] = sounddevice.query_devices(number, kind)
    except (sounddevice.PortAudioError, ValueError) as error:
        able = f"max_{kind}_channels"
        every = sounddevice.query_devices()
        raise MissingDevice([f"{d['index']} {d['name']!r}" for d in every if d[able]]) from error
    return found
