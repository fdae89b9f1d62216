from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.frame import BINARY, TEXT, Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.query import parse
from tui.core.rows import Rows
from tui.core.search import Search
from tui.core.secrets import Mask
from tui.core.wire import Family

PCM = base64.b64encode(bytes(96)).decode()
BLOB = {"data": PCM, "mimeType": "audio/pcm"}
VOICE = {"modelTurn": {"parts": [{"inlineData": BLOB}]}}

MESSAGES: dict[str, tuple[Direction, dict[str, Any]]] = {
    "m": (Direction.SEND, {"realtime_input": {"audio": BLOB}}),
    "v": (Direction.RECEIVE, {"serverContent": VOICE}),
    "w": (Direction.RECEIVE, {"serverContent": VOICE | {"turnComplete": True}}),
    "t": (Direction.RECEIVE, {"serverContent": {"turnComplete": True}}),
    "o": (Direction.RECEIVE, {"serverContent": {"outputTranscription": {"text": "a"}}}),
    "u": (Direction.RECEIVE, {"usageMetadata": {"totalTokenCount": 7}}),
    "x": (Direction.RECEIVE, {"serverContent": VOICE | {"futureField": 1}}),
}
"""Microphone, voice, voice with the end of the turn, end of turn, transcription, usage, unknown."""


class Script:
    """A log written as letters, a record each, 10 ms apart; ``e`` is an event."""

    def __init__(self, letters: str = "") -> None:
        storage = MemoryStorage()
        self.log = SessionLog(storage.read)
        self._journal = Journal(storage, {}, Mask())
        self.add(letters)

    def add(self, letters: str) -> None:
        for letter in letters:
            now = {"time_s": 0.0, "mono_s": (len(self.log) + 1) / 100}
            if letter == "e":
                self.log.ingest(*self._journal.event("view", {}, **now))
                continue
            direction, message = MESSAGES[letter]
            opcode = TEXT if direction is Direction.SEND else BINARY
            payload = json.dumps(message).encode()
            self.log.ingest(*self._journal.frame(direction, opcode, payload, **now))


def shown(rows: Rows) -> list[tuple[int, int]]:
    """First record and count of each row."""
    return [(rows[row].first, rows[row].count) for row in range(len(rows))]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("", []),
        ("ttu", [(0, 1), (1, 1), (2, 1)]),
        ("vvv", [(0, 3)]),
        ("vvtv", [(0, 2), (2, 1), (3, 1)]),
        ("mmvmv", [(0, 3), (2, 2)]),
        ("mvemv", [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]),
        ("vvwv", [(0, 2), (2, 1), (3, 1)]),
        ("vovmovt", [(0, 3), (1, 2), (3, 1), (6, 1)]),
        ("oootoo", [(0, 3), (3, 1), (4, 2)]),
    ],
)
def test_runs_of_audio_fold_by_direction_until_something_else_is_shown(
    letters: str, expected: list[tuple[int, int]]
) -> None:
    assert shown(Rows(Script(letters).log)) == expected


def test_a_run_knows_its_last_record_and_all_its_bytes() -> None:
    log = Script("mvmv").log
    row = Rows(log)[0]
    assert (row.first, row.last, row.count) == (0, 2, 2)
    assert row.size == log.sizes[0] + log.sizes[2]


def test_a_run_is_unknown_when_one_of_its_frames_is() -> None:
    log = Script("vv").log
    assert not Rows(log)[0].unknown
    log.unknown[1] = 1
    assert Rows(log)[0].unknown


def test_what_the_sdk_does_not_know_is_marked() -> None:
    rows = Rows(Script("tx").log)
    assert [rows[0].unknown, rows[1].unknown] == [False, True]


@pytest.mark.parametrize(
    ("family", "records"),
    [
        (None, [0, 1, 2, 3, 4]),
        (Family.SERVER_CONTENT, [1, 4]),
        (Family.EVENTS, [3]),
        (Family.METADATA, [2]),
        (Family.CLIENT, [0]),
    ],
)
def test_a_family_shows_its_records_alone(family: Family | None, records: list[int]) -> None:
    rows = Rows(Script("mtuew").log)
    rows.show(family)
    assert [rows.record(row) for row in range(len(rows))] == records
    assert rows.shown == rows.count(family) == len(records)


