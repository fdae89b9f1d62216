"""`bidiscope tap`, and the flags that `bidiscope run` shares with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui import arguments

if TYPE_CHECKING:
    from tui.tap.process import Options


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope tap",
        "Record the Live sessions of other programs; prints one JSON line when ready.",
    )
    add_flags(parser)
    flags = parser.parse_args(words)
    from tui.tap import process

    return process.run(options(flags))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Where it listens, where it leads, who may pass, where it records."""
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
    parser.add_argument("--quiet", action="store_true", help="say nothing on stderr")


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
    )
