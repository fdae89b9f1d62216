from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.films import RED, jpeg
from tui.core.image import size_px


def test_a_jpeg_tells_its_size() -> None:
    shot = jpeg(RED)
    assert size_px(shot) == (320, 180), "as tests.media.films draws it"
    assert size_px(shot[:20]) is None


def test_a_png_tells_its_size() -> None:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
    assert size_px(header) == (640, 480)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"GIF89a", b"\xff\xd8\xff\xe0\x00\x00" * 9])
def test_anything_else_has_none(data: bytes) -> None:
    assert size_px(data) is None


@given(st.binary(max_size=200))
def test_rubbish_is_read_to_its_end(data: bytes) -> None:
    size_px(b"\xff\xd8" + data)
