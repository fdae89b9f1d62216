"""What the clock and the devices say at one moment: latest values, beside the journal's facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.core.capture import Capture
from tui.core.playback import Playback
from tui.core.video import Video


@dataclass(frozen=True, slots=True)
class Instant:
    """One picture's worth of what no record tells."""

    now_s: float = 0.0
    """Of the journal's clock."""
    playback: Playback = field(default_factory=Playback)
    capture: Capture = field(default_factory=Capture)
    video: Video = field(default_factory=Video)
