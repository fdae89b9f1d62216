"""The flags of commands that hold a session."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui import arguments
from tui.options import Options


def add_flags(parser: argparse.ArgumentParser, views: list[str], view: str) -> None:
    """Model, voice, modality, where it is recorded."""
    for flag, metavar, help_ in (
        ("--model", "NAME", "Live model to talk to"),
        ("--voice", "NAME", "prebuilt voice, such as Puck"),
        ("--system", "TEXT", "system instruction"),
    ):
        parser.add_argument(flag, type=arguments.utf8, default="", metavar=metavar, help=help_)
    default = view or "text, or text-view where the model has no TEXT"
    parser.add_argument(
        "--modality", dest="view", choices=views, default=view, help=f"default: {default}"
    )
    parser.add_argument("--emulator", action="store_true", help="use the emulator, key or no key")
    _add_emulator_flags(parser)
    budget = "disconnect when so many dollars are spent, by estimate; warn at 80 %%"
    parser.add_argument("--budget", type=arguments.dollars, metavar="USD", help=budget)
    record = parser.add_mutually_exclusive_group()
    record.add_argument("--record", type=Path, metavar="DIR", help="folder for the recording")
    record.add_argument("--no-record", action="store_true", help="keep the journal in memory only")


class _ForEmulator(argparse.Action):
    """A flag of `bidiscope emulate` that is handed on; it chooses the emulator, too."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        namespace.emulator = True
        namespace.emulator_flags = [*namespace.emulator_flags, f"{option_string}={values}"]


def _add_emulator_flags(parser: argparse.ArgumentParser) -> None:
    for flag, metavar, help_ in (
        ("--scenario", "FILE", "what the emulator plays: a script, a recording, an example"),
        ("--brain", "URL", "an OpenAI-compatible server that answers for the emulator"),
        ("--brain-model", "NAME", "its model; default: the server's first"),
    ):
        parser.add_argument(
            flag,
            action=_ForEmulator,
            dest="emulator_flags",
            default=[],
            type=arguments.utf8,
            metavar=metavar,
            help=help_,
        )


def options(flags: argparse.Namespace, **more: object) -> Options:
    """The options that these flags, and ``more``, make."""
    return Options(
        model=flags.model,
        view=flags.view.replace("-", " "),
        voice=flags.voice,
        system=flags.system,
        emulator=flags.emulator,
        emulator_flags=tuple(flags.emulator_flags),
        budget=flags.budget,
        record=flags.record,
        recorded=not flags.no_record,
        **more,  # type: ignore[arg-type]
    )
