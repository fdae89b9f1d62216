"""`bidiscope compare`."""

from __future__ import annotations

from pathlib import Path

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope compare",
        "Two sessions: set-up, figures, findings, and turn by turn.",
        epilog="To send a recording to another model first, and compare then: bidiscope again.",
    )
    for name in ("a", "b"):
        parser.add_argument(name, type=Path, metavar=name.upper(), help="a recording")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    flags = parser.parse_args(words)
    from tui import compare

    return compare.run(flags.a, flags.b, flags.format)
