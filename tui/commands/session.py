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
    budget = "disconnect when so many dollars are spent, by estimate; warn at 80 %%"
    parser.add_argument("--budget", type=arguments.dollars, metavar="USD", help=budget)
    record = parser.add_mutually_exclusive_group()
    record.add_argument("--record", type=Path, metavar="DIR", help="folder for the recording")
    record.add_argument("--no-record", action="store_true", help="keep the journal in memory only")


def options(flags: argparse.Namespace, **more: object) -> Options:
    """The options that these flags, and ``more``, make."""
    return Options(
        model=flags.model,
        view=flags.view.replace("-", " "),
        voice=flags.voice,
        system=flags.system,
        emulator=flags.emulator,
        budget=flags.budget,
        record=flags.record,
        recorded=not flags.no_record,
        **more,  # type: ignore[arg-type]
    )
