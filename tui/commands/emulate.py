"""`bidiscope emulate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui import arguments
from tui.core.text import safe


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
    seed = "decides the pacing of answers; default: 0"
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=seed)
    record = "record each session into this folder"
    parser.add_argument("--record", type=Path, metavar="DIR", help=record)
    text = "send text frames; the service sends binary ones"
    parser.add_argument("--text-frames", action="store_true", help=text)
    parser.add_argument("--quiet", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui.emulator import process, profiles
    from tui.emulator.options import Options

    if flags.profile and profiles.profile(flags.profile) is None:
        known = ", ".join(profiles.names())
        parser.error(f"--profile {safe(flags.profile)}: there is no such model; there are {known}")
    options = Options(flags.profile, flags.seed, flags.record, flags.text_frames)
    return process.run(flags.port, flags.tls_port, options, quiet=flags.quiet, tied=flags.tied)
