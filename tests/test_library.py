"""`bidiscope sessions`, and what is known of recordings without opening them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.core.test_broken_recordings import Written
from tests.importers.recordings import DONE, SAID, SETUP, START_S, elements, entry, har, lines
from tests.screens.test_sessions import record
from tui import cli, library
from tui.core.recordings import COLUMNS, Facts, Listing, cell
from tui.outcome import Outcome
from tui.sessions import Study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    record(folder, "a.jsonl", START_S, "gemini-3.8-live", 3, code=1000, by="client")
    record(folder, "b.jsonl", START_S + 60, "m\x1b[2J", 1, code=1011, by="server", reason="x")
    (folder / "c.har").write_bytes(har(entry(elements(START_S - 60))))
    (folder / "d.log").write_bytes(lines(SETUP, SAID, DONE))
    (folder / "notes.jsonl").write_text('{"a": 1}\n')
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    for name in ("c.har", "d.log"):
        os.utime(folder / name, (START_S, START_S))
    return folder


def said(listing: Listing) -> dict[str, str]:
    return {name: cell(name, listing) for name in COLUMNS}


def sessions(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["sessions", *words]) == Outcome.OK
    return capsys.readouterr().out


def test_head_and_tail_say_much_at_once(folder: Path) -> None:
    listings = {listing.path.name: listing for listing in library.scan(folder)}
    assert sorted(listings) == ["a.jsonl", "b.jsonl", "c.har", "d.log"]
    a = said(listings["a.jsonl"])
    assert (a["model"], a["length"], a["end"]) == ("gemini-3.8-live", "1:05", "1000 client")
    assert (a["turns"], a["findings"]) == ("…", "…")
    assert said(listings["c.har"])["date"] == "n/a"


def test_what_does_not_change_is_not_looked_at_again(folder: Path) -> None:
    known = {listing.path: listing for listing in library.scan(folder)}
    again = {listing.path: listing for listing in library.scan(folder, known)}
    assert all(again[path].facts is listing.facts for path, listing in known.items())
    with (folder / "a.jsonl").open("ab") as file:
        file.write(b"\n")
    again = {listing.path: listing for listing in library.scan(folder, known)}
    assert again[folder / "a.jsonl"].facts is not known[folder / "a.jsonl"].facts


def test_a_recording_that_is_written_is_live_until_it_ends(tmp_path: Path) -> None:
    written = Written(tmp_path / "a.jsonl")
    written.frames(1)
    (listing,) = library.scan(tmp_path)
    assert listing.live and cell("end", listing) == "live"
    written.journal.event("connection.closed", {"code": 1000, "by": "client"}, time_s=9, mono_s=9)
    (listing,) = library.scan(tmp_path)
    assert not listing.live and cell("end", listing) == "1000 client"
    written.storage.close()


def test_the_command_lists_all_that_was_found(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {
        Path(row["file"]).name: row for row in json.loads(sessions(capsys, str(folder), "--json"))
    }
    assert {name: row["turns"] for name, row in rows.items()} == {
        "a.jsonl": 3, "b.jsonl": 1, "c.har": 1, "d.log": 1,
    }  # fmt: skip
    assert rows["a.jsonl"]["messages"] == 6
    assert rows["b.jsonl"]["findings"]["error"] >= 1
    assert rows["c.har"]["started_s"] == START_S - 60
    assert rows["d.log"]["length_s"] is None
    table = sessions(capsys, str(folder), "--sort", "turns")
    assert [line.split()[-1] for line in table.splitlines()][:2] == ["File", "a.jsonl"]
    assert "\x1b" not in table
    assert len(sessions(capsys, str(folder), "--find", "1011 SERVER").splitlines()) == 2


def test_what_was_found_is_remembered_until_the_file_changes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions(capsys, str(folder))
    memory = Path(os.environ["BIDISCOPE_DATA"], "sessions.json")
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600
    studied: list[str] = []
    study = library.study

    def noted(path: Path) -> Facts:
        studied.append(path.name)
        return study(path)

    monkeypatch.setattr(library, "study", noted)
    sessions(capsys, str(folder))
    assert not studied
    with (folder / "a.jsonl").open("ab") as file:
        file.write(b"\n")
    sessions(capsys, str(folder))
    assert studied == ["a.jsonl"]
    memory.write_bytes(b'{"version": [], "facts": 7}')
    sessions(capsys, str(folder))
    assert len(studied) == 5


def test_a_folder_that_is_not_there_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["sessions", str(tmp_path / "none")]) == Outcome.FAILED
    assert "Cannot list" in capsys.readouterr().err
    assert cli.main(["sessions"]) == Outcome.OK
    assert "No recordings in" in capsys.readouterr().err


def test_another_process_studies(folder: Path) -> None:
    listings = library.scan(folder)
    study = Study(listings)
    found = {listing.path.name: listing.facts.turns for listing in study}
    study.stop()
    assert found == {"a.jsonl": 3, "b.jsonl": 1, "c.har": 1, "d.log": 1}


def test_a_study_that_is_given_up_ends(folder: Path) -> None:
    study = Study(library.scan(folder))
    study.stop()
    assert len(list(study)) <= 1
