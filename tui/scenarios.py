"""Scenarios for the emulator: recordings, scripts, and scripts that come with bidiscope."""

from __future__ import annotations

from pathlib import Path

from tui.emulator.scenario.recorded import Recorded
from tui.emulator.scenario.repetition import Repetitions
from tui.emulator.scenario.scenario import Scenario
from tui.importers.opening import open_log


def scenario(name: str, speed: float) -> Scenario:
    """The scenario in a file, or the one of that name that comes along.

    ``speed`` divides the gaps of a recording; 0 leaves none. It stays open for as long as it is
    served.

    Raises:
        ScenarioError: There is none, or it cannot be played.
        JournalError: The recording cannot be read.
    """
    return Repetitions(Recorded(open_log(Path(name)), Path(name).name), speed)
