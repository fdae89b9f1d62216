"""The key that the environment does not hold: in the system's keyring, on request.

Nothing here writes a key to a file of ours. That the keyring holds one is remembered, so that who
never asked for it never waits for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tui import profiles
from tui.core.secrets import of_environment

SERVICE, USER = "bidiscope", "gemini"
SHORTEST_CHARS = 8


class CredentialError(Exception):
    """The keyring cannot be used, or this is no key; one sentence."""


def checked(key: str) -> str:
    """The key without the blanks around it.

    Raises:
        CredentialError: It cannot be one; the sentence does not quote it.
    """
    key = key.strip()
    if len(key) < SHORTEST_CHARS or not key.isascii() or not key.isprintable() or " " in key:
        raise CredentialError(
            "That is no key: paste the bare key, without quotes and blanks "
            "(https://aistudio.google.com/apikey)."
        )
    return key


def of_keyring(environ: Mapping[str, str] = os.environ) -> str | None:
    """The key that was stored; None when there is none, or the environment has one.

    Raises:
        CredentialError: One was stored, and the keyring does not give it.
    """
    if of_environment(environ) or profiles.remembered().get("keyring") is not True:
        return None
    found = _call("get_password", SERVICE, USER)
    return found if isinstance(found, str) and found else None


def stored_key() -> tuple[str | None, str]:
    """The key of the keyring, if there shall be one, and why it is not to be had."""
    try:
        return of_keyring(), ""
    except CredentialError as error:
        return None, str(error)


def store(key: str) -> None:
    """Keep a key in the system's keyring.

    Raises:
        CredentialError: It is none, or there is no keyring.
        JournalError: That cannot be remembered.
    """
    _call("set_password", SERVICE, USER, checked(key))
    profiles.remember(keyring=True)


def forget() -> None:
    """Take the key out of the keyring.

    Raises:
        CredentialError: The keyring cannot be used.
        JournalError: That cannot be remembered.
    """
    if profiles.remembered().get("keyring") is True:
        _call("delete_password", SERVICE, USER)
        profiles.remember(keyring=None)


def _call(name: str, *words: str) -> Any:
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        raise CredentialError(
            "The keyring needs another package: pip install 'bidiscope[keyring]', or set "
            "GEMINI_API_KEY."
        ) from None
    try:
        return getattr(keyring, name)(*words)
    except NoKeyringError:
        raise CredentialError("This system has no keyring: set GEMINI_API_KEY instead.") from None
    except KeyringError as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise CredentialError(f"The system's keyring refuses: {said}.") from None
    except Exception as error:  # D-Bus and the vaults have errors of their own
        raise CredentialError(
            f"The system's keyring cannot be used ({type(error).__name__}): set GEMINI_API_KEY."
        ) from None
