"""`bidiscope doctor`."""

from __future__ import annotations

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope doctor", "Check what bidiscope needs; say how to mend it.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    flags = parser.parse_args(words)
    from tui.doctor import checkup

    return checkup.run(flags.json)
