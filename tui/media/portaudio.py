"""PortAudio: the library, its lock, and its devices by name or number."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import Any, Literal, Protocol, TypeAlias

Kind: TypeAlias = Literal["input", "output"]

WITHOUT = "Text, camera and screen work without it."

NO_PORTAUDIO = (
    "the PortAudio library is missing. On Debian or Ubuntu: "
    "sudo apt install libportaudio2 (elsewhere: your system's portaudio package). "
    f"Then start bidiscope again. {WITHOUT}"
)

LOCK = threading.Lock()
"""Held to find, open, start, stop and close devices, and to read their list again."""

ASK_AGAIN_S = 2.0
ASK_TIMEOUT_S = 5.0
"""How often another process is asked whether a missing device has come, and for how long."""

PLAUSIBLE_S = 1.0
"""No device holds more sound; drivers that tell such times tell nonsense."""

_ASK = "import json, sounddevice, sys; sounddevice.query_devices(*json.loads(sys.argv[1]))"


class Stream(Protocol):
    """What has a stream of PortAudio's."""

    def drop(self) -> None:
        """Close it; `LOCK` is held."""
        ...

    def lose(self) -> None:
        """It was closed for the list's sake: open it again."""
        ...


OPEN: set[Stream] = set()
"""All that have a stream; changed with `LOCK` held."""


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


def device(name: str | int | None, kind: Kind) -> dict[str, Any]:
    """PortAudio's description of one device.

    Args:
        name: number, name or part of a name; None is the default device.
        kind: what it shall do.

    Raises:
        MissingLibrary: PortAudio is not installed.
        MissingDevice: there is no such device.
    """
    sounddevice = library()
    try:
        found: dict[str, Any] = sounddevice.query_devices(_number(name), kind)
    except (sounddevice.PortAudioError, ValueError) as error:
        able = f"max_{kind}_channels"
        every = sounddevice.query_devices()
        raise MissingDevice([f"{d['index']} {d['name']!r}" for d in every if d[able]]) from error
    return found


def relist() -> None:
    """Read the list of devices again; `LOCK` is held.

    PortAudio reads it once, and again only after a restart, which no stream survives: all are
    closed before, and told to open again.
    """
    sounddevice = library()
    streams = [*OPEN]
    OPEN.clear()
    for stream in streams:
        stream.drop()
    sounddevice._terminate()
    sounddevice._initialize()
    for stream in streams:
        stream.lose()


class StreamClock:
    """Tells when sound passes the devices, in terms of `time.perf_counter()`.

    A callback may be late by a dozen milliseconds and Python's by more, but PortAudio asks the
    device how much it holds: its times are exact to some hundredths of a millisecond (measured on
    PulseAudio). They are of a clock of its own, which stands still against ours.
    """

    def __init__(self) -> None:
        self._offset_s = float("inf")
        """Ours less PortAudio's, by the callback that was least late."""

    def perf_counter_s(self, current_s: float, sound_s: float, held_s: float) -> float:
        """When the first sample of a block is in the air.

        Args:
            current_s: `currentTime` of the callback that calls this.
            sound_s: its `inputBufferAdcTime` or `outputBufferDacTime`.
            held_s: so long after this call it is, where the device does not tell.
        """
        now_s = time.perf_counter()
        self._offset_s = min(self._offset_s, now_s - current_s)
        told = sound_s > 0 and abs(sound_s - current_s) < PLAUSIBLE_S
        return sound_s + self._offset_s if told else now_s + held_s


CLOCK = StreamClock()


class Lookout:
    """Tells whether a device has come since PortAudio read its list.

    Another process is asked, since reading it here would interrupt all streams.
    """

    def __init__(self) -> None:
        self._asked_s = float("-inf")

    def sees(self, name: str | int | None, kind: Kind) -> bool:
        """Whether the device is there now; takes a tenth of a second, every other second."""
        now_s = time.perf_counter()
        if now_s - self._asked_s < ASK_AGAIN_S:
            return False
        self._asked_s = now_s
        command = [sys.executable, "-c", _ASK, json.dumps([_number(name), kind])]
        try:
            quiet = subprocess.DEVNULL
            asked = subprocess.run(
                command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=ASK_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return asked.returncode == 0


def _number(name: str | int | None) -> str | int | None:
    return int(name) if isinstance(name, str) and name.isdigit() else name
