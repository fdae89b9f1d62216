"""`bidiscope emulate`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui import arguments
from tui.commands import scenarios
from tui.core import fault_guide
from tui.core.fault import Fault, FaultError, of_file
from tui.core.text import safe
from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.emulator.scenario.scenario import Scenario


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope emulate", "A local Live server; prints one JSON line when ready."
    )
    for flag, default, help_ in (
        ("--port", 8765, "plain WebSocket and HTTP"),
        ("--tls-port", 8766, "the same over TLS; may be the same port"),
    ):
        told = f"{help_}; 0 is any; default: {default}"
        parser.add_argument(flag, type=arguments.port, default=default, metavar="N", help=told)
    answers = "answers, whatever model a client names"
    parser.add_argument("--profile", default="", metavar="MODEL", help=answers)
    record = "record each session into this folder"
    parser.add_argument("--record", type=Path, metavar="DIR", help=record)
    text = "send text frames; the service sends binary ones"
    parser.add_argument("--text-frames", action="store_true", help=text)
    fault = "bring a fault about, such as stall:for=5,turn=2; may be repeated"
    parser.add_argument(
        "--fault", type=_fault, action="append", default=[], metavar="SPEC", help=fault
    )
    file = "the faults of a TOML file: [[fault]] with a name and its keys"
    parser.add_argument("--fault-file", type=_fault_file, default=[], metavar="FILE", help=file)
    parser.add_argument("--faults", action=_List, help="list all faults, and end")
    seed = "chance falls as in the last run"
    parser.add_argument("--seed", type=arguments.whole, metavar="N", help=seed)
    scenarios.add_flags(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui.emulator import process
    from tui.emulator.chat.model import BrainError
    from tui.emulator.mind import brain
    from tui.emulator.options import Options
    from tui.emulator.scenario.scenario import ScenarioError
    from tui.emulator.terms import profiles

    if flags.profile and profiles.profile(flags.profile) is None:
        known = ", ".join(profiles.names())
        parser.error(f"--profile {safe(flags.profile)}: there is no such model; there are {known}")
    try:
        chat = scenarios.brain(flags, process.silent if flags.quiet else process.say)
        scenario = scenarios.scenario(flags, chat.brain if chat else brain.answer)
    except (BrainError, ScenarioError) as error:
        print(f"bidiscope emulate: {error}", file=sys.stderr)
        return Outcome.FAILED
    if flags.check:
        return scenarios.check(parser, scenario)
    model = flags.profile or (scenario.model if scenario else "")
    return process.run(
        flags.port,
        flags.tls_port,
        Options(model, flags.record, flags.text_frames, scenario, chat),
        quiet=flags.quiet,
        tied=flags.tied,
        faults=[*(scenario.faults if scenario else ()), *flags.fault_file, *flags.fault],
        seed=_seed(flags, scenario),
        once=flags.once,
    )


def _seed(flags: argparse.Namespace, scenario: Scenario | None) -> int | None:
    chosen: int | None = flags.seed
    return scenario.seed if scenario and chosen is None else chosen


class _List(argparse.Action):
    """Prints the page of faults."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(fault_guide.page())
        parser.exit()


def _fault(spec: str) -> Fault:
    try:
        return Fault.read(spec)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _fault_file(name: str) -> list[Fault]:
    try:
        return of_file(Path(name).read_text("utf-8"))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise argparse.ArgumentTypeError(f"{name} is not UTF-8") from None
    except FaultError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from None
