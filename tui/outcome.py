"""How a command ended: its exit code."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """Exit codes; README lists them."""

    OK = 0
    FAILED = 1
    """It could not start, or could not write what it was to write."""
    FOUND = 1
    """`lint` has found something as grave as it was to look for."""
    USAGE = 2
    """argparse's own."""
    REFUSED = 3
    """No session came about."""
    LOST = 4
    """The connection was lost before the answer was whole."""
    SILENT = 5
    """No answer came, or no more of it, in time."""
    UNREADABLE = 6
    """A file among others cannot be read."""
    UNMET = 7
    """What a script or a scenario expects did not come true."""
    STOPPED = 130
    """Ctrl+C: 128 + SIGINT."""
