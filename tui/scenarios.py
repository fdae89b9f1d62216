"""Scenarios for the emulator: recordings, scripts, and scripts that come with bidiscope."""

from __future__ import annotations

from pathlib import Path

from tui.core.text import safe
from tui.emulator.scenario import file
from tui.emulator.scenario.actor import Scripts
from tui.emulator.scenario.recorded import Recorded
from tui.emulator.scenario.repetition import Repetitions
from tui.emulator.scenario.scenario import Scenario, ScenarioError
from tui.emulator.session.scene import Brain
from tui.importers.opening import open_log


def scenario(name: str, speed: float, otherwise: Brain) -> Scenario:
    """The scenario in a file, which is a script when it ends in .toml, or the example ``name``.

    ``speed`` divides the gaps of a recording; 0 leaves none. ``otherwise`` answers what a script
    leaves open. `Scenario.close` lets a recording go.

    Raises:
        ScenarioError: There is none, or it cannot be played.
        JournalError: The recording cannot be read.
    """
    path = Path(name)
    if path.suffix == ".toml":
        return Scripts(file.load(path), otherwise)
    if path.exists():
        return _repetitions(path, speed)
    if name in file.examples():
        return Scripts(file.load(file.examples()[name]), otherwise)
    examples = ", ".join(file.examples())
    raise ScenarioError(
        f"There is no {safe(name)}: name a .toml file, a recording, or one of {examples}."
    )


def _repetitions(path: Path, speed: float) -> Scenario:
    log = open_log(path)
    try:
        return Repetitions(Recorded(log, path.name), speed)
    except ScenarioError:
        log.close()
        raise
