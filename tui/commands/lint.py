"""`bidiscope lint`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui import arguments
from tui.outcome import Outcome

_EPILOG = """\
exit codes:
  0   nothing as grave as --fail-on says was found
  1   something was
  2   wrong usage
  6   a file cannot be read; the others are still looked at"""

SEVERITIES = ("error", "warn", "note", "chat")


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    about = "Say what is wrong, or easy to get wrong, in recordings of sessions."
    parser = arguments.parser("bidiscope lint", about, epilog=_EPILOG)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="recordings")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    fail_on = "the mildest finding that makes the exit code 1; default: error"
    parser.add_argument("--fail-on", choices=SEVERITIES[:3], default="error", help=fail_on)
    for flag, help_ in (("--rule", "only this rule"), ("--ignore", "not this rule")):
        help_ += "; may be repeated"
        parser.add_argument(flag, action="append", default=[], type=_rule, metavar="ID", help=help_)
    list_rules = "print all rules, with advice and source, and do nothing else"
    parser.add_argument("--list-rules", action="store_true", help=list_rules)
    flags = parser.parse_args(words)
    from tui import lint

    if flags.list_rules:
        lint.list_rules(as_json=flags.format == "json")
        return Outcome.OK
    if not flags.files:
        parser.error("name a FILE, or --list-rules")
    wanted = lint.Wanted(frozenset(flags.rule), frozenset(flags.ignore), flags.fail_on)
    return lint.run(flags.files, wanted, as_json=flags.format == "json", output=sys.stdout)


def _rule(text: str) -> str:
    from tui.core.lint.rule import rules

    if text not in rules():
        raise argparse.ArgumentTypeError(f"there is no rule {text}: see --list-rules")
    return text