def test_what_the_filter_hides_does_not_end_a_run() -> None:
    rows = Rows(Script("vuvmv").log)
    rows.show(Family.SERVER_CONTENT)
    assert shown(rows) == [(0, 3)]


def test_a_grown_run_is_reported_and_new_rows_follow_it() -> None:
    script = Script("tmv")
    rows = Rows(script.log)
    script.add("m")
    assert rows.extend() == {1}
    script.add("vmt")
    assert rows.extend() == {1, 2}
    assert shown(rows) == [(0, 1), (1, 3), (2, 2), (6, 1)]
    assert rows.extend() == set()


def test_new_records_that_are_hidden_change_no_row() -> None:
    script = Script("v")
    rows = Rows(script.log, Family.SERVER_CONTENT)
    script.add("mu")
    assert rows.extend() == set()
    assert rows.shown == 1
    assert rows.count(Family.CLIENT) == 1


def test_one_run_unfolds_into_its_frames_in_the_order_of_the_wire() -> None:
    rows = Rows(Script("tmvmvt").log)
    assert rows.fold(1, False)
    assert shown(rows) == [(0, 1), (1, 1), (2, 2), (3, 1), (5, 1)]
    assert rows.fold(2, False)
    assert shown(rows) == [(record, 1) for record in range(6)]


def test_any_frame_of_a_run_folds_it_again() -> None:
    rows = Rows(Script("tvvvt").log)
    rows.fold(1, False)
    assert rows.fold(3, True)
    assert shown(rows) == [(0, 1), (1, 3), (4, 1)]


def test_an_unfolded_run_goes_on_frame_by_frame() -> None:
    script = Script("tmv")
    rows = Rows(script.log)
    script.add("mv")
    rows.extend()
    rows.fold(1, False)
    script.add("mv")
    assert rows.extend() == {2}
    assert shown(rows) == [(0, 1), (1, 1), (2, 3), (3, 1), (5, 1)]


@pytest.mark.parametrize("row", [0, 1])
def test_what_is_no_run_of_several_neither_folds_nor_unfolds(row: int) -> None:
    rows = Rows(Script("tv").log)
    assert not rows.fold(row, False)
    assert not rows.fold(row, True)


def test_all_runs_unfold_and_those_to_come() -> None:
    script = Script("vvt")
    rows = Rows(script.log)
    rows.fold_all(False)
    script.add("mm")
    rows.extend()
    assert shown(rows) == [(record, 1) for record in range(5)]
    rows.fold_all(True)
    assert shown(rows) == [(0, 2), (2, 1), (3, 2)]


@pytest.mark.parametrize(("record", "row"), [(0, 0), (1, 1), (3, 1), (2, 2), (4, 2), (5, 3)])
def test_a_record_is_found_in_the_row_that_shows_it(record: int, row: int) -> None:
    assert Rows(Script("tmvmvt").log).row_of(record) == row


def test_a_hidden_record_is_found_at_the_row_before_it() -> None:
    rows = Rows(Script("uttu").log, Family.SERVER_CONTENT)
    assert [rows.row_of(record) for record in range(4)] == [0, 0, 1, 1]
    assert not rows.shows(3)


def test_without_rows_no_record_is_found() -> None:
    assert Rows(Script("").log).row_of(0) is None


def test_time_is_counted_from_the_beginning_of_the_row_before() -> None:
    rows = Rows(Script("tvvvt").log)
    assert rows.delta_s(0) is None
    assert rows.delta_s(1) == pytest.approx(0.01)
    assert rows.delta_s(2) == pytest.approx(0.03)


