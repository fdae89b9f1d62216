"""Where an export goes: whole or not at all, for its owner alone, never over what is there."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tui.core.journal import JournalError

_FLAGS = (
    os.O_CREAT
    | os.O_EXCL
    | os.O_RDWR
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def basename(text: str) -> str:
    """A file's name made of text that others wrote: letters, digits, dot, dash, underscore."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".-")[:100] or "session"


def create(path: Path) -> BinaryIO:
    """A new file that only its owner may read; what is there, or a link, is refused (OSError)."""
    return os.fdopen(os.open(path, _FLAGS, 0o600), "w+b")


@contextlib.contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file that is there, whole, once the block ends; after an exception there is nothing.

    With ``force`` it replaces the file that is there.

    Raises:
        JournalError: It cannot be written, or there is a file and no ``force``.
    """
    _refuse(path, force=force)
    part = _part(path)
    try:
        with _explained(path):
            _make_folder(path.parent)
            file = create(part)
        with file, _explained(path):
            yield file
            file.flush()
        with _explained(path):
            _rename(part, path, force=force)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """The same for a folder, which never replaces anything."""
    if os.path.lexists(path):
        raise JournalError(f"{path} is there already: remove it, or choose another with --out.")
    part = _part(path)
    try:
        with _explained(path):
            _make_folder(path.parent)
            part.mkdir(mode=0o700)
        with _explained(path):
            yield part
            part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _refuse(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise JournalError(f"{path} is a folder: name a file in it with --out.")
    if os.path.lexists(path) and not force:
        raise JournalError(
            f"{path} is there already: --force replaces it, --out names another place."
        )


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


def _rename(part: Path, path: Path, *, force: bool) -> None:
    """Give the file its name; without ``force`` also a file that came meanwhile stays."""
    if force:
        part.replace(path)
        return
    try:
        os.link(part, path, follow_symlinks=False)
    except FileExistsError:
        _refuse(path, force=False)
    except (OSError, NotImplementedError):  # a file system without hard links
        _refuse(path, force=False)
        part.rename(path)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise JournalError(f"Cannot write {path}: {reason}. --out names another place.") from error
