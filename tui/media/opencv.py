"""OpenCV, silent and bounded: no word of it on the terminal, no picture that fills the memory."""

from __future__ import annotations

import os
from typing import Any

MOST_PX = 50_000_000
"""No larger picture is decoded; a JPEG is when an eighth of it is smaller."""

SETTINGS = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MOST_PX),
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",
}
"""Read when the library is loaded; the last is how many seconds a camera of Linux may hang."""


def library() -> Any:
    """The module cv2, 0.3 s the first time.

    Raises:
        ImportError: It is not installed, or its native part is missing.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    import cv2

    return cv2
