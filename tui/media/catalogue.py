"""What sound devices, cameras and screens this machine has. Nothing is opened for longer."""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tui.core.devices import CameraDevice, Device, Group, Kind, ScreenDevice, SoundDevice
from tui.media import opencv, portaudio
from tui.media.deadline import Late, within

PATIENCE_S = 5.0
"""A driver that has not listed its devices by then is left alone."""

PROBED_CAMERAS = 4
"""Where no list of cameras is to be had, so many numbers are tried."""

NO_DISPLAY = "No screen can be captured: there is no display here"
NO_OPENCV = (
    "No camera can be opened: OpenCV has no wheel for this machine. "
    "Text, sound and screen work without it."
)

NO_MSS = "No screen can be captured: mss is missing. Install it: pip install mss."

_ASK = "import json, sounddevice as s; print(json.dumps([d['name'] for d in s.query_devices()]))"
"""For another process: to read the list anew would interrupt all streams of this one."""

_MONITOR = re.compile(
    r"monitor|loopback|stereo mix|what u hear|wave out mix|blackhole|soundflower", re.IGNORECASE
)
"""How PulseAudio, PipeWire, Windows and the usual drivers of macOS name what hears an output."""

_V4L2_QUERYCAP = 0x80685600
_V4L2_CAPABILITY = struct.Struct("16s32s32sIII12x")
_V4L2_CAP_VIDEO_CAPTURE = 0x00001001
"""Single- and multi-planar (linux/videodev2.h)."""


def read() -> tuple[Group, ...]:
    """All groups as they are now. Never raises: a group says in words why it is empty.

    When another process sees other sound devices than PortAudio here, running streams are
    interrupted for its list to be read again.
    """
    readers: dict[Kind, Callable[[], Group]] = {
        Kind.MICROPHONE: lambda: sound(Kind.MICROPHONE),
        Kind.SPEAKER: lambda: sound(Kind.SPEAKER),
        Kind.CAMERA: cameras,
        Kind.SCREEN: screens,
    }
    with contextlib.suppress(Late, OSError, ValueError, subprocess.SubprocessError):
        within(PATIENCE_S, _renew)
    return tuple(_bounded(kind, reader) for kind, reader in readers.items())


def _renew() -> None:
    """Have PortAudio read its list again, if it has one and there is news."""
    if "sounddevice" not in sys.modules:
        return
    fresh = _asked() if portaudio.OPEN else None
    with portaudio.LOCK:
        known = [each["name"] for each in portaudio.library().query_devices()]
        if fresh != known:
            portaudio.relist()


def _asked() -> list[str]:
    quiet = subprocess.DEVNULL
    asked = subprocess.run(
        [sys.executable, "-c", _ASK],
        stdin=quiet,
        stdout=subprocess.PIPE,
        stderr=quiet,
        timeout=PATIENCE_S,
        check=True,
    )
    names: list[str] = json.loads(asked.stdout)
    return names


def _bounded(kind: Kind, reader: Callable[[], Group]) -> Group:
    try:
        return within(PATIENCE_S, reader)
    except Late as late:
        return Group(
            kind, problem=f"The {kind.plural} cannot be listed: {late}. Is their driver hung?"
        )
    except Exception as error:
        return Group(kind, problem=f"The {kind.plural} cannot be listed: {error}.")


def sound(kind: Kind) -> Group:
    """PortAudio's inputs or outputs."""
    with portaudio.LOCK:
        try:
            found = tuple(_sound(portaudio.library(), kind))
        except portaudio.MissingLibrary as error:
            return Group(kind, problem=f"No {kind} can be used: {error}")
    if not found:
        return Group(
            kind,
            problem=f"No {kind} was found. Connect one, or start your sound server. "
            f"{portaudio.WITHOUT}",
        )
    return Group(kind, found)


