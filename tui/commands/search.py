"""`bidiscope search`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui import arguments

_ABOUT = "Print the messages of recordings that a query matches."

_CODES = """\
It ends with 0 when something was found, 1 when nothing was, 2 when the query or a file is wrong."""


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    from tui.core import guide

    epilog = f"{guide.page(width=96)}\n\n{_CODES}"
    parser = arguments.parser("bidiscope search", _ABOUT, epilog=epilog)
    parser.add_argument("query", type=arguments.utf8, metavar="QUERY", help="see below")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a recording")
    parser.add_argument("--count", action="store_true", help="print how many there are, no more")
    parser.add_argument("--json", action="store_true", help="print a JSON line a message")
    most = "stop after so many of a file"
    parser.add_argument("--max", type=_count, default=0, metavar="N", help=most)
    flags = parser.parse_args(_with_query(words))
    from tui import search

    return search.run(flags.query, flags.files, flags.count, flags.json, flags.max)


def _with_query(words: list[str]) -> list[str]:
    """A query may begin with ``-``; a blank before it keeps argparse from taking it for a flag."""
    for at, word in enumerate(words):
        if not word.startswith("-"):
            break
        if not word.startswith("--") and word not in ("-h", "-"):
            return [*words[:at], f" {word}", *words[at + 1 :]]
    return words


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1")
    return int(text)
