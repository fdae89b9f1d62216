"""What the inspector is lent by rooms that a widget may not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tui.core.clip import Clip
from tui.core.frame import Frame
from tui.core.video import Picture
from tui.core.waveform import Waveform


class Audition(Protocol):
    """Lets a stretch of captured sound be heard."""

    def play(self, clip: Clip) -> None:
        """Play it, in place of what is played; blocks while a device is opened.

        Raises:
            ValueError: It cannot be; the message is a sentence.
        """
        ...

    def stop(self) -> None:
        """Be silent."""
        ...

    @property
    def heard_s(self) -> float | None:
        """How much of it was heard; None while nothing is played."""
        ...

    @property
    def problem(self) -> str:
        """Why nothing is heard, in a sentence; empty when something is, or could be."""
        ...


@dataclass(frozen=True, slots=True)
class Instruments:
    """The first three block, and are called off the screen's thread."""

    measure: Callable[[Clip], Waveform]
    """A sound's peaks and levels."""
    pixels: Callable[[Picture, int, int], bytes]
    """A picture at a width and a height: red, green and blue, row after row; empty if it cannot."""
    sdk: Callable[[Frame, bool], dict[str, Any]]
    """What google-genai makes of a message, or how it makes one; True is its Vertex dialect."""
    audition: Audition
