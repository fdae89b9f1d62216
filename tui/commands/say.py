"""`bidiscope say`."""

from __future__ import annotations

import sys
from pathlib import Path

from tui import arguments
from tui.commands import session
from tui.core.attachment import Medium


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope say", "Ask one question and print the answer as it streams."
    )
    parser.add_argument(
        "text",
        type=arguments.utf8,
        nargs="?",
        default="",
        metavar="TEXT",
        help="the question; - reads it from standard input",
    )
    for flag, what in (
        ("--image", "a picture that goes with the question, or is it; repeatable"),
        ("--audio", "a sound that is spoken, alone or after the words; repeatable"),
    ):
        parser.add_argument(flag, type=Path, action="append", default=[], metavar="FILE", help=what)
    session.add_flags(parser, views=["text", "text-view", "audio"], view="")
    parser.add_argument("--out", type=Path, metavar="FILE", help="save the speech as a WAV file")
    parser.add_argument("--json", action="store_true", help="print every fact as a JSON line")
    patience = "give up when nothing is said for so long; default: 60"
    parser.add_argument(
        "--timeout", type=arguments.seconds, default=60.0, metavar="S", help=patience
    )
    flags = parser.parse_args(words)
    options = session.options(flags, "")
    if flags.out and options.view != "audio":
        parser.error("--out saves speech: add --modality audio")
    text = flags.text
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    files = [(Medium.IMAGE, path) for path in flags.image]
    files += [(Medium.AUDIO, path) for path in flags.audio]
    if not (text.strip() or files):
        parser.error("TEXT is empty: give the question in quotes, or --image, or --audio")
    from tui import say

    return say.run(options, text.strip(), files, flags.out, flags.json, flags.timeout)
