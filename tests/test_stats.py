"""`bidiscope stats` as people call it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.core.script import Script, conversation
from tui import cli
from tui.core import cost, fleet
from tui.outcome import Outcome


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    conversation(tmp_path / "one.jsonl")
    return tmp_path / "one.jsonl"


@pytest.fixture
def another(tmp_path: Path) -> Path:
    Script("unheard-of", path=tmp_path / "two.jsonl").connect()
    return tmp_path / "two.jsonl"


def run(*words: object) -> int:
    return cli.main(["stats", *map(str, words)])


def test_one_file_is_a_page(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(recording) == Outcome.OK
    page = capsys.readouterr().out
    for line in (
        f"session       {recording}",
        "turns         3, answered 3, interrupted 1 (33%), cut 0",
        "user spoke    2.00 s (server VAD)",
        f"cost          $0.0077 (estimate), prices of {cost.shipped().dated}",
        "measured from server VAD 1, local VAD 1, clientContent 1",
    ):
        assert line in page.splitlines()
    assert "end of input to first played sample" in page
    assert "nearest rank" in page


def test_json_has_a_row_a_session_and_its_turns(
    recording: Path, another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(recording, another, "--format", "json") == Outcome.OK
    one, two = json.loads(capsys.readouterr().out)
    assert (one["session"], one["turns"], one["sound_n"]) == (str(recording), 3, 2)
    assert [turn["anchor"] for turn in one["turn_rows"]] == [
        "server VAD",
        "local VAD",
        "clientContent",
    ]
    assert (two["turns"], two["sound_p50_s"], two["turn_rows"]) == (0, None, [])


def test_many_files_are_one_table(
    recording: Path, another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(recording, another) == Outcome.OK
    head, one, two, together = capsys.readouterr().out.splitlines()
    assert head.split()[0] == "session"
    assert one.startswith(str(recording)) and "$0.0077" in one
    assert two.startswith(str(another)) and "n/a" in two
    assert together.startswith("all 2") and "≥$0.0077" in together


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_a_table_fits_its_terminal(
    recording: Path,
    another: Path,
    width: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.stats._width", lambda: width)
    run(recording, another)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert "session" in lines[0] and "turns" in lines[0]
    assert ("talk" in lines[0]) is (width >= 140)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rubbish.jsonl").write_bytes(b"\x00\x01rubbish")
    assert run(tmp_path / "rubbish.jsonl", recording) == Outcome.FAILED
    said = capsys.readouterr()
    assert "rubbish.jsonl" in said.err
    assert str(recording) in said.out


def test_parquet_is_what_duckdb_reads_back(
    recording: Path, another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fleet.parquet"
    assert run(recording, another, "--parquet", out, "--format", "json") == Outcome.OK
    rows = json.loads(capsys.readouterr().out)
    with duckdb.connect() as database:
        sessions = rows_of(database, out)
        turns = rows_of(database, tmp_path / "fleet.turns.parquet")
        joined = database.execute(
            f"select s.model, count(*) from '{out}' s join '{tmp_path}/fleet.turns.parquet' t"
            " using (session) group by all"
        ).fetchall()
    assert joined == [("gemini-3.8-live", 3)]
    for row, session in zip(rows, sessions, strict=True):
        turn_rows = row.pop("turn_rows")
        row.pop("started"), session.pop("started")
        assert session == row
        mine = [turn for turn in turns if turn["session"] == row["session"]]
        assert mine == turn_rows
    assert out.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".bidiscope-*"))


def rows_of(database: duckdb.DuckDBPyConnection, path: Path) -> list[dict[str, Any]]:
    found = database.execute(f"select * from '{path}'")
    assert found.description is not None
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_schema_of_parquet_is_the_documented_one(
    another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fleet.parquet"
    assert run(another, "--parquet", out) == Outcome.OK
    names = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    for path, columns in ((out, fleet.SESSIONS), (tmp_path / "fleet.turns.parquet", fleet.TURNS)):
        with duckdb.connect() as database:
            described = database.execute(f"describe select * from '{path}'").fetchall()
        found = [(name, names.get(kind, kind)) for name, kind, *_ in described]
        assert found == [(column.name, column.type) for column in columns]


def test_without_the_extra_the_command_that_installs_it_is_said(
    recording: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert run(recording, "--parquet", tmp_path / "x.parquet") == Outcome.FAILED
    said = capsys.readouterr()
    assert "pip install 'bidiscope[parquet]'" in said.err
    assert said.out == ""


def test_a_place_that_cannot_be_written_to_is_named(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(recording, "--parquet", tmp_path / "nowhere" / "x.parquet") == Outcome.FAILED
    assert "nowhere" in capsys.readouterr().err


def test_own_prices_go_before_the_shipped_ones(
    another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = conversation(tmp_path / "own.jsonl", model="mine")
    assert script.session.turns
    own = tmp_path / "config" / "prices.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text("[models.mine]\ninput = {TEXT=1, AUDIO=1}\noutput = {AUDIO=1}")
    assert run(tmp_path / "own.jsonl") == Outcome.OK
    assert "$0.0034 (estimate)" in capsys.readouterr().out
    own.write_text("[models.mine")
    assert run(tmp_path / "own.jsonl") == Outcome.FAILED
    assert "prices.toml cannot be used" in capsys.readouterr().err


def test_the_columns_are_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--columns") == Outcome.OK
    said = capsys.readouterr().out
    names = [column.name for column in fleet.SESSIONS] + [column.name for column in fleet.TURNS]
    assert all(name in said for name in names)
