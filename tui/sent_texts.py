"""What was typed and sent, kept over the runs: a file that only its owner can read."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from tui.core.places import data_folder

NAME = "sent.jsonl"
MOST = 500
"""So many texts are kept."""
LARGEST_BYTES = 1 << 20
"""A file that has grown to this size is cut to the newest texts."""


def read() -> list[str]:
    """The texts, oldest first; none where they cannot be read."""
    path = data_folder() / NAME
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LARGEST_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return []
    texts = [text for line in lines if (text := _text(line))][-MOST:]
    if size > LARGEST_BYTES:
        _rewrite(path, texts[-MOST // 2 :])
    return texts


def add(text: str) -> None:
    """Keep a text, its credentials masked already; a disk that takes none is no reason to stop."""
    with contextlib.suppress(OSError):
        folder = data_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(folder / NAME, "a", encoding="utf-8", opener=_private) as file:
            file.write(json.dumps(text) + "\n")


def _text(line: bytes) -> str:
    """A line's text; empty for what is none, such as half a line."""
    with contextlib.suppress(ValueError):
        text = json.loads(line)
        return text if isinstance(text, str) else ""
    return ""


def _rewrite(path: Path, texts: list[str]) -> None:
    with contextlib.suppress(OSError):
        fresh = path.with_suffix(".new")
        with open(fresh, "w", encoding="utf-8", opener=_private) as file:
            file.writelines(json.dumps(text) + "\n" for text in texts)
        fresh.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
