"""`bidiscope emulate`."""

from __future__ import annotations

import argparse

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope emulate", "A local Live server; prints one JSON line when ready."
    )
    for flag, help_ in (("--port", "plain WebSocket"), ("--tls-port", "TLS WebSocket")):
        parser.add_argument(
            flag, type=arguments.port, default=0, metavar="N", help=f"{help_}; 0 is any"
        )
    parser.add_argument("--quiet", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui.emulator import process

    return process.run(flags.port, flags.tls_port, quiet=flags.quiet, tied=flags.tied)
