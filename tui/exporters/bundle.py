"""The bug bundle: all that somebody else needs to see what happened, in one zip."""

from __future__ import annotations

import platform
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import orjson

from tui.core.frame import Event
from tui.core.journal import JournalError
from tui.exporters import journal, script
from tui.exporters.markdown import clock, escape
from tui.exporters.material import Material

_PACKAGES = ("bidiscope", "google-genai", "websockets", "textual", "sounddevice", "numpy")


def export(material: Material, out: BinaryIO) -> None:
    """Write the zip; its README comes last, when it is known what there is to tell."""
    endings: list[Event] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with _member(archive, "journal.jsonl") as file:
            file.write(journal.header(material))
            for _, record, line in journal.lines(material):
                file.write(line)
                if isinstance(record, Event) and record.name == "connection.closed":
                    endings.append(record)
        _write(archive, "versions.json", _json(_versions(material)))
        repeats = _write_script(archive, material)
        _write(archive, "README.md", "\n".join(_readme(material, endings, repeats)).encode())


def _write_script(archive: zipfile.ZipFile, material: Material) -> bool:
    """Add the script that repeats the session; False where there is no setup to begin with."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        try:
            script.export(material.again(), place)
        except JournalError:
            return False
        for path in sorted(place.rglob("*")):
            if path.is_file():
                with (
                    path.open("rb") as file,
                    _member(archive, f"repeat/{path.relative_to(place).as_posix()}") as member,
                ):
                    while block := file.read(1 << 20):
                        member.write(block)
    return True


def _versions(material: Material) -> dict[str, Any]:
    """What recorded the session, and what made this bundle."""
    return {
        "recorded_by": material.redactor.header(material.log.header),
        "bundled_by": {name: _version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _readme(material: Material, endings: list[Event], repeats: bool) -> Iterator[str]:
    name = material.redactor.name
    yield "# A Gemini Live session, bundled by bidiscope"
    yield ""
    session = material.session
    length = clock(session.now_s - material.start_s)
    yield f"{material.rows:,} records, {len(session.turns):,} turns, {length}."
    yield f"Redacted: {material.redactor.level.value}. {material.redactor.removed}"
    yield ""
    if session.connection is not None:
        model, place = session.connection.model, session.connection.host
        yield f"The last connection: {escape(name(model))} at {escape(name(place))}."
        yield ""
    yield "## How it ended"
    yield ""
    for ending in endings:
        yield f"- {clock(ending.mono_s - material.start_s)} {_ending(ending.detail)}"
    if not endings:
        yield "No connection's end is in the journal."
    yield ""
    yield "## What is here"
    yield ""
    yield "- `journal.jsonl`: every message and event; `bidiscope open journal.jsonl` shows it"
    yield "- `versions.json`: what recorded it, and what made this"
    if repeats:
        yield "- `repeat/`: a program that sends the same again: `python repeat/repeat.py --help`"
    else:
        yield "- no program that repeats it: there is no setup in the recording"
    yield ""


def _ending(detail: Mapping[str, Any]) -> str:
    said = str(detail.get("message", "")) or f"closed by {detail.get('by', 'nobody knows whom')}"
    return escape(f"{said} (code {detail.get('code')})")


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return archive.open(info, "w", force_zip64=True)


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    with _member(archive, name) as file:
        file.write(data)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)
