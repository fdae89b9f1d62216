"""How the server shall find out that a person speaks: `realtimeInputConfig` of the setup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SENSITIVITIES = ("high", "low")
COVERAGES: Final = {
    "activity": "TURN_INCLUDES_ONLY_ACTIVITY",
    "all": "TURN_INCLUDES_ALL_INPUT",
    "activity-and-video": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
}
"""The input that belongs to a turn, and the protocol's words for it."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What is empty or None is left to the model."""

    manual: bool = False
    """The server shall not find out: `activityStart` and `activityEnd` tell."""
    start_sensitivity: str = ""
    end_sensitivity: str = ""
    """One of `SENSITIVITIES`."""
    prefix_ms: int | None = None
    """So much speech must come before it counts as a beginning."""
    silence_ms: int | None = None
    """So much silence must come before it counts as an end."""
    interrupts: bool = True
    """Speech interrupts the model."""
    coverage: str = ""
    """One of `COVERAGES`."""


LEFT_TO_THE_MODEL: Final = Detection()
