"""`bidiscope config`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui import arguments
from tui.commands import session
from tui.core.configuration.field import ValueRefused, fields


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    about = (
        "What is asked of a session, and where each value comes from: flags before the profile, "
        "the\nprofile before the environment (BIDISCOPE_FIELD), that before the defaults."
    )
    parser = arguments.parser("bidiscope config", about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="every field, its value, where it comes from")
    show.add_argument("--json", action="store_true", help="print JSON, with what each field takes")
    session.add_choice_flags(show)
    commands.add_parser("list", help="the profiles; the one that was used last has a star")
    for name, what in (("set", "change a field of a profile"), ("unset", "take it out")):
        command = commands.add_parser(name, help=what)
        command.add_argument("field", type=_field, metavar="FIELD")
        if name == "set":
            command.add_argument("value", type=arguments.utf8, metavar="VALUE", help=_VALUE)
        command.add_argument("--profile", type=arguments.utf8, metavar="NAME|FILE", help=_WHICH)
    use = commands.add_parser("use", help="let a profile be the one that holds from now on")
    use.add_argument("profile", type=arguments.utf8, metavar="NAME|FILE", help="or none")
    commands.add_parser("path", help="the folder of profiles.toml, models.toml, prices.toml …")
    check = commands.add_parser("check", help="whether a profile can be used; for CI")
    check.add_argument("file", type=Path, metavar="FILE")
    flags = parser.parse_args(words)
    if flags.command == "set":
        text = sys.stdin.read() if flags.value == "-" else flags.value
        try:
            flags.value = fields()[flags.field].read(text)
        except ValueRefused as error:
            parser.error(str(error))
    from tui import configuring

    return configuring.run(flags)


_VALUE = "what it shall be; - reads it from standard input"
_WHICH = "default: the one used last, else one named default"


def _field(text: str) -> str:
    name = text.strip().replace("-", "_")
    if name not in fields():
        raise argparse.ArgumentTypeError(
            f"{text[:60]} is no field; bidiscope config show lists them"
        )
    if fields()[name].kind == "secret":
        raise argparse.ArgumentTypeError(f"a {name} is never stored: set BIDISCOPE_TOKEN")
    return name
