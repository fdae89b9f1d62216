"""The second look: an export that still holds a credential is not left behind."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from tui.core.journal import JournalError
from tui.core.leaks import Leaks
from tui.exporters.material import Report

PIECE_BYTES = 4 << 20
OVERLAP_BYTES = 4096
"""A longer line is looked at in pieces that share so much: no credential is longer."""


def verify(out: BinaryIO | Path, leaks: Leaks, report: Report) -> None:
    """Look through a file, each file of a zip or of a folder.

    Raises:
        JournalError: A credential is in it; the sentence says where, not which.
    """
    if isinstance(out, Path):
        for path in sorted(out.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    _verify_file(file, leaks, report, path.name)
        return
    out.seek(0)
    if not zipfile.is_zipfile(out):
        _verify_file(out, leaks, report, "")
        return
    with zipfile.ZipFile(out) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                _verify_file(file, leaks, report, member.filename, member.file_size)


def _verify_file(file: IO[bytes], leaks: Leaks, report: Report, name: str, size: int = 0) -> None:
    size = size or file.seek(0, os.SEEK_END)
    file.seek(0)
    done = 0
    for piece in _pieces(file):
        if found := leaks.find(piece):
            where = f" in {name}" if name else ""
            raise JournalError(
                f"Nothing was exported: {found} would have been left{where}. "
                "--redact text or all takes the words away that hide it."
            )
        done += len(piece)
        report("Checking", min(1.0, done / size))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Some lines at a time; of a long line, pieces that overlap."""
    rest = b""
    while block := file.read(PIECE_BYTES):
        whole = rest + block
        end = whole.rfind(b"\n") + 1
        if end:
            yield whole[:end]
            rest = whole[end:]
        else:
            yield whole
            rest = whole[-OVERLAP_BYTES:]
    if rest:
        yield rest
