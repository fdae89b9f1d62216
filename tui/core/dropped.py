"""The paths in a text that a terminal pastes when files are dropped on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

LONGEST_CHARS = 16_384
MOST_FILES = 32


def readings(text: str) -> Iterator[list[str]]:
    """The paths that a pasted text may be, and is nothing but, the likeliest reading first.

    Terminals quote what they paste in different ways: in quotes, with backslashes before blanks,
    as ``file://`` URLs, or not at all; several are apart by blanks or lines. A path is absolute,
    or begins with ``~`` or a dot. Only who looks at the disk knows whether it is one.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_CHARS:
        return
    for found in (
        _words(text),
        [_plain(line.strip()) for line in text.splitlines() if line.strip()],
    ):
        if 0 < len(found) <= MOST_FILES and all(map(_is_path, found)):
            yield found


def _words(text: str) -> list[str]:
    """Words of a shell; where a drive has a letter, a backslash parts folders."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    if text.lstrip("'\"")[1:3] == ":\\":
        lexer.escape = ""
    try:
        return [_plain(word) for word in lexer]
    except ValueError:  # a quote without its other half
        return []


def _plain(word: str) -> str:
    if not word.startswith("file://"):
        return word
    path = unquote(urlsplit(word).path)
    return path[1:] if path[2:3] == ":" else path


def _is_path(word: str) -> bool:
    return word.startswith(("/", "~/", "./", "../", "\\\\")) or word[1:3] in (":\\", ":/")
