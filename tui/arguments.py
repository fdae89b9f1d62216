"""What the parsers of all commands share."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence


def parser(name: str, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
    """A command's parser: help as it is written, no abbreviated flags."""
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        name, description=about, epilog=epilog, formatter_class=form, allow_abbrev=False
    )


def add_screen_flags(parser: argparse.ArgumentParser) -> None:
    """Theme, pictures and mouse, for commands with a screen."""
    how = "how pictures are drawn: half blocks, or what the terminal must have"
    parser.add_argument("--picture", choices=["half", "kitty", "sixel"], default="half", help=how)
    parser.add_argument("--theme", default="", metavar="NAME", help="see the palette (Ctrl+P)")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def utf8(text: str) -> str:
    """Text that can be sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("it is not UTF-8") from None
    return text


def whole(text: str) -> int:
    """A whole number of up to 18 digits."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"{text} is no whole number of up to 18 digits")
    return int(text)


def milliseconds(text: str) -> int:
    """Up to a minute."""
    if not text.isdecimal() or int(text) > 60_000:
        raise argparse.ArgumentTypeError(f"{text} is no number of milliseconds from 0 to 60000")
    return int(text)


def seconds(text: str) -> float:
    """Up to a day, above 0."""
    return _above_zero(text, 86_400, "seconds")


def dollars(text: str) -> float:
    """Up to ten thousand, above 0."""
    return _above_zero(text, 10_000, "dollars")


def _above_zero(text: str, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise argparse.ArgumentTypeError(f"{text} is no number of {what} above 0")
    return number


def port(text: str) -> int:
    """0 is any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: use 0 to 65535, 0 is any free one")
    return int(text)


def jobs(text: str) -> int:
    """How many at once, up to 64."""
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text} is no number of jobs from 1 to 64")
    return int(text)


def without(words: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """The words of a command line, less those flags and the values of each."""
    rest = iter(words)
    for word in rest:
        name, equals, _ = word.partition("=")
        if name not in names:
            yield word
        elif not equals:
            next(rest, None)
