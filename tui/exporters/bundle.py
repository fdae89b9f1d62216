"""The bug bundle: all that somebody else needs to see what happened, in one zip."""

from __future__ import annotations

import platform
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import orjson

from tui.core.closing import explain
from tui.core.journal import JournalError
from tui.core.lint import words
from tui.core.lint.finding import Findings
from tui.core.lint.linter import Linter
from tui.exporters import journal, script
from tui.exporters.markdown import clock, escape
from tui.exporters.material import Material

_PACKAGES = ("bidiscope", "google-genai", "websockets", "textual", "sounddevice", "numpy")


def export(material: Material, out: BinaryIO) -> None:
    """Write the zip; its README comes last, when it is known what there is to tell."""
    linter = Linter(timed=material.log.header.get("timed") is not False)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with _member(archive, "journal.jsonl") as file:
            file.write(journal.header(material))
            for row, record, line in journal.lines(material):
                file.write(line)
                linter.take(record, row)
        findings = linter.findings
        _write(archive, "findings.json", _json(_findings(material, findings)))
        _write(archive, "versions.json", _json(_versions(material)))
        repeats = _write_script(archive, material)
        _write(archive, "README.md", "\n".join(_readme(material, findings, repeats)).encode())


def _findings(material: Material, findings: Findings) -> list[dict[str, Any]]:
    """What is wrong with the session, the gravest first; seen in what is left of it."""
    return [
        {
            "rule": finding.rule.id,
            "severity": finding.severity.word,
            "sentence": material.redactor.name(finding.sentence),
            "advice": finding.rule.advice,
            "source": finding.rule.source,
            "turn": finding.turn,
            "time_s": finding.time_s,
            "count": finding.count,
            "messages": [material.log.seqs[row] for row in finding.rows],
        }
        for finding in findings.by_severity()
    ]


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


def _readme(material: Material, findings: Findings, repeats: bool) -> Iterator[str]:
    session, name = material.session, material.redactor.name
    length = clock(session.now_s - material.start_s)
    yield "# A Gemini Live session, bundled by bidiscope"
    yield ""
    yield f"{material.rows:,} records, {len(session.turns):,} turns, {length}."
    yield f"Redacted: {material.redactor.level.value}. {material.redactor.removed}"
    yield ""
    if session.connection is not None:
        model, place = session.connection.model, session.connection.host
        yield f"The last connection: {escape(name(model))} at {escape(name(place))}."
        yield ""
    yield "## How it ended"
    yield ""
    yield from _endings(material, findings)
    yield "## What is here"
    yield ""
    yield "- `journal.jsonl`: every message and event; `bidiscope open journal.jsonl` shows it"
    yield f"- `findings.json`: {words.counts(findings) or 'nothing was found to be wrong'}"
    yield "- `versions.json`: what recorded it, and what made this"
    if repeats:
        yield "- `repeat/`: a program that sends the same again: `python repeat/repeat.py --help`"
    else:
        yield "- no program that repeats it: there is no setup in the recording"
    yield ""


def _endings(material: Material, findings: Findings) -> Iterator[str]:
    """Why each connection was closed, as far as a recording can tell."""
    name = material.redactor.name
    closes = material.of_kind("connection.closed")
    for row in closes:
        why = explain(material.log, row, findings)
        at_s = material.log.mono_s[row] - material.start_s
        yield f"- {clock(at_s)} {escape(name(why.sentence))}"
        for text in filter(None, (why.means, *(cause.says for cause in why.causes), *why.tries)):
            yield f"  - {escape(name(text))}"
    if not closes:
        yield "No connection's end is in the journal."
    yield ""


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return archive.open(info, "w", force_zip64=True)


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    with _member(archive, name) as file:
        file.write(data)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)
