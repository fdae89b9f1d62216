"""`bidiscope key`."""

from __future__ import annotations

import getpass
import os
import sys

from tui import arguments
from tui.outcome import Outcome


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    about = (
        "Keep an API key in the system's keyring, for when the environment has none.\n"
        "It is never written to a file of bidiscope's."
    )
    parser = arguments.parser("bidiscope key", about)
    what = "store reads the key from the terminal, unseen, or from standard input"
    parser.add_argument("what", choices=["show", "store", "forget"], help=what)
    flags = parser.parse_args(words)
    from tui import credentials
    from tui.core.secrets import Mask, of_environment

    try:
        match flags.what:
            case "store":
                typed = sys.stdin.isatty()
                credentials.store(getpass.getpass("Key: ") if typed else sys.stdin.readline(4096))
                print("The keyring holds the key; it is used when the environment has none.")
            case "forget":
                credentials.forget()
                print("The keyring holds no key of bidiscope's.")
            case "show":
                here, kept = of_environment(os.environ), credentials.of_keyring()
                where = "the environment" if here else "the keyring" if kept else ""
                key = (*here, kept or "")[0]
                print(f"{Mask([key]).text(key)} from {where}" if where else "No key.")
    except credentials.CredentialError as error:
        print(f"bidiscope: {error}", file=sys.stderr)
        return Outcome.FAILED
    return Outcome.OK