def _sound(sounddevice: Any, kind: Kind) -> Iterator[Device]:
    listens = kind is Kind.MICROPHONE
    able = "max_input_channels" if listens else "max_output_channels"
    apis = [api["name"] for api in sounddevice.query_hostapis()]
    devices = [each for each in sounddevice.query_devices() if each[able]]
    names = Counter((each["name"], each["hostapi"]) for each in devices)
    default = sounddevice.default.device[0 if listens else 1]
    for each in devices:
        yield SoundDevice(
            number=each["index"],
            name=each["name"],
            host_api=apis[each["hostapi"]],
            channels=each[able],
            rate_hz=round(each["default_samplerate"]),
            default=each["index"] == default,
            monitor=listens and bool(_MONITOR.search(each["name"])),
            unique=names[each["name"], each["hostapi"]] == 1,
        )


def cameras(listed: Path = Path("/sys/class/video4linux")) -> Group:
    """Cameras by the kernel's list on Linux, elsewhere those that answer to the first numbers."""
    linux = sys.platform == "linux"
    if not linux and find_spec("cv2") is None:
        return Group(Kind.CAMERA, problem=NO_OPENCV)
    found = tuple(_video4linux(listed) if linux else _probed())
    if find_spec("cv2") is None:
        return Group(Kind.CAMERA, found, NO_OPENCV)
    if not found:
        return Group(
            Kind.CAMERA,
            problem="No camera was found. Connect one, or show a film, a picture or a stream "
            "in its place: --camera FILE or URL.",
        )
    return Group(Kind.CAMERA, found)


def _video4linux(listed: Path) -> Iterator[Device]:
    numbers = (int(path.name[5:]) for path in listed.glob("video*") if path.name[5:].isdecimal())
    for number in sorted(numbers):
        path = Path(f"/dev/video{number}")
        if _captures(path):
            try:
                name = (listed / path.name / "name").read_text(errors="replace").strip()
            except OSError:
                name = path.name
            yield CameraDevice(number, name, str(path))


def _captures(path: Path) -> bool:
    """Whether a node gives pictures; a camera has others, too. One that refuses may be it."""
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        answer = fcntl.ioctl(handle, _V4L2_QUERYCAP, bytes(_V4L2_CAPABILITY.size))
    except OSError:
        return True
    finally:
        os.close(handle)
    return bool(_V4L2_CAPABILITY.unpack(answer)[-1] & _V4L2_CAP_VIDEO_CAPTURE)


def _probed() -> Iterator[Device]:
    cv2 = opencv.library()
    for number in range(PROBED_CAMERAS):
        camera = cv2.VideoCapture(number)
        try:
            if camera.isOpened():
                yield CameraDevice(number, f"Camera {number}")
        finally:
            camera.release()


def screens() -> Group:
    """The monitors of the display, and all together where there are several."""
    try:
        import mss

        with mss.MSS() as display:
            whole, *single = display.monitors
    except ImportError:
        return Group(Kind.SCREEN, problem=NO_MSS)
    except Exception as error:  # each platform has its own
        return Group(Kind.SCREEN, problem=no_display(error))
    numbered = [(0, whole)] if len(single) != 1 else []
    numbered += enumerate(single, 1)
    return Group(Kind.SCREEN, tuple(_screen(number, each) for number, each in numbered))


def no_display(error: Exception) -> str:
    """Why the screen cannot be captured, in a sentence."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        wayland = (
            "only Wayland, and XWayland is needed" if os.environ.get("WAYLAND_DISPLAY") else ""
        )
        return f"{NO_DISPLAY} ({wayland or 'DISPLAY is not set'}). Start bidiscope on a desktop."
    reason = str(error).partition("(")[0].strip().rstrip(".")
    return f"{NO_DISPLAY} ({reason}). Start bidiscope on a desktop, and let it record the screen."


def _screen(number: int, area: dict[str, Any]) -> ScreenDevice:
    name = area.get("name") or area.get("output") or f"Screen {number}"
    size, offset = (area["width"], area["height"]), (area["left"], area["top"])
    main = bool(area.get("is_primary"))
    return ScreenDevice(number, str(name) if number else "All screens", *size, *offset, main)
