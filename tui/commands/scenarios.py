"""The flags of `bidiscope emulate` that say what its sessions follow."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui import arguments
from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.emulator.chat.model import ChatModel
    from tui.emulator.scenario.scenario import Scenario
    from tui.emulator.session.scene import Brain


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A scenario, and how it is played."""
    group = parser.add_argument_group("scenarios", "What sessions follow; README has the format.")
    what = "a script (.toml), a recording to repeat, or an example: weather, order, trouble"
    group.add_argument("--scenario", default="", metavar="FILE", help=what)
    gaps = "a recording's gaps are so many times shorter; max leaves none"
    group.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=gaps)
    once = "end after the first session; exit status 1 when the scenario was not followed"
    group.add_argument("--once", action="store_true", help=once)
    brain = "an OpenAI-compatible server answers: Ollama is http://localhost:11434/v1"
    group.add_argument("--brain", default="", metavar="URL", help=brain)
    model = "its model; default: the server's first"
    group.add_argument("--brain-model", type=arguments.utf8, default="", metavar="NAME", help=model)
    check = "only say whether the scenario can be played"
    group.add_argument("--check", action="store_true", help=check)


def brain(flags: argparse.Namespace, log: Callable[[str], None]) -> ChatModel | None:
    """The brain that the flags name; ``log`` is told what it fails to do.

    Raises:
        BrainError: It has no such address.
    """
    if not flags.brain:
        return None
    from tui.emulator.chat.model import ChatModel

    return ChatModel(flags.brain, flags.brain_model, log)


def scenario(flags: argparse.Namespace, otherwise: Brain) -> Scenario | None:
    """What the flags name; ``otherwise`` answers what a script leaves open.

    Raises:
        ScenarioError: It cannot be played.
        JournalError: The recording cannot be read.
    """
    if not flags.scenario:
        return None
    from tui import scenarios

    return scenarios.scenario(flags.scenario, flags.speed, otherwise)


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
