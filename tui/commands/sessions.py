"""`bidiscope sessions`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui import arguments

SORTS = ("date", "model", "length", "turns", "end", "findings", "size", "name")


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    about = "List recordings: when, which model, how long, how they ended, what is wrong."
    parser = arguments.parser("bidiscope sessions", about)
    where = "default: where sessions are recorded"
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help=where)
    parser.add_argument("--sort", choices=SORTS, default="date", help="default: date, newest first")
    parser.add_argument("--find", default="", metavar="WORDS", help="only those that say all these")
    quick = "read no more than the beginning and the end: no turns, no findings"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--study", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui import sessions

    if flags.study:
        return sessions.study_those_asked()
    return sessions.run(flags.folder, flags.sort, flags.find, quick=flags.quick, as_json=flags.json)
