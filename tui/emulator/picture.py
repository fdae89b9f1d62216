"""One picture: its format and size from its header, and a thumbnail where one can be made."""

from __future__ import annotations

import importlib.util
import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Thumbnail = np.ndarray[Any, np.dtype[np.uint8]]

SIDE_PX = 64
"""Thumbnails are square, whatever the picture is."""
MOST_PX = 25_000_000
"""No larger picture is decoded."""

_FRAME_HEADERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG markers that are followed by the size (ITU T.81, table B.1)."""
_LONE = {0x01, *range(0xD0, 0xD9)}
"""JPEG markers without a segment."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a picture tell."""

    format: str
    width_px: int
    height_px: int


def decodes() -> bool:
    """Whether thumbnails can be made here."""
    return any(map(importlib.util.find_spec, ("cv2", "PIL")))


def header(data: bytes) -> Header | None:
    """Format and size of a JPEG, PNG or GIF picture; None for anything else."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return Header("PNG", *struct.unpack(">II", data[16:24]))
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        return Header("GIF", *struct.unpack("<HH", data[6:10]))
    return None


def _jpeg(data: bytes) -> Header | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAME_HEADERS:
            height_px, width_px = struct.unpack(">HH", data[at + 5 : at + 9])
            return Header("JPEG", width_px, height_px)
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _LONE:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


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
