"""The redacted journal: bidiscope's own format, which opens as the same rows."""

from __future__ import annotations

from typing import BinaryIO

from tui.core.frame import Frame
from tui.core.journal import encode, encode_header
from tui.exporters.material import Material


def export(material: Material, out: BinaryIO) -> None:
    """Write the header and a line for each record."""
    out.write(encode_header(material.redactor.header(material.log.header)))
    for row, record in material.records():
        size = material.log.sizes[row] if isinstance(record, Frame) else 0
        out.write(encode(record, size))
