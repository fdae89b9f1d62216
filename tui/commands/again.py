"""`bidiscope again`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from tui import arguments
from tui.commands import session

_ABOUT = """\
Send what a recording's microphone sent, or WAV files, to other models and settings, and compare.

Of a recording all that the client sent is sent again at its very times: sound, typed questions,
pictures; calls are answered as they were then. A WAV file is one thing said: the next one follows
when the answer is complete; NAME.txt beside NAME.wav has its words, for a word error rate.
Everything takes as long as it did: models listen in real time, and the emulator answers in it."""

_EXAMPLES = """\
examples:
  bidiscope again session.jsonl --model gemini-3.8-live
  bidiscope again session.jsonl --vary silence_ms=200,500,1000 --vary start_sensitivity=low,high
  bidiscope again voices/ --variant model=gemini-3.8-live,voice=Kore --variant profile=kiosk

exit codes: 0 all were held and answered, 3 a session was refused, 4 lost, 5 nothing was answered"""

MOST_VARIANTS = 24
_NEXT = re.compile(r",(?=[a-z][a-z_-]*=)")
"""A comma that another field follows; others are part of a value."""


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope again", _ABOUT, epilog=_EXAMPLES)
    what = "a recording, or WAV files and folders of them"
    parser.add_argument("sources", type=Path, nargs="+", metavar="FILE", help=what)
    variant = "one more session, with these; profile=NAME is a field here, too; repeatable"
    parser.add_argument(
        "--variant", type=_variant, action="append", default=[], metavar="F=V,F=V", help=variant
    )
    vary = "a session for each value; several of these make all combinations"
    parser.add_argument(
        "--vary", type=_vary, action="append", default=[], metavar="F=V,V", help=vary
    )
    session.add_flags(parser, views=["text", "text-view", "audio"], view="")
    patience = "how long an answer is waited for; default: 20"
    parser.add_argument(
        "--timeout", type=arguments.seconds, default=20.0, metavar="S", help=patience
    )
    jobs = "so many sessions at once, which share this machine and your quota; default: 1"
    parser.add_argument("--jobs", type=arguments.jobs, default=1, metavar="N", help=jobs)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui import again

    if flags.report:
        return again.hold(flags)
    combined = [[word for part in each for word in part] for each in product(*flags.vary)]
    variants = [*flags.variant, *filter(None, combined)]
    if len(variants) > MOST_VARIANTS:
        parser.error(f"that makes {len(variants)} sessions: {MOST_VARIANTS} at most")
    return again.run(flags, variants or [[]], _common(words))


def _variant(text: str) -> list[str]:
    """The settings of one session, each as it would be given to --set."""
    return [_checked(word) for word in _NEXT.split(text)]


def _vary(text: str) -> list[list[str]]:
    """The values of one field, each alone."""
    name, _, values = text.partition("=")
    return [[_checked(f"{name}={value}")] for value in values.split(",")]


def _checked(word: str) -> str:
    name, equals, value = word.strip().partition("=")
    if name == "profile" and equals and value:
        return f"profile={value}"
    session.setting(word)
    return word.strip()


def _common(words: Sequence[str]) -> list[str]:
    """The flags that every session gets: all but those of the comparison."""
    return [*arguments.without(words, ("--variant", "--vary", "--jobs", "--format"))]