def test_only_what_matches_is_shown_and_folds_as_if_the_rest_were_not_there() -> None:
    log = Script("mvutmvmtv").log
    rows = Rows(log)
    rows.match(Search(log, parse("kind:audio")).run())
    assert shown(rows) == [(0, 3), (1, 3)]
    assert (rows.shown, rows.count(Family.CLIENT), len(log)) == (6, 3, 9)
    assert [rows.shows(record) for record in range(4)] == [True, True, False, False]
    rows.show(Family.CLIENT)
    assert shown(rows) == [(0, 3)]
    rows.fold(0, False)
    assert shown(rows) == [(0, 1), (4, 1), (6, 1)]
    rows.match(None)
    assert rows.shown == 3
    rows.show(None)
    assert len(rows) == 8


def test_rows_come_as_far_as_the_search_has_come() -> None:
    script = Script("tut")
    search = Search(script.log, parse("-kind:usageMetadata"))
    rows = Rows(script.log)
    rows.match(search)
    assert shown(rows) == []
    search.run()
    assert rows.extend() == set()
    assert shown(rows) == [(0, 1), (2, 1)]
    script.add("vv")
    rows.extend()
    assert len(rows) == 2
    search.run()
    rows.extend()
    assert shown(rows) == [(0, 1), (2, 1), (3, 2)]


def test_a_match_that_is_not_in_the_rows_yet_is_found_at_the_row_before() -> None:
    script = Script("tu")
    search, rows = Search(script.log, parse("")), Rows(script.log)
    rows.match(search.run())
    script.add("v")
    search.run()
    assert rows.row_of(2) == 1
    rows.extend()
    assert rows.row_of(2) == 2


def test_a_folded_run_has_the_hits_of_its_own_records_alone() -> None:
    log = Script("mvmvt").log
    rows = Rows(log)
    sent, last = Search(log, parse("dir:send")).run(), Search(log, parse("seq:4")).run()
    assert [rows.has_hit(row, sent) for row in range(3)] == [True, False, False]
    assert [rows.has_hit(row, last) for row in range(3)] == [False, True, False]


LETTERS = st.text("mvwtoue", max_size=12)
FAMILIES = st.sampled_from([None, *Family])
FOLDS = st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=4)


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=4), FAMILIES, FOLDS, st.booleans())
def test_rows_that_grew_are_the_rows_of_the_whole(
    batches: list[str], family: Family | None, folds: list[tuple[int, bool]], folding: bool
) -> None:
    script = Script()
    rows = Rows(script.log, family, folding=folding)
    for letters in batches:
        before = shown(rows)
        script.add(letters)
        grown = rows.extend()
        assert grown == {row for row, was in enumerate(before) if shown(rows)[row] != was}
    assert shown(rows) == shown(Rows(script.log, family, folding=folding))
    for row, folded in folds:
        if row < len(rows):
            rows.fold(row, folded)
    check_that_every_record_is_in_one_row(rows)


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=4), FAMILIES, st.sampled_from(["kind:audio", "-a", "size>40"]))
def test_filtered_rows_that_grew_are_the_filtered_rows_of_the_whole(
    batches: list[str], family: Family | None, query: str
) -> None:
    script = Script()
    rows, search = Rows(script.log, family), Search(script.log, parse(query))
    rows.match(search)
    for letters in batches:
        script.add(letters)
        search.run()
        before = shown(rows)
        grown = rows.extend()
        assert grown == {row for row, was in enumerate(before) if shown(rows)[row] != was}
    whole = Rows(script.log, family)
    whole.match(Search(script.log, parse(query)).run())
    assert shown(rows) == shown(whole)
    assert rows.shown == sum(rows[row].count for row in range(len(rows)))
    check_that_every_record_is_in_one_row(rows)


def check_that_every_record_is_in_one_row(rows: Rows) -> None:
    visible = [record for record in range(len(rows.log)) if rows.shows(record)]
    firsts = [rows.record(row) for row in range(len(rows))]
    assert firsts == sorted(set(firsts))
    assert sum(rows[row].count for row in range(len(rows))) == len(visible)
    for record in visible:
        found = rows.row_of(record)
        assert found is not None
        assert rows[found].first <= record <= rows[found].last
