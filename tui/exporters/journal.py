"""The redacted journal: bidiscope's own format, which opens as the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from tui.core.frame import Frame, Record
from tui.core.journal import encode, encode_header
from tui.exporters.material import Material


def export(material: Material, out: BinaryIO) -> None:
    """Write the header and a line for each record."""
    out.write(header(material))
    for _, _, line in lines(material):
        out.write(line)


def header(material: Material) -> bytes:
    """The first line."""
    return encode_header(material.redactor.header(material.log.header))


def lines(material: Material) -> Iterator[tuple[int, Record, bytes]]:
    """Each row's record as it may be shown, and its line."""
    for row, record in material.records():
        size = material.log.sizes[row] if isinstance(record, Frame) else 0
        yield row, record, encode(record, size)
