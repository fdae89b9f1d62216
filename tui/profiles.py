"""The user's profiles: TOML files by name in the config folder, and which one was used last."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.core.configuration import profile
from tui.core.configuration.message import Configuration
from tui.core.configuration.profile import ProfileError
from tui.core.journal import JournalError
from tui.core.places import config_folder
from tui.core.text import safe

NAME = re.compile(r"[\w-]{1,40}", re.ASCII)
LARGEST_BYTES = 1 << 20
NONE = "none"
"""In place of a name: no profile."""


def folder() -> Path:
    """Where profiles are."""
    return config_folder() / "profiles"


def names() -> list[str]:
    """The profiles that there are."""
    return sorted(path.stem for path in folder().glob("*.toml") if NAME.fullmatch(path.stem))


def place(profile: str) -> Path:
    """The file of a profile: by name in the user's folder, else as it is written.

    Raises:
        JournalError: It is neither a name nor a file's.
    """
    if profile.endswith(".toml") or os.sep in profile or "/" in profile:
        return Path(profile).expanduser()
    if NAME.fullmatch(profile) and profile != NONE:
        return folder() / f"{profile}.toml"
    raise JournalError(
        f"{safe(profile[:60])} is no profile's name: use up to 40 letters, digits, - and _, "
        "or name a .toml file."
    )


def load(profile_: str) -> Configuration:
    """The configuration of a profile.

    Raises:
        JournalError: There is none, or it cannot be used; one sentence.
    """
    path = place(profile_)
    text = _text(path)
    if text is None:
        known = ", ".join(names())
        way = f"choose one of {known}" if known else "bidiscope config set FIELD VALUE makes one"
        raise JournalError(f"There is no profile {safe(profile_)} ({safe(str(path))}): {way}.")
    try:
        return profile.read(text)
    except ProfileError as error:
        raise JournalError(
            f"The profile {safe(str(path))} cannot be used: {safe(str(error))}. Mend the file, or "
            "leave it out with --profile none."
        ) from None


def save(profile_: str, configuration: Configuration) -> Path:
    """Write a profile, all at once; comments and order of a file that is there stay.

    Raises:
        JournalError: It cannot be written, or holds what no profile may hold.
    """
    from tomlkit import document, exceptions, nl, parse, string
    from tomlkit.items import Item

    path = place(profile_)
    try:
        text = _text(path)
        written = parse(text) if text else document()
        values = {name: each for name, each in configuration.values.items() if name != "token"}
        for name in [*written]:
            if name not in values and name != profile.REST:
                del written[name]
        for name, value in values.items():
            if written.get(name) != value:
                many = isinstance(value, str) and "\n" in value
                item: Item | Any = string(value, multiline=True) if many else value
                written[name] = item
        written.pop(profile.REST, None)
        if configuration.rest:
            written.add(nl())
            written[profile.REST] = dict(configuration.rest)
        text = written.as_string()
        if profile.read(text) != Configuration(values, configuration.rest):
            raise ProfileError("it would not say the same when it is read again")
    except (exceptions.TOMLKitError, ProfileError, ValueError, TypeError) as error:
        raise JournalError(
            f"The profile {safe(str(path))} cannot be written: {safe(str(error))}."
        ) from error
    _write(path, text)
    return path


# ---- what is remembered


def remembered() -> Mapping[str, Any]:
    """What `remember` was told; a file that cannot be read remembers nothing."""
    import tomllib

    try:
        return tomllib.loads(_text(_memory()) or "")
    except (JournalError, ValueError, RecursionError):
        return {}


def last() -> str:
    """The profile that was used last; empty for none, or when its file is gone."""
    name = remembered().get("profile", "")
    try:
        return name if isinstance(name, str) and name and place(name).is_file() else ""
    except (JournalError, OSError):
        return ""


def hold(profile_: str) -> None:
    """Let a profile be the one that holds from now on, wherever the next start is.

    Raises:
        JournalError: That cannot be written.
    """
    path = place(profile_)
    remember(profile=profile_ if path.parent == folder() else str(path.resolve()))


def remember(**facts: Any) -> None:
    """Keep facts for the next start: ``profile``, ``keyring``, ``greeted``; None forgets one.

    Raises:
        JournalError: It cannot be written.
    """
    import tomlkit

    kept = {**remembered(), **facts}
    kept = {name: value for name, value in kept.items() if value is not None}
    if kept != remembered():
        _write(_memory(), tomlkit.dumps(kept))


def _memory() -> Path:
    return config_folder() / "config.toml"


# ---- files


def _text(path: Path) -> str | None:
    """What a file says; None when there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise JournalError(f"{safe(str(path))} is too large: a profile has 1 MiB at most.")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise JournalError(f"{safe(str(path))} is not UTF-8: save it as that.") from None
    except OSError as error:
        raise JournalError(
            f"{safe(str(path))} cannot be read: {error.strerror or error}; choose another profile, "
            "or --profile none."
        ) from error


def _write(path: Path, text: str) -> None:
    """All at once, for its owner alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise JournalError(
            f"{safe(str(path))} cannot be written: {error.strerror or error}."
        ) from error
