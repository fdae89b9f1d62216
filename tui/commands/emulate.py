"""`bidiscope emulate`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tui import arguments
from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.emulator.scenario.scenario import Scenario


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope emulate", "A local Live server; prints one JSON line when ready."
    )
    for flag, help_ in (("--port", "plain WebSocket"), ("--tls-port", "TLS WebSocket")):
        parser.add_argument(
            flag, type=arguments.port, default=0, metavar="N", help=f"{help_}; 0 is any"
        )
    _add_scenario_flags(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    scenario = None
    if flags.scenario:
        from tui import scenarios
        from tui.emulator import brain
        from tui.emulator.scenario.scenario import ScenarioError

        try:
            scenario = scenarios.scenario(flags.scenario, flags.speed, brain.answer)
        except ScenarioError as error:
            print(f"bidiscope emulate: {error}", file=sys.stderr)
            return Outcome.FAILED
    if flags.check:
        return _check(parser, scenario)
    from tui.emulator import process

    return process.run(
        flags.port,
        flags.tls_port,
        quiet=flags.quiet,
        tied=flags.tied,
        scenario=scenario,
        once=flags.once,
    )


def _add_scenario_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scenarios", "What sessions follow; see README.")
    what = "a script (.toml), a recording to repeat, or the name of an example: weather, order, …"
    group.add_argument("--scenario", default="", metavar="FILE", help=what)
    gaps = "a recording's gaps are so many times shorter; max leaves none"
    group.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=gaps)
    once = "end after the first session; the exit status is 1 when the scenario was not followed"
    group.add_argument("--once", action="store_true", help=once)
    check = "only say whether the scenario can be played"
    group.add_argument("--check", action="store_true", help=check)


def _check(parser: argparse.ArgumentParser, scenario: Scenario | None) -> int:
    if scenario is None:
        parser.error("--check needs a --scenario")
    for note in scenario.notes():
        print(note)
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
