"""The pictures of a session as files, byte for byte, each named by its message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui.core import media
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.exporters.destination import create
from tui.exporters.material import Material

_SUFFIXES = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG\r\n", ".png"), (b"GIF8", ".gif"))
"""By the first bytes: what a mime type says may not be so."""


def export(material: Material, out: Path) -> None:
    """Write ``000123.jpg`` for message 123; another picture of the same is ``000123-2.jpg``."""
    found = unread = 0
    rows = (row for row in range(material.rows) if _may_hold_pictures(material, row))
    for row in material.told(rows, "Writing"):
        record = material.log.record(row)
        if not isinstance(record, Frame):
            continue
        for number, blob in enumerate(pictures(record), 1):
            try:
                data = media.data_bytes(blob)
            except ValueError:
                unread += 1
                continue
            with create(out / name(record.seq, number, data)) as file:
                file.write(data)
            found += 1
    if unread:
        material.notes.append(f"{unread:,} pictures are not base64: left out.")
    if not found:
        raise JournalError("There are no pictures in this session: nothing was exported.")


def pictures(frame: Frame) -> Iterator[dict[str, Any]]:
    """The Blobs of a message that say they are images, wherever they stand."""
    for fact in frame.facts:
        yield from filter(_is_image, blobs(fact.value))


def name(seq: int, number: int, data: bytes) -> str:
    """A file's name after the message's number and the kind of its bytes."""
    suffix = next((suffix for magic, suffix in _SUFFIXES if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        suffix = ".webp"
    copy = f"-{number}" if number > 1 else ""
    return f"{seq:06}{copy}{suffix or '.bin'}"


_SILENT = frozenset(
    {
        "realtimeInput.audio",
        "serverContent.modelTurn.audio",
        "serverContent.modelTurn.text",
        "serverContent.outputTranscription",
        "serverContent.inputTranscription",
    }
)


def _may_hold_pictures(material: Material, row: int) -> bool:
    log = material.log
    return log.directions[row] != ord("e") and not _SILENT.issuperset(log.kinds(row))


_DEEPEST = 16


def blobs(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """All media in a message or a part of it: what has a mime type and data."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from blobs(item, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("data"), str) and ("mimeType" in value or "mime_type" in value):
            yield value
        else:
            for item in value.values():
                yield from blobs(item, depth + 1)


def _is_image(blob: dict[str, Any]) -> bool:
    return str(blob.get("mimeType", blob.get("mime_type", ""))).lower().startswith("image/")
