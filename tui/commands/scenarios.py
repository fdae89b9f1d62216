"""The flags of `bidiscope emulate` that say what its sessions follow."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.emulator.scenario.scenario import Scenario


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A scenario, and how it is played."""
    group = parser.add_argument_group("scenarios", "What sessions follow; README has the format.")
    what = "a script (.toml), a recording to repeat, or an example: weather, order, trouble"
    group.add_argument("--scenario", default="", metavar="FILE", help=what)
    gaps = "a recording's gaps are so many times shorter; max leaves none"
    group.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=gaps)
    once = "end after the first session; exit status 1 when the scenario was not followed"
    group.add_argument("--once", action="store_true", help=once)
    check = "only say whether the scenario can be played"
    group.add_argument("--check", action="store_true", help=check)


def scenario(flags: argparse.Namespace) -> Scenario | None:
    """What the flags name.

    Raises:
        ScenarioError: It cannot be played.
        JournalError: The recording cannot be read.
    """
    if not flags.scenario:
        return None
    from tui import scenarios
    from tui.emulator import brain

    return scenarios.scenario(flags.scenario, flags.speed, brain.answer)


def check(parser: argparse.ArgumentParser, scenario: Scenario | None) -> int:
    """Say what it is that can be played."""
    if scenario is None:
        parser.error("--check needs a --scenario")
    for note in scenario.notes():
        print(note)
    scenario.close()
    return Outcome.OK


def _speed(text: str) -> float:
    """How many times faster; 0 waits for nothing."""
    if text == "max":
        return 0.0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is no speed: use 0.1 to 1000, or max")
    return speed
