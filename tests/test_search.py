from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tui import cli, saved_filters
from tui.core.fields import FIELDS
from tui.core.frame import BINARY, Direction
from tui.core.journal import FileStorage, Journal, JournalError
from tui.core.lint.linter import Linter, lint
from tui.core.query import SYNTAX, parse
from tui.core.row_text import row_text
from tui.core.rows import Rows
from tui.core.search import Search
from tui.core.secrets import Mask
from tui.importers.opening import open_log

EVIL = "\x1b[31mred\u202e"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Six records: an event, four messages with words, one with what would act on a terminal."""
    storage = FileStorage(tmp_path / "one.jsonl")
    journal = Journal(storage, {}, Mask())
    journal.event("connection.opening", {"model": "m"}, time_s=0, mono_s=0.0)
    for number, words in enumerate(["one", "two", "three", "two again", EVIL], 1):
        payload = json.dumps({"serverContent": {"outputTranscription": {"text": words}}})
        journal.frame(
            Direction.RECEIVE, BINARY, payload.encode(), time_s=number, mono_s=number / 10
        )
    journal.close()
    return storage.path


def test_prints_the_rows_that_match(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "two", str(recording)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert " ".join(first.split()) == '3 00:00.200 +100 ms ▼ outputTranscription 59 B "two"'
    assert second.endswith('"two again"')


def test_ends_with_1_when_nothing_is_found(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "albatross", str(recording)]) == 1
    assert capsys.readouterr() == ("", "")


def test_names_the_files_where_there_are_several(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "--count", "two|three", str(recording), str(recording)]) == 0
    assert capsys.readouterr().out == f"{recording}:3\n" * 2


def test_a_query_may_begin_with_a_minus(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "--count", "-two", str(recording)]) == 0
    assert capsys.readouterr().out == "4\n"


def test_stops_after_so_many(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "dir:recv", str(recording), "--max", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_json_says_what_the_columns_say(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "three", str(recording), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["dt"] == pytest.approx(0.1)
    assert row | {"dt": 0.1} == {
        "file": str(recording),
        "seq": 4,
        "t": 0.3,
        "dt": 0.1,
        "dir": "recv",
        "kinds": ["serverContent.outputTranscription"],
        "size": 61,
        "turn": 1,
        "unknown": False,
        "gist": '"three"',
    }
    assert cli.main(["search", "three", str(recording), "--json", "--count"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(recording), "count": 1}


@pytest.mark.parametrize(
    "query",
    [
        *("two", "two dt>50ms", "two dt>1s", "-two", "two|three", "turn:1 two", "kind:invalid"),
        *("Z" * 20, "rubbish", "model", "re:/two$|a/"),
        "path:serverContent.outputTranscription.text~two",
    ],
)
def test_what_the_words_pass_over_could_not_match(
    recording: Path, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    """Without --json only lines with the words are read as records."""
    with recording.open("ab") as file:
        file.write(b"\nrubbish two\n\n")
        file.write(recording.read_bytes().splitlines()[4] + b"\n" + b'{"v":1,"seq":9')
    cli.main(["search", query, str(recording)])
    printed = capsys.readouterr().out.splitlines()
    log = open_log(recording)
    hits, rows = Search(log, parse(query)).run().hits, Rows(log, folding=False)
    deltas = [row_text(rows, row).delta for row in hits]
    log.close()
    assert len(printed) == len(deltas)
    assert all(f" {delta} " in line for delta, line in zip(deltas, printed, strict=True))


def test_a_mistake_is_pointed_at(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "日本 size>x", str(recording)]) == 2
    query, caret, sentence = capsys.readouterr().err.splitlines()
    assert (query, caret) == ("日本 size>x", " " * 10 + "^")
    assert sentence == "bidiscope: size needs a size such as 900, 64k or 1.5m."


def test_findings_are_looked_for_before_the_query_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    storage = FileStorage(recording := tmp_path / "two.jsonl")
    journal = Journal(storage, {}, Mask())
    payload = json.dumps({"toolResponse": {"functionResponses": [{"id": "x", "name": "f"}]}})
    for number, message in enumerate([b'{"setup": {}}', payload.encode(), b"no JSON"]):
        journal.frame(Direction.SEND, BINARY, message, time_s=number, mono_s=number)
    journal.close()
    assert cli.main(["search", "finding:*", str(recording), "--json"]) == 0
    found = [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()]
    log = open_log(recording)
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    rows = {row for finding in linter.findings for row in finding.rows}
    log.close()
    assert found == [row + 1 for row in sorted(rows)] != []


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "two", str(tmp_path / "none"), str(recording)]) == 2
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert "none" in said.err


def test_nothing_of_a_recording_acts_on_the_terminal(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "red", str(recording)]) == 0
    assert cli.main(["search", f"{EVIL} (", str(recording)]) == 2
    said = "".join(capsys.readouterr())
    assert "red" in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_the_help_has_every_field_and_sign(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["search", "-h"])
    assert ended.value.code == 0
    page = capsys.readouterr().out
    for usage in [field.usage for field in FIELDS] + [usage for usage, *_ in SYNTAX]:
        assert usage in page
    assert max(map(len, page.splitlines())) <= 100


# ---- saved filters


def test_a_filter_is_saved_for_its_owner_alone_and_found_again(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = 'two "a\\"b" \x7f\u2028 é -kind:audio'
    saved_filters.save("odd", query)
    saved_filters.save("again", "two again")
    assert saved_filters.load().queries == {"odd": query, "again": "two again"}
    assert stat.S_IMODE(saved_filters.place().stat().st_mode) == 0o600 or os.name != "posix"
    assert cli.main(["search", "--count", "@again", str(recording)]) == 0
    assert capsys.readouterr().out == "1\n"
    assert saved_filters.save("odd", "").queries == {"again": "two again"}
    assert [each.name for each in saved_filters.place().parent.iterdir()] == ["filters.toml"]


@pytest.mark.parametrize("name", ["", "a b", "../x", "é", "a" * 41])
def test_a_name_is_letters_and_digits(name: str) -> None:
    with pytest.raises(JournalError, match="is no name"):
        saved_filters.save(name, "x")


@pytest.mark.parametrize(
    ("text", "said", "kept"),
    [
        (b"filters = [", "no TOML", {}),
        (b"filters = 3", "no TOML", {}),
        (b"\xff", "no TOML", {}),
        (b"[filters]\na = 3\nb = 'x'", "a is no name", {"b": "x"}),
        (b"#" * (saved_filters.LARGEST_BYTES + 1), "too large", {}),
    ],
)
def test_a_bad_file_is_a_sentence_and_is_not_overwritten(
    recording: Path, capsys: pytest.CaptureFixture[str], text: bytes, said: str, kept: object
) -> None:
    path = saved_filters.place()
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    loaded = saved_filters.load()
    assert said in loaded.problem
    assert loaded.queries == kept
    with pytest.raises(JournalError, match="Mend or remove it"):
        saved_filters.save("x", "y")
    assert path.read_bytes() == text
    assert cli.main(["search", "--count", "two", str(recording)]) == 0
    assert said in capsys.readouterr().err
