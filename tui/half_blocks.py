"""A picture's pixels as cells of a terminal: half blocks in colours, or shades without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

UPPER_HALF: Final = "▀"
SHADES: Final = " ░▒▓█"
"""From black to white, as on a dark terminal."""
_LUMA: Final = (77, 150, 29)
"""Of red, green and blue in 256 parts (ITU-R BT.601)."""
_COARSE: Final = bytes(byte & 0xF8 for byte in range(256))
"""Five bits of a channel are kept: neighbours are equal more often, and drawn as one."""


def fitted(size_px: tuple[int, int], room_px: tuple[int, int]) -> tuple[int, int]:
    """The largest size of that shape in a room, in whole cells of two square pixels."""
    scale = min(room_px[0] / size_px[0], room_px[1] / size_px[1])
    return max(1, int(size_px[0] * scale)), 2 * max(1, round(size_px[1] * scale / 2))


def half_blocks(rgb: bytes, width_px: int) -> Iterator[list[Segment]]:
    """Each line of cells, two pixels in each, the upper one as ink.

    Args:
        rgb: three bytes a pixel, an even number of rows.
        width_px: of a row.
    """
    row = 3 * width_px
    rgb = rgb.translate(_COARSE)
    for at in range(0, len(rgb), 2 * row):
        upper, lower = rgb[at : at + row], rgb[at + row : at + 2 * row]
        cells = [(upper[x : x + 3], lower[x : x + 3]) for x in range(0, row, 3)]
        yield [
            Segment(UPPER_HALF * sum(1 for _ in alike), _style(*cell))
            for cell, alike in groupby(cells)
        ]


def shades(rgb: bytes, width_px: int, style: Style) -> Iterator[list[Segment]]:
    """The same where no colours shall be: a cell is as bright as its two pixels."""
    red, green, blue = _LUMA
    luma = [
        (red * rgb[at] + green * rgb[at + 1] + blue * rgb[at + 2]) >> 8
        for at in range(0, len(rgb), 3)
    ]
    for at in range(0, len(luma), 2 * width_px):
        upper, lower = luma[at : at + width_px], luma[at + width_px : at + 2 * width_px]
        yield [Segment("".join(_shades(zip(upper, lower, strict=True))), style)]


def _shades(cells: Iterable[tuple[int, int]]) -> Iterator[str]:
    return (SHADES[(upper + lower) * len(SHADES) // 512] for upper, lower in cells)


@lru_cache(1 << 14)
def _style(upper: bytes, lower: bytes) -> Style:
    return Style.from_color(_colour(upper), _colour(lower))


@lru_cache(1 << 15)
def _colour(rgb: bytes) -> Color:
    """As `Color.from_rgb` makes it, without its detour over floats."""
    return Color(f"#{rgb.hex()}", ColorType.TRUECOLOR, triplet=ColorTriplet(*rgb))
