"""Tests of a device through the device itself: a level, a tone, a picture. Each ends by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui.core.capture import NO_SIGNAL_S
from tui.core.devices import Finding, Kind, Source, Thumbnail, shown
from tui.core.playback import SILENCE_DB
from tui.media import catalogue, opencv
from tui.media.deadline import Late, timely
from tui.media.device import DeviceError
from tui.media.input import Input
from tui.media.level import levels_db
from tui.media.output import Output
from tui.media.portaudio import MissingDevice, MissingLibrary
from tui.media.ring import Ring, Samples, Track

LISTEN_S = 10.0
TICK_S = 1 / 15
"""How often a test tells what it has found."""

PATIENCE_S = 5.0
"""A device that does not answer for so long has failed: Bluetooth and USB take a while to wake."""

NOTES_HZ = (659.3, 880.0)
NOTE_S = 0.25
FADE_S = 0.03
LOUDNESS = 0.1
"""Two soft notes, a fourth apart (E5, A5), peaks at -20 dBFS."""

WARM_UP_FRAMES = 5
"""The first pictures of a camera are dark until it has adjusted itself."""

THUMBNAIL = (32, 18)
BLACK = 4.0
"""A picture with a mean below this, of 255, shows nothing."""

Picture = NDArray[np.uint8]
"""Height x width x RGB."""


class Refused(Exception):
    """The device cannot be tested; the message is a sentence that says why and what to do."""


def run(kind: Kind, source: Source, listen_s: float = LISTEN_S) -> Generator[Finding]:
    """Test a device; the last finding sums it up. Never raises for a device.

    The device is used on a thread of its own, and let go when the test ends or is closed.

    Args:
        kind: what the device is for.
        source: a name, part of one, or a number; for a camera also whatever OpenCV can open.
        listen_s: how long a microphone is listened to.
    """
    tests = {
        Kind.MICROPHONE: lambda: _levels(source, listen_s),
        Kind.SPEAKER: lambda: _tone(source),
        Kind.CAMERA: lambda: _camera(source),
        Kind.SCREEN: lambda: _screen(source),
    }
    try:
        with closing(timely(tests[kind](), PATIENCE_S)) as findings:
            yield from findings
    except Refused as refused:
        yield Finding(str(refused), problem=True)
    except Late as late:
        yield Finding(f"{_the(kind, source)} gives {late}.", problem=True)
    except Exception as error:
        yield Finding(f"{_the(kind, source)} cannot be tested: {error}.", problem=True)


def _the(kind: Kind, source: Source) -> str:
    return f"The default {kind}" if source is None else f"The {kind} {shown(source)!r}"


# ---- sound


def _levels(source: Source, listen_s: float) -> Iterator[Finding]:
    heard: SimpleQueue[Samples | None] = SimpleQueue()
    device = Input(source, lambda _, samples, *times: heard.put(samples), lambda _: heard.put(None))
    try:
        device.open()
    except DeviceError as error:
        raise Refused(refusal(Kind.MICROPHONE, source, device.name, error)) from error
    try:
        yield from _heard(device.name, heard, listen_s)
    finally:
        device.close()


def _heard(name: str, heard: SimpleQueue[Samples | None], listen_s: float) -> Iterator[Finding]:
    loudest_db, now_s = SILENCE_DB, time.monotonic()
    end_s, sound_s = now_s + listen_s, now_s
    while now_s < end_s:
        block = _block(name, heard)
        now_s = time.monotonic()
        level_db, peak_db = levels_db(block)
        loudest_db = max(loudest_db, peak_db)
        if int(block.max()) - int(block.min()) > 1:
            sound_s = now_s
        silent = now_s - sound_s >= NO_SIGNAL_S
        words = f"no signal from {name}" if silent else f"{name}: {level_db:.0f} dBFS"
        yield Finding(words, sounds=True, silent=silent, level_db=level_db, peak_db=peak_db)
    if loudest_db > SILENCE_DB:
        yield Finding(
            f"{name} works: its loudest sample was {loudest_db:.0f} dBFS.", peak_db=loudest_db
        )
    else:
        yield Finding(f"{name} opens but gives no signal (digital silence).", silent=True)


def _block(name: str, heard: SimpleQueue[Samples | None]) -> Samples:
    """What has been heard since the last one."""
    time.sleep(TICK_S)
    pieces: list[Samples] = []
    while not pieces or not heard.empty():
        try:
            piece = heard.get(timeout=PATIENCE_S - 1)
        except Empty:
            raise Refused(f"{name} opens but does not speak: connect it again.") from None
        if piece is None:
            raise Refused(f"{name} has gone: connect it again.")
        pieces.append(piece)
    return np.concatenate(pieces)


def _tone(source: Source) -> Iterator[Finding]:
    ring, track, gone = Ring(), Track(1), threading.Event()
    output = Output(source, ring, ended=gone.set)
    try:
        output.open()
        track.write(notes(ring.rate_hz))
        track.complete = True
        ring.lane.append(track)
        output.start()
    except DeviceError as error:
        output.close()
        raise Refused(refusal(Kind.SPEAKER, source, output.name, error)) from error
    try:
        while ring.waiting() or ring.sounding(time.perf_counter()):
            if gone.is_set() or output.is_stalled(time.perf_counter()):
                raise Refused(f"{output.name} has stopped playing: connect it again.")
            level_db, peak_db = levels_db(ring.block)
            words = f"playing two notes on {output.name}"
            yield Finding(words, sounds=True, level_db=level_db, peak_db=peak_db)
            time.sleep(TICK_S)
    finally:
        output.close()
    yield Finding(
        f"{output.name} has played two notes ({ring.rate_hz / 1000:g} kHz). If you have not heard "
        "them, turn it up or choose another one."
    )


def notes(rate_hz: int) -> Samples:
    """The test tone: two notes that fade in and out."""
    time_s = np.arange(round(NOTE_S * rate_hz)) / rate_hz
    edge_s = np.minimum(time_s, NOTE_S - time_s)
    envelope = np.sin(np.pi / 2 * np.clip(edge_s / FADE_S, 0, 1)) ** 2
    waves = [np.sin(2 * np.pi * hz * time_s) * envelope for hz in NOTES_HZ]
    return (np.concatenate(waves) * LOUDNESS * 32767).astype(np.int16)


def refusal(kind: Kind, source: Source, name: str, error: DeviceError) -> str:
    """Why a device did not open. The error's own sentence says what the session does next."""
    cause = error.__cause__
    if isinstance(cause, MissingLibrary):
        return f"No {kind} can be tested: {cause}"
    if isinstance(cause, MissingDevice):
        known = str(cause)
        if source is None or not known:
            return f"No {kind} was found. Connect one, or start your sound server."
        return f"{source!r} does not name one {kind}. There are: {known}."
    reason = f" ({cause})" if cause else ""
    return f"{name} could not be opened{reason}: another program may hold it, or this session."


