"""All formats: what they leave out, what they refuse, what they cost."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.exporters.sessions import KEY, SECRETS, exported, log_of, material_of, secret_session
from tests.media.films import RED, jpeg
from tests.rehearsal import Rehearsal, conversation
from tui.core.frame import Direction
from tui.core.journal import FileStorage, Journal, JournalError
from tui.core.leaks import Leaks
from tui.core.log import SessionLog
from tui.core.redaction import Level
from tui.core.secrets import Mask
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import gather
from tui.exporters.verification import PIECE_BYTES, verify
from tui.importers.opening import open_log

WORDS = [name for name, form in FORMATS.items() if not form.media]


class Nothing(Mask):
    """Another program's recorder, which masks nothing."""

    def payload(self, payload: bytes) -> bytes:
        return payload


Opening = Callable[[Path], SessionLog]


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Opens logs, and closes them in the end."""
    with ExitStack() as stack:

        def opening(path: Path) -> SessionLog:
            log = open_log(path)
            stack.callback(log.close)
            return log

        yield opening


def theirs(folder: Path, *payloads: str) -> Path:
    """A recording of such a program."""
    path = folder / "theirs.jsonl"
    journal = Journal(storage := FileStorage(path), {"tool": "x"}, Nothing())
    for number, payload in enumerate(payloads):
        way = Direction.SEND if "setup" in payload or "client" in payload else Direction.RECEIVE
        journal.frame(way, 2, payload.encode(), time_s=number, mono_s=number)
    storage.close()
    return path


def contents(out: Path) -> Iterator[bytes]:
    """All that was written, packed or not."""
    paths = [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out]
    for path in paths:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from map(archive.read, archive.namelist())
        else:
            yield path.read_bytes()


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("form", WORDS)
def test_no_format_leaves_a_credential(
    tmp_path: Path, opened: Opening, form: str, level: Level
) -> None:
    path = theirs(
        tmp_path,
        json.dumps({"setup": {"model": "m", "sessionResumption": {"handle": SECRETS[1]}}}),
        json.dumps({"setupComplete": {}}),
        json.dumps({"clientContent": {"turns": [{"parts": [{"text": " ".join(SECRETS)}]}]}}),
        json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": f"it is {KEY[:20]}"}]}}}),
        json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": f"{KEY[20:]}. Ok"}]}}}),
        json.dumps({"sessionResumptionUpdate": {"newHandle": SECRETS[1], "resumable": True}}),
        f'{{"torn": "{KEY}", "newHandle": "{SECRETS[1]}',
    )
    material = gather(opened(path), level)
    out = tmp_path / "out"
    write(material, FORMATS[form], out)
    for data in contents(out):
        assert not any(secret.encode() in data for secret in SECRETS)
        assert not Leaks(SECRETS).find(data)


def test_a_credential_that_only_the_second_look_finds_leaves_no_file(
    tmp_path: Path, opened: Opening
) -> None:
    """`AIza…` after a letter is not masked: in base64 it would be chance."""
    said = {"serverContent": {"inputTranscription": {"text": f"x{KEY}"}}}
    log = opened(theirs(tmp_path, json.dumps(said)))
    for form in ("har", "har-text", "csv", "jsonl", "journal", "bundle", "md"):
        with pytest.raises(JournalError, match="Nothing was exported: an API key") as refused:
            write(gather(log), FORMATS[form], tmp_path / "out")
        assert KEY not in str(refused.value)
        assert [path.name for path in tmp_path.iterdir()] == ["theirs.jsonl"]
    write(gather(log, Level.TEXT), FORMATS["har"], tmp_path / "out")


def test_the_environments_own_key_is_looked_for_as_well(tmp_path: Path, opened: Opening) -> None:
    own = "no-shape-at-all-42"
    path = theirs(tmp_path, json.dumps({"serverContent": {"inputTranscription": {"text": own}}}))
    write(gather(opened(path), known=[own]), FORMATS["csv"], tmp_path / "out")
    assert own not in (tmp_path / "out").read_text()


def test_a_credential_across_two_pieces_is_found(tmp_path: Path) -> None:
    for before in (PIECE_BYTES - 10, PIECE_BYTES - 39, PIECE_BYTES):
        file = io.BytesIO(b" " * before + KEY.encode() + b" " * 50)
        with pytest.raises(JournalError):
            verify(file, Leaks(), lambda step, share: None)


def test_pictures_are_the_bytes_that_were_sent(tmp_path: Path) -> None:
    play, picture = Rehearsal(), jpeg(RED)
    data = base64.b64encode(picture).decode()
    blob = {"mimeType": "image/jpeg", "data": data}
    play.send(realtime_input={"video": {"mime_type": "image/../../x", "data": data}})
    parts = [
        {"inlineData": blob},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
    ]
    play.send(client_content={"turns": [{"parts": parts}]})
    play.receive(serverContent={"modelTurn": {"parts": [{"inlineData": blob}]}})
    play.send(realtime_input={"video": {"mime_type": "image/jpeg", "data": "####"}})
    material = material_of(play)
    write(material, FORMATS["frames"], tmp_path / "frames")
    found = {path.name: path.read_bytes() for path in (tmp_path / "frames").iterdir()}
    assert {name for name, data in found.items() if data == picture} == {
        *("000001.jpg", "000002.jpg", "000003.jpg")
    }
    assert found["000002-2.png"] == b"\x89PNG\r\n\x1a\n"
    assert len(found) == 4
    assert material.notes == ["1 pictures are not base64: left out."]


def test_the_bundle_has_all_that_somebody_else_needs(tmp_path: Path, opened: Opening) -> None:
    play = conversation()
    play.event(
        "connection.closed",
        code=1011,
        reason="Internal error encountered.",
        by="server",
        message="m",
    )
    with zipfile.ZipFile(io.BytesIO(exported(play, "bundle"))) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert names == [
        *("journal.jsonl", "findings.json", "versions.json", "repeat/repeat.py", "README.md")
    ]
    log = opened(tmp_path / "journal.jsonl")
    assert len(log) == len(log_of(conversation())) + 1
    rules = {each["rule"]: each for each in json.loads((tmp_path / "findings.json").read_text())}
    assert rules["close"]["messages"][-1] == log.seqs[-1]
    assert json.loads((tmp_path / "versions.json").read_text())["bundled_by"]["google-genai"]
    page = (tmp_path / "README.md").read_text()
    assert "The server closed the connection with 1011" in page
    assert "Removed: 1 times a credential." in page


def test_a_har_is_imported_as_the_session_that_it_was(tmp_path: Path, opened: Opening) -> None:
    """Through the importer, which knows HAR only as Chrome writes it."""
    play = conversation()
    before = log_of(play)
    write(gather(before), FORMATS["har"], tmp_path / "a.har")
    log = opened(tmp_path / "a.har")

    def frames(log: SessionLog) -> list[bytes]:
        rows = (row for row in range(len(log)) if log.directions[row] != ord("e"))
        return [log.record(row).payload for row in rows]  # type: ignore[union-attr]

    sent, back = frames(before), frames(log)
    differing = [(one, other) for one, other in zip(sent, back, strict=True) if one != other]
    assert len(differing) == 1 and b"newHandle" in differing[0][0], "the handle is masked"


def test_an_export_takes_no_more_memory_for_a_longer_session(tmp_path: Path) -> None:
    """40 MB of sound and pictures; each format in a process of its own."""
    blob = {"mimeType": "audio/pcm;rate=24000", "data": "AAAA" * 2560}
    audio = json.dumps({"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}})
    setup = json.dumps({"setup": {"model": "m"}})
    path = theirs(tmp_path, setup, '{"setupComplete":{}}', *[audio] * 4000)
    program = """
import resource, sys
from pathlib import Path
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import gather
from tui.importers.opening import open_log
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
import numpy, soxr
log = open_log(Path(sys.argv[1]))
before = peak_mb()
for name in ("har", "wav", "turns", "csv", "jsonl", "journal", "script", "bundle"):
    write(gather(log), FORMATS[name], Path(sys.argv[2]) / name)
print(peak_mb() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 45


def test_secret_sessions_are_what_they_are_called() -> None:
    assert b"***" in exported(secret_session(), "journal")
