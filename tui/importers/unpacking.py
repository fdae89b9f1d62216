"""gzip and Zstandard, unpacked to a file within bounds."""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui.core.journal import JournalError
from tui.importers.scratch import writing

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

BLOCK = 1 << 20
MAX_BYTES = 16 << 30
MAX_RATIO = 100
"""An hour of a muted microphone, the emptiest recording there is, packs to a fortieth."""
FREE_BYTES = 32 << 20
"""So much may come of anything: a short recording of one word may pack better."""

_MAGICS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""RFC 1952 and RFC 8878; their readers take members and frames that follow each other."""

_BROKEN = (zlib.error, zstd.ZstdError, gzip.BadGzipFile, EOFError)


def packing(head: bytes) -> str:
    """How a file that begins so is packed; empty when it is not."""
    return next((name for magic, name in _MAGICS.items() if head.startswith(magic)), "")


def first_unpacked(source: Path, size: int) -> bytes:
    """The first bytes of what is packed there; none when it cannot be unpacked."""
    try:
        with source.open("rb") as file, _reader(file) as reader:
            return reader.read(size)
    except (*_BROKEN, OSError):
        return b""


def unpack(source: Path, target: Path) -> str:
    """Unpack ``source``; returns what was wrong with its end, in words.

    Raises:
        JournalError: It unpacks to more than is believable, or to nothing.
    """
    unpacked = 0
    with source.open("rb") as file, _reader(file) as reader:
        with writing(target):
            out = target.open("xb")
            target.chmod(0o600)
        with out:
            try:
                while block := reader.read1(BLOCK):
                    unpacked += len(block)
                    _check(source, file.tell(), unpacked)
                    with writing(target):
                        out.write(block)
            except _BROKEN as error:
                if not unpacked:
                    raise JournalError(f"{source} cannot be unpacked: {error}.") from error
                return f"It is torn after {unpacked:,} unpacked bytes: {error}."
    return ""


def _reader(file: BinaryIO) -> gzip.GzipFile | zstd.ZstdFile:
    head = file.read(4)
    file.seek(0)
    return zstd.ZstdFile(file) if packing(head) == "zstd" else gzip.GzipFile(fileobj=file)


def _check(source: Path, packed: int, unpacked: int) -> None:
    if unpacked > MAX_BYTES or (unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed):
        raise JournalError(
            f"{source} unpacks to more than {MAX_RATIO} times its size, or than "
            f"{MAX_BYTES >> 30} GiB: if you trust it, unpack it yourself and open what comes out."
        )
