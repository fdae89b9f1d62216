"""Pictures: scaled and encoded for the server, and decoded again to show what it got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tui.core.video import Picture
from tui.media import opencv

if TYPE_CHECKING:
    import numpy as np

Image: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
"""Rows x columns x (blue, green, red), or with a fourth channel that says nothing."""

QUALITY = 80
REDUCTIONS = (8, 4, 2)
"""What a JPEG can be decoded at a fraction of, several times faster."""


def encoded(image: Image, side_px: int) -> Picture:
    """The image as JPEG, scaled to fit a square of that side; never made larger."""
    cv2 = opencv.library()
    height_px, width_px = image.shape[:2]
    scale = min(1.0, side_px / max(width_px, height_px))
    if scale < 1:
        size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if image.shape[2] == 4:
        image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    height_px, width_px = image.shape[:2]
    return Picture(jpeg.tobytes(), width_px, height_px)


def pixels(picture: Picture, width_px: int, height_px: int) -> bytes:
    """The picture at that size: three bytes (red, green, blue) a pixel, row after row.

    Empty where it cannot be decoded.
    """
    import numpy as np

    cv2 = opencv.library()
    fraction = min(picture.width_px // width_px, picture.height_px // height_px)
    by = next((by for by in REDUCTIONS if by <= fraction), 1)
    mode = getattr(cv2, f"IMREAD_REDUCED_COLOR_{by}") if by > 1 else cv2.IMREAD_COLOR
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), mode)
    if image is None:
        return b""
    small = cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA)
    rgb: Image = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
    return rgb.tobytes()
