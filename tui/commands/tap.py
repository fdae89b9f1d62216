"""`bidiscope tap`, and the flags that `bidiscope run` shares with it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui import arguments

if TYPE_CHECKING:
    from tui.tap.process import Options


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope tap", "Record the Live sessions of other programs, and watch them."
    )
    add_flags(parser, "where there is a terminal")
    flags = parser.parse_args(words)
    from tui import terminal

    drawn = not terminal.trouble(os.environ) and sys.stdout.isatty()
    if flags.ui or (flags.ui is None and drawn):
        return watch(["tap", *words], flags)
    check(parser, flags)
    from tui.tap import process

    return process.run(options(flags))


def check(parser: argparse.ArgumentParser, flags: argparse.Namespace) -> None:
    """What makes no sense without the workbench."""
    if flags.allow_faults and not flags.tied:
        parser.error("--allow-faults needs the workbench: add --ui")


def add_flags(parser: argparse.ArgumentParser, drawn: str) -> None:
    """Where it listens, where it leads, who may pass, where it records; ``drawn`` by default."""
    where = "the service; default: Google's. Only Google's Live hosts and localhost are allowed"
    parser.add_argument("--upstream", type=arguments.utf8, default="", metavar="URL", help=where)
    for flag, help_ in (("--port", "plain HTTP and WebSocket"), ("--tls-port", "with TLS")):
        parser.add_argument(
            flag, type=arguments.port, default=0, metavar="N", help=f"{help_}; 0 is any"
        )
    parser.add_argument("--record", type=Path, metavar="DIR", help="folder for the recordings")
    page = "let web pages of this origin connect; may be repeated"
    parser.add_argument("--allow-origin", action="append", default=[], metavar="ORIGIN", help=page)
    token = "put a random token into the path, which a client must know"
    parser.add_argument("--token", action="store_true", help=token)
    may = "drop, hold up or close sessions from the workbench"
    parser.add_argument("--allow-faults", action="store_true", help=may)
    parser.add_argument("--quiet", action="store_true", help="say nothing on stderr")
    how = parser.add_mutually_exclusive_group()
    sessions = f"show the sessions in the workbench; the default {drawn}"
    how.add_argument("--ui", action="store_true", default=None, help=sessions)
    line = "no workbench: one JSON line on stdout when ready"
    how.add_argument("--headless", action="store_false", dest="ui", help=line)
    arguments.add_screen_flags(parser)
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)


def options(flags: argparse.Namespace) -> Options:
    """The tap's options that these flags make."""
    from tui.tap.process import Options

    return Options(
        upstream=flags.upstream,
        port=flags.port,
        tls_port=flags.tls_port,
        record=flags.record,
        origins=tuple(flags.allow_origin),
        token=flags.token,
        quiet=flags.quiet,
        faults=flags.allow_faults,
        output=flags.output,
        tied=flags.tied,
    )


def watch(words: Sequence[str], flags: argparse.Namespace, program: Sequence[str] = ()) -> int:
    """Show the sessions of the same tap in a process of its own."""
    from tui import tap_desk

    return tap_desk.run(
        [word for word in words if word != "--ui"],
        program,
        faults=flags.allow_faults,
        theme=flags.theme,
        picture=flags.picture,
        mouse=not flags.no_mouse,
    )
