"""What a session sees: pictures come in, facts about the last of them come out.

Pictures are not understood; what is told is computed from thumbnails.
"""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.core.picture_header import Header, header
from tui.emulator.perception import picture

if TYPE_CHECKING:
    import numpy as np

    from tui.emulator.perception.picture import Thumbnail

Decode = Callable[[bytes], "Thumbnail | None"]

BRIGHTNESS = ((0.12, "very dark"), (0.35, "dark"), (0.65, "neither dark nor bright"), (1, "bright"))
MOTION = ((0.01, "nothing moves"), (0.1, "little moves"), (0.4, "something moves"))
CHANGE = 24
"""A point has changed when its brightness differs by more than so many of 255."""
HUES = (
    *((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (195, "cyan")),
    *((255, "blue"), (290, "purple"), (345, "pink"), (360, "red")),
)
"""Names of hues, each up to so many degrees."""
COLOURS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture, as it is kept."""

    header: Header | None
    small: Thumbnail | None
    at: float


class Sight:
    """The eyes of one session and the last two pictures."""

    def __init__(self, decode: Decode = picture.thumbnail) -> None:
        self._decode = decode
        self._fresh = 0
        self._count = self._missed = 0
        self._seen: tuple[Seen, ...] = ()

    def see(self, data: bytes, now: float) -> None:
        """A picture of a stream."""
        self._fresh += 1
        self.look(data, now)

    def look(self, data: bytes, now: float) -> None:
        """A picture that is part of a turn."""
        self._count += 1
        seen = Seen(header(data), self._decode(data), now)
        self._seen = (*self._seen[-1:], seen)

    def miss(self) -> None:
        """A picture comes which, by turnCoverage, does not belong to any turn."""
        self._missed += 1

    def taken(self) -> int:
        """How many pictures of the stream came since this was asked last."""
        fresh, self._fresh = self._fresh, 0
        return fresh

    def told(self, now: float) -> str:
        """What was seen last, in words."""
        if not self._seen:
            return _nothing(self._missed)
        last = self._seen[-1]
        came = "One picture has" if self._count == 1 else f"{self._count} pictures have"
        facts = [f"{came} come, the last {_ago(now - last.at)}.", _kind(last.header)]
        if last.small is not None:
            facts += [f"{_brightness(last.small)} {_colours(last.small)}"]
            facts += self._motion()
        elif last.header:
            facts.append(_undecoded(last.header))
        return " ".join([*facts, "What it shows I do not know: I only measure."])

    def _motion(self) -> list[str]:
        smalls = [seen.small for seen in self._seen if seen.small is not None]
        if len(smalls) < 2:
            return []
        before, after = smalls
        share = float((abs(_luma(after) - _luma(before)) > CHANGE).mean())
        word = next((word for most, word in MOTION if share < most), "nearly everything moves")
        return [
            f"Since the picture before, {word}: {_percent(share)} percent of the points changed."
        ]


def _nothing(missed: int) -> str:
    if not missed:
        return "I have seen nothing yet: no picture has come."
    return (
        "I have seen nothing: pictures came only while nobody spoke, and by this session's "
        "turnCoverage those belong to no turn."
    )


def _ago(age_s: float) -> str:
    return f"{age_s:.1f} seconds ago" if age_s < 60 else f"{age_s / 60:.0f} minutes ago"


def _kind(header: Header | None) -> str:
    if header is None:
        return "It is in a format that I cannot read."
    return f"It is a {header.format} of {header.width_px} by {header.height_px} points."


def _undecoded(header: Header) -> str:
    if header.width_px * header.height_px > picture.MOST_PX:
        return "That is too large for me to look at."
    if not picture.decodes():
        return "More I cannot tell without OpenCV or Pillow."
    return "It is damaged: I could not decode it."


def _luma(small: Thumbnail) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The brightness of each point, 0 to 255 (ITU-R BT.601)."""
    import numpy as np

    return np.asarray(small @ np.array([0.299, 0.587, 0.114]))


def _brightness(small: Thumbnail) -> str:
    level = float(_luma(small).mean()) / 255
    word = next(word for most, word in BRIGHTNESS if level <= most)
    return f"It is {word}, at {_percent(level)} percent brightness,"


def _colours(small: Thumbnail) -> str:
    points = [tuple(point) for point in small.reshape(-1, 3).tolist()]
    shares = Counter(colour(*point) for point in points).most_common(COLOURS_TOLD)
    told = [
        f"{_percent(count / len(points))} percent {name}"
        for name, count in shares
        if count >= len(points) / 20
    ]
    return f"and {', '.join(told)}." if told else "and of many colours."


def colour(red: int, green: int, blue: int) -> str:
    """The name of a colour from its channels, 0 to 255."""
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < 0.15:
        return "black"
    if saturation < 0.18:
        return "white" if value > 0.85 else "light grey" if value > 0.6 else "grey"
    name = next(name for most, name in HUES if hue * 360 <= most)
    if name == "orange" and value < 0.65:
        return "brown"
    return f"dark {name}" if value < 0.5 else name


def _percent(share: float) -> int:
    return round(100 * share)
