"""How loud PCM is, without numpy: good enough to tell sound from none."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from typing import Any

from tui.core import media

SILENT_PEAK = 104
"""-50 dBFS: below it nobody hears a voice."""

STEP = 16
"""Every so manieth sample is looked at: at 24 kHz still 1,500 a second."""


def peak(blob: Mapping[str, Any]) -> int:
    """The highest of the samples looked at, 0..32768.

    Raises ValueError where the Blob holds no base64.
    """
    pcm = media.data_bytes(blob)
    samples = array("h", pcm[: len(pcm) & ~1])[::STEP]
    if sys.byteorder == "big":
        samples.byteswap()
    return max(max(samples), -min(samples)) if samples else 0


def is_whole(blob: Mapping[str, Any]) -> bool:
    """Whether the Blob's base64 is as long as base64 can be."""
    data = blob.get("data")
    if isinstance(data, media.Elided):
        return (data.chars - data.padding) % 4 != 1
    return not isinstance(data, str) or len(data.rstrip("=")) % 4 != 1


def is_zero(blob: Mapping[str, Any]) -> bool:
    """Whether all samples are zero, as of a microphone that is muted or gives nothing."""
    data = blob.get("data")
    return isinstance(data, str) and not data.strip("A=")
