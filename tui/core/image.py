"""How large a recorded picture is, from its first bytes."""

from __future__ import annotations

import struct

_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG's SOF markers (ITU-T T.81, table B.1)."""
_PNG = b"\x89PNG\r\n\x1a\n"


def size_px(data: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG or PNG; None of anything else."""
    if data.startswith(_PNG) and len(data) >= 24:
        width_px, height_px = struct.unpack_from(">II", data, 16)
        return _plausible(width_px, height_px)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Marker after marker, each with the length of what follows it."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _START_OF_FRAME:
            height_px, width_px = struct.unpack_from(">HH", data, at + 5)
            return _plausible(width_px, height_px)
        at += 1 if marker == 0xFF else 2 + max(2, length)
    return None


def _plausible(width_px: int, height_px: int) -> tuple[int, int] | None:
    return (width_px, height_px) if 0 < width_px < 1 << 16 and 0 < height_px < 1 << 16 else None
