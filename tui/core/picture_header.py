"""What the first bytes of a picture tell, before anything is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass

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
