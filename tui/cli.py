"""The command line. Parsed before anything heavy is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tui import capabilities
from tui.commands import COMMANDS
from tui.core.journal import JournalError
from tui.outcome import Outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words.pop(0) if words and words[0] in COMMANDS else "workbench"
    try:
        capabilities.load()
        code: int = import_module(f"tui.commands.{name}").run(words)
        return code
    except JournalError as error:
        print(f"bidiscope: {error}", file=sys.stderr)
        return Outcome.FAILED
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is buffered goes there
        return Outcome.OK
    except KeyboardInterrupt:
        return Outcome.STOPPED
