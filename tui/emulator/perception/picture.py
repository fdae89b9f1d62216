"""A thumbnail of a picture, where one can be made."""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING, Any

from tui.core.picture_header import header

if TYPE_CHECKING:
    import numpy as np

    Thumbnail = np.ndarray[Any, np.dtype[np.uint8]]

SIDE_PX = 64
"""Thumbnails are square, whatever the picture is."""
MOST_PX = 25_000_000
"""No larger picture is decoded."""


def decodes() -> bool:
    """Whether thumbnails can be made here."""
    return any(map(importlib.util.find_spec, ("cv2", "PIL")))


def thumbnail(data: bytes) -> Thumbnail | None:
    """The picture in `SIDE_PX` x `SIDE_PX` x RGB; None where it cannot be decoded, or not here."""
    size = header(data)
    if size is None or size.width_px * size.height_px > MOST_PX:
        return None
    for decode in (_by_opencv, _by_pillow):
        try:
            return decode(data)
        except ImportError:
            continue
    return None


def _by_opencv(data: bytes) -> Thumbnail | None:
    import cv2
    import numpy as np

    # An eighth of a large JPEG is decoded several times faster than all of it.
    size = header(data)
    large = size is not None and min(size.width_px, size.height_px) >= 8 * SIDE_PX
    mode = cv2.IMREAD_REDUCED_COLOR_8 if large else cv2.IMREAD_COLOR
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    if picture is None:
        return None
    small = cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small[:, :, ::-1], np.uint8)


def _by_pillow(data: bytes) -> Thumbnail | None:
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (SIDE_PX, SIDE_PX))
            small = picture.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for corrupt pictures
        return None
    return np.asarray(small, np.uint8)
