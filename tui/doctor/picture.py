"""OpenCV, the first camera, and a display to capture."""

from __future__ import annotations

from contextlib import closing

import numpy as np

from tui.core.devices import Kind
from tui.doctor.answer import Answer, fail, ok, warn
from tui.media import catalogue, opencv, trial


def backend() -> Answer:
    """OpenCV makes a JPEG."""
    try:
        cv2 = opencv.library()
    except ImportError as error:
        return fail(
            f"OpenCV cannot be loaded ({error}): no camera, no pictures",
            "reinstall bidiscope; opencv-python-headless has wheels for glibc Linux, macOS "
            "(arm64, or x86_64 from 14) and Windows x64",
        )
    made, jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 128, np.uint8))
    if not made or not jpeg.tobytes().startswith(b"\xff\xd8"):
        return fail("OpenCV makes no JPEG", "reinstall bidiscope")
    return ok(f"OpenCV {cv2.__version__} makes JPEGs")


def camera() -> Answer:
    """The first camera, if any, gives a picture."""
    group = catalogue.cameras()
    if not group.devices:
        return ok("none is connected; a film, a picture or a stream can stand in (--camera)")
    first = group.devices[0]
    with closing(trial.run(Kind.CAMERA, first.source)) as findings:
        *_, last = findings
    if last.problem:
        return fail(
            f"{first.name}: {last.words}",
            "end the program that holds it; on Linux: sudo usermod -aG video $USER, then log in "
            "anew; elsewhere allow the terminal to use the camera",
        )
    return ok(f"{first.name}: {last.words}")


def screen() -> Answer:
    """There is a display that gives a picture."""
    group = catalogue.screens()
    if group.problem:
        words, _, fix = group.problem.partition(". ")
        return warn(words, fix)
    with closing(trial.run(Kind.SCREEN, 1)) as findings:
        *_, last = findings
    if last.problem:
        return fail(last.words, "let bidiscope record the screen in your system's settings")
    return ok(last.words)
