from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.json_diff import Change, changes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=2), below),
)


def signs(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(change.sign, change.path) for change in changes(before, after)]


def written(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, [("-", "a"), ("~", "b"), ("+", "c")]),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, [("~", "a.b[1].c")]),
        ({"a": {"b": 1}}, {"a": [1]}, [("~", "a")]),
        ({"a": True}, {"a": 1}, [("~", "a")]),
        ({"a": None}, {}, [("-", "a")]),
        ({"l": [1, 2, 3]}, {"l": [1, 9, 3]}, [("~", "l[1]")]),
        ({"l": [1, 2, 3]}, {"l": [1, 3]}, [("-", "l[1]")]),
        ({"l": [1, 3]}, {"l": [0, 1, 3]}, [("+", "l[0]")]),
        ({"l": [1, 2, 9]}, {"l": [1, 5, 6, 9]}, [("~", "l[1]"), ("+", "l[2]")]),
        ([], {}, [("~", "")]),
    ],
)
def test_what_is_added_removed_and_changed(
    before: Any, after: Any, expected: list[tuple[str, str]]
) -> None:
    assert signs(before, after) == expected


def test_a_change_has_both_values() -> None:
    assert list(changes({"a": 1}, {"a": "x"})) == [Change("~", "a", 1, "x")]


@given(JSON, JSON)
def test_nothing_differs_from_itself_and_every_difference_is_found(one: Any, other: Any) -> None:
    assert not signs(one, orjson.loads(orjson.dumps(one)))
    assert bool(signs(one, other)) == (
        orjson.dumps(one, option=32) != orjson.dumps(other, option=32)
    )


@given(JSON, JSON)
def test_the_other_way_round_the_signs_are_turned(one: Any, other: Any) -> None:
    turned = {"+": "-", "-": "+", "~": "~"}
    there = sorted((turned[sign], path) for sign, path in signs(one, other))
    assert there == sorted(signs(other, one))


def test_the_deepest_json_that_can_be_read_is_compared() -> None:
    deep = b'{"a":' * 1000 + b"%d" + b"}" * 1000
    found = list(changes(orjson.loads(deep % 1), orjson.loads(deep % 2)))
    assert [(change.before, change.after) for change in found] == [(1, 2)]
    lists = orjson.loads(b"[" * 1000 + b"]" * 1000)
    assert not signs(lists, lists)
    assert len(signs([lists], [lists, 1])) == 1