# ---- pictures


def _camera(source: Source) -> Iterator[Finding]:
    try:
        cv2 = opencv.library()
    except ImportError as error:
        raise Refused(catalogue.NO_OPENCV) from error
    camera = cv2.VideoCapture()
    try:
        yield _seen(f"Camera {shown(source)}", _photographed(cv2, camera, source))
    finally:
        camera.release()


def _photographed(cv2: Any, camera: Any, source: Source) -> Picture:
    place = str(0 if source is None else source)
    if "://" in place:
        limit_ms = round(PATIENCE_S * 1000) - 1000
        limits = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
        camera.open(place, cv2.CAP_FFMPEG, [limits[0], limit_ms, limits[1], limit_ms])
    else:
        camera.open(int(place) if place.isdecimal() else place)
    if not camera.isOpened():
        raise Refused(
            f"Camera {shown(source)!r} could not be opened: it is not there, another program holds "
            "it, or you lack the right to use it."
        )
    latest = None
    for _ in range(WARM_UP_FRAMES):
        read, picture = camera.read()
        if not read:
            break
        latest = picture
    if latest is None:
        raise Refused(f"Camera {shown(source)!r} opens but gives no picture: connect it again.")
    photographed: Picture = cv2.cvtColor(latest, cv2.COLOR_BGR2RGB)
    return photographed


def _screen(source: Source) -> Iterator[Finding]:
    text = str(1 if source is None else source)
    if not text.isdecimal():
        raise Refused(f"{text!r} is no screen: use its number.")
    number = int(text)
    try:
        import mss
    except ImportError as error:
        raise Refused(catalogue.NO_MSS) from error
    try:
        with mss.MSS() as display:
            areas = display.monitors
            if not 0 <= number < len(areas):
                raise Refused(f"There is no screen {number}: use 0 to {len(areas) - 1}.")
            shot = np.asarray(display.grab(areas[number]))
    except mss.ScreenShotError as error:
        raise Refused(catalogue.no_display(error)) from error
    yield _seen(f"Screen {number}", shot[:, :, 2::-1])


def _seen(name: str, picture: Picture) -> Finding:
    height, width = picture.shape[:2]
    mean = float(picture.mean())
    words = f"{name} gives {width}x{height} pixels, {mean / 2.55:.0f} % bright"
    black = ", which is black: is something before it, or may bidiscope not see it?"
    return Finding(words + (black if mean < BLACK else "."), picture=thumbnail(picture))


def thumbnail(picture: Picture) -> Thumbnail:
    """The means of square blocks, so many that the picture fits into `THUMBNAIL`."""
    height, width = picture.shape[:2]
    side = max(1, -(-width // THUMBNAIL[0]), -(-height // THUMBNAIL[1]))
    across, down = max(1, width // side), max(1, height // side)
    side_x, side_y = min(side, width), min(side, height)
    blocks = picture[: down * side_y, : across * side_x].reshape(down, side_y, across, side_x, 3)
    return Thumbnail(across, down, blocks.mean(axis=(1, 3)).astype(np.uint8).tobytes())
