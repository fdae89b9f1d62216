"""`bidiscope run`."""

from __future__ import annotations

from tui import arguments
from tui.commands import tap


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code of the program that was run."""
    parser = arguments.parser(
        "bidiscope run", "Run a program and record its Live sessions; its exit code is passed on."
    )
    parser.usage = "bidiscope run [flags] -- COMMAND…"
    tap.add_flags(parser, "is not to: the program has the terminal")
    at = words.index("--") if "--" in words else len(words)
    flags, command = parser.parse_args(words[:at]), words[at + 1 :]
    if not command:
        parser.error("give the program after --, such as: bidiscope run -- python app.py")
    if flags.ui:
        return tap.watch(["run", *words[:at]], flags, command)
    tap.check(parser, flags)
    from tui.tap import process

    return process.run(tap.options(flags), command)
